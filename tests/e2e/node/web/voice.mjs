// A voice message: recorded, sent, heard by the other one, there again later. A note to oneself.

import {until} from './until.mjs';

const player = person => person.messages.locator('.audio-player');

async function listen(person) {
  await player(person).locator('a:has-text("play_circle")').click();
  const timer = player(person).locator('.timer');
  await until(async () => /^0:0[1-9]/.test(await timer.innerText()), `${person.name} hears it`);
}

export default async function (stage) {
  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('Listen:');
  await robert.open('Alice Adams');
  await alice.page.click('#send-message-panel >> text=mic');
  await alice.page.locator('#send-message-panel .duration:text-is("0:02")').waitFor();
  await alice.shot('recording');
  await alice.page.click('#send-message-panel >> text=send');
  await player(alice).waitFor();
  await listen(robert);
  await robert.shot('heard');
  await robert.comeBack('Robert Brown');
  await robert.open('Alice Adams');
  await listen(robert);

  await alice.page.click('#side-caption-panel >> text="chat"');
  await alice.open('Saved messages');
  await alice.say('Call the dentist');
  await alice.comeBack('Alice Adams');
  await alice.open('Saved messages');
  await alice.sees('Call the dentist');
  await alice.shot('note');
}
