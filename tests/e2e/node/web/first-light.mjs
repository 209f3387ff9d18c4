// Two people register, find each other, chat, make a group, and find it all again.

export default async function (stage) {
  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  await alice.shot('registered');

  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('Good morning');
  await alice.seesTick('Good morning', 'sent');
  await robert.seesUnread('Alice Adams', 1);
  await robert.shot('unread');
  await robert.open('Alice Adams');
  await robert.sees('Good morning');
  await alice.typesTo(robert);
  await robert.shot('typing');
  await robert.say('*Fine*, thanks', 'Fine, thanks');
  await alice.sees('Fine, thanks');
  await robert.seesTick('Fine, thanks', 'read');

  await alice.makeGroup('Walkers');
  await alice.chatMenu('Info');
  await alice.addMembers('Robert Brown');
  await alice.seesMembers(2);
  await alice.shot('members');
  await alice.closeInfo();
  await alice.say('Sunday at ten?');
  await robert.seesUnread('Walkers', 1);
  await robert.open('Walkers');
  await robert.sees('Sunday at ten?');
  await alice.seesTick('Sunday at ten?', 'read');
  await robert.say('I bring tea');
  await alice.sees('I bring tea');
  await alice.shot('group');

  // The client shows the marks of a new contact only when the chat is opened again.
  await alice.open('Robert Brown');
  await alice.seesTick('Good morning', 'read');
  await alice.shot('read');

  await alice.logOut();
  await alice.logIn('Alice Adams', {stay: true});
  await alice.open('Walkers');
  await alice.sees('Sunday at ten?');
  await alice.page.reload();
  await alice.isIn('Alice Adams');
  await alice.sees('I bring tea');
  await alice.chatMenu('Info');
  await alice.member('Robert Brown').waitFor();
  await alice.closeInfo();
  await alice.open('Robert Brown');
  await alice.sees('Fine, thanks');
  await alice.shot('reloaded');
}
