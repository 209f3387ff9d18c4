// Where WebSockets do not get through: one chooses long polling, registers, and chats with somebody who need not.

export default async function (stage) {
  const {robert} = await stage.enter('Robert Brown');
  const alice = await stage.person('alice');
  let sockets = 0;
  alice.page.on('websocket', () => { sockets += 1; });
  await alice.page.click('#side-caption-panel >> text=settings');
  await alice.page.click('#transport-lp');
  await alice.page.click('#sidepanel button:text-is("Update")');
  await alice.register('Alice Adams');
  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('The proxy lets nothing through');
  await robert.open('Alice Adams');
  await robert.say('I hear you');
  await alice.sees('I hear you');
  await robert.seesTick('I hear you', 'read');
  await robert.typesTo(alice);
  await alice.shot('polling');
  if (sockets > 0) {
    throw new Error(`${sockets} WebSockets were opened`);
  }
}
