// What can be done to a message: reply, edit, forward, pin, delete for oneself and for all.

export default async function (stage) {
  const alice = await stage.person('alice');
  const robert = await stage.person('robert');
  await alice.register('Alice Adams');
  await robert.register('Robert Brown');
  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('Tea or cofee?');
  await robert.open('Alice Adams');
  await robert.say('Tea');

  await alice.messageMenu('Tea or', 'Edit');
  await alice.input.fill('Tea or coffee?');
  await alice.input.press('Enter');
  await robert.sees('Tea or coffee?');
  await robert.message('Tea or coffee?').locator('.timestamp', {hasText: 'edited'}).waitFor();
  await robert.lacks('cofee');

  await robert.messageMenu('Tea or coffee?', 'Reply');
  await robert.say('With milk');
  await alice.message('With milk').locator('.reply-quote', {hasText: 'Tea or coffee?'}).waitFor();
  await alice.shot('replied');

  await alice.makeGroup('Kitchen');
  await alice.say('Orders:');
  await alice.open('Robert Brown');
  await alice.messageMenu('With milk', 'Forward');
  await alice.page.click('.forward-dialog li:has-text("Kitchen")');
  await alice.isAt('Kitchen');
  await alice.page.click('#send-message-panel >> text=send');
  await alice.sees('With milk');
  await alice.shot('forwarded');

  await alice.messageMenu('Orders:', 'Pin');
  await alice.page.locator('#pinned-wrapper', {hasText: 'Orders:'}).waitFor();
  await alice.open('Robert Brown');
  await alice.open('Kitchen');
  await alice.page.locator('#pinned-wrapper', {hasText: 'Orders:'}).waitFor();
  await alice.shot('pinned');
  await alice.messageMenu('Orders:', 'Unpin');
  await alice.page.locator('#pinned-wrapper').waitFor({state: 'detached'});

  await alice.open('Robert Brown');
  await alice.say('a slip of the tongue');
  await robert.sees('a slip of the tongue');
  await alice.messageMenu('a slip', 'Delete for All');
  await alice.lacks('a slip');
  await robert.lacks('a slip');
  await robert.messageMenu('With milk', 'Delete');
  await robert.lacks('With milk');
  await alice.say('still here');
  await alice.sees('With milk');
  await robert.sees('still here');
  await robert.shot('deleted');

  await alice.chatMenu('Clear for All');
  await alice.confirm();
  await alice.lacks('still here');
  await robert.lacks('still here');
  await robert.shot('cleared');
}
