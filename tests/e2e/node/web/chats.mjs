// What can be done to a chat: count what is unread, mute, pin, archive, block, delete.

export default async function (stage) {
  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  await alice.makeGroup('Choir');
  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('one');
  await robert.seesUnread('Alice Adams', 1);
  await alice.say('two');
  await alice.say('three');
  await robert.seesUnread('Alice Adams', 3);
  await robert.comeBack('Robert Brown');
  await robert.seesUnread('Alice Adams', 3);
  await robert.shot('unread');
  await robert.open('Alice Adams');
  await robert.seesRead('Alice Adams');

  await alice.contactMenu('Robert Brown', 'Mute');
  await alice.seesBadge('Robert Brown', 'notifications_off');
  await robert.say('do you hear me?');
  await alice.sees('do you hear me?');
  await alice.contactMenu('Choir', 'Pin');
  await alice.seesOrder('Choir', 'Robert Brown');
  await alice.comeBack('Alice Adams');
  await alice.seesBadge('Robert Brown', 'notifications_off');
  await alice.seesOrder('Choir', 'Robert Brown');
  await alice.shot('muted');
  await alice.contactMenu('Robert Brown', 'Unmute');
  await alice.contact('Robert Brown').locator('.as-badge').waitFor({state: 'detached'});
  await alice.contactMenu('Choir', 'Unpin');
  await alice.seesOrder('Robert Brown', 'Choir');

  await alice.contactMenu('Choir', 'Archive');
  await alice.contact('Choir').waitFor({state: 'detached'});
  await alice.comeBack('Alice Adams');
  await alice.page.click('text=/Archived contacts .1/');
  await alice.shot('archived');
  await alice.open('Choir');
  await alice.say('tune in');
  await alice.contact('Choir').waitFor();

  // Who is blocked learns nothing of it, and is not heard.
  await alice.contactMenu('Robert Brown', 'Block');
  await alice.confirm();
  await alice.contact('Robert Brown').waitFor({state: 'detached'});
  await robert.say('hello?');
  await robert.seesTick('hello?', 'sent');
  await robert.shot('unheard');
  await alice.comeBack('Alice Adams');
  await alice.seesOrder('Choir');
  await alice.settings('Security');
  await alice.page.click('#sidepanel >> text=/Blocked contacts/');
  await alice.contactMenu('Robert Brown', 'Unblock');
  await alice.back();
  await alice.open('Robert Brown');
  await alice.sees('hello?');
  await alice.say('sorry');
  await robert.sees('sorry');

  await alice.contactMenu('Choir', 'Delete');
  await alice.confirm();
  await alice.contact('Choir').waitFor({state: 'detached'});
  await alice.comeBack('Alice Adams');
  await alice.seesOrder('Robert Brown');
  await alice.shot('deleted');
}
