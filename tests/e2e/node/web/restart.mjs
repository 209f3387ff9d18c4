// The server goes down and comes back: the page reconnects by itself and nothing is lost.

export default async function (stage) {
  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('before');
  await robert.open('Alice Adams');
  await robert.sees('before');

  await stage.restart();
  await alice.say('after');
  await robert.sees('after');
  await alice.shot('reconnected');
  await alice.comeBack('Alice Adams');
  await alice.open('Robert Brown');
  await alice.sees('before');
  await alice.sees('after');
}
