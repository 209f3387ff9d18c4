// Somebody is reported: blocked at once, and an administrator reads who it was.

import {until} from './until.mjs';

export default async function (stage) {
  process.env.CHINWAG_HOST = new URL(stage.address).host;
  const {connect, open} = await import('../sdk/people.mjs');
  const staff = await connect();
  await staff.loginBasic('staff', 'staff secret');
  const desk = await open(staff, 'sys'); // the stock web client does not open it

  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  await robert.find('basic:alice', 'Alice Adams');
  await robert.say('Buy cheap watches');
  await alice.open('Robert Brown');
  await alice.sees('Buy cheap watches');
  await alice.chatMenu('Info');
  await alice.page.click('#info-view .flat-button:has-text("Security")');
  await alice.page.click('#info-view .flat-button:has-text("Report")');
  await alice.confirm();
  await alice.contact('Robert Brown').waitFor({state: 'detached'});
  await robert.say('Last chance');
  await robert.seesTick('Last chance', 'sent');
  await alice.comeBack('Alice Adams');
  await alice.settings('Security');
  await alice.page.click('#sidepanel >> text=/Blocked contacts/');
  await alice.contact('Robert Brown').waitFor();
  await alice.shot('blocked');

  await until(async () => desk.latestMessage(), 'the report arrives');
  const {data} = desk.latestMessage().content.ent[0];
  await robert.settings();
  const id = await robert.page.locator('#sidepanel tt').first().innerText();
  if (data.val.action !== 'report' || data.val.target !== id) {
    throw new Error(`reported was ${JSON.stringify(data)}, not ${id}`);
  }
  staff.disconnect();
}
