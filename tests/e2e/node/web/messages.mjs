// What can be done to a message: reply, edit, forward, pin, delete for oneself and for all.

export default async function (stage) {
  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('Tea or cofee?');
  await robert.open('Alice Adams');
  await robert.say('Tea');
  await alice.sees('Tea');

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

  // The client knows the names of new acquaintances only when it has loaded its contacts again.
  await alice.comeBack('Alice Adams');
  await alice.makeGroup('Kitchen');
  await alice.invite('Robert Brown');
  await alice.say('Orders:');
  await alice.open('Robert Brown');
  await alice.messageMenu('With milk', 'Forward');
  await alice.page.click('.forward-dialog li:has-text("Kitchen")');
  await alice.isAt('Kitchen');
  await alice.page.click('#send-message-panel >> text=send');
  await alice.sees('With milk');
  await robert.open('Kitchen');
  await robert.message('With milk').filter({hasText: 'Robert Brown'}).waitFor();
  await robert.shot('forwarded');

  const pinned = person => person.page.locator('#pinned-wrapper', {hasText: 'Orders:'});
  await alice.messageMenu('Orders:', 'Pin');
  await pinned(alice).waitFor();
  await pinned(robert).waitFor();
  await robert.comeBack('Robert Brown');
  await robert.open('Kitchen');
  await pinned(robert).waitFor();
  await robert.shot('pinned');
  // The client of the others cannot be told that nothing is pinned any more: it forgets when it is loaded again.
  await alice.messageMenu('Orders:', 'Unpin');
  await pinned(alice).waitFor({state: 'detached'});
  await robert.comeBack('Robert Brown');
  await robert.open('Kitchen');
  await robert.sees('With milk');
  await pinned(robert).waitFor({state: 'detached'});

  await alice.open('Robert Brown');
  await robert.open('Alice Adams');
  await alice.say('a slip of the tongue');
  await robert.sees('a slip of the tongue');
  await alice.messageMenu('a slip', 'Delete for All');
  await alice.lacks('a slip');
  await robert.lacks('a slip');
  await robert.messageMenu('With milk', 'Delete');
  await robert.lacks('With milk');
  await alice.say('still here');
  await alice.sees('With milk');
  await robert.seesOnly('Tea or coffee?', 'Tea', 'still here');
  await robert.comeBack('Robert Brown');
  await robert.open('Alice Adams');
  await robert.seesOnly('Tea or coffee?', 'Tea', 'still here');
  await robert.message('Tea or coffee?').locator('.timestamp', {hasText: 'edited'}).waitFor();
  await robert.shot('deleted');

  // The client that is open keeps what follows an edited message, although it is told that all is gone.
  await alice.chatMenu('Clear for All');
  await alice.confirm();
  await alice.lacks('still here');
  await robert.lacks('still here');
  await robert.comeBack('Robert Brown');
  await robert.open('Alice Adams');
  await alice.say('afresh');
  await robert.seesOnly('afresh');
  await robert.shot('cleared');
}
