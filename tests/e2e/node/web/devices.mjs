// Two devices of one person stay in step: messages, marks, profile, chats.

export default async function (stage) {
  const desk = await stage.person('alice', 'desk');
  const phone = await stage.person('alice', 'phone');
  const robert = await stage.person('robert');
  await desk.register('Alice Adams');
  await phone.logIn('Alice Adams');
  await robert.register('Robert Brown');

  await robert.find('basic:alice', 'Alice Adams');
  await robert.say('Which one do you use?');
  await desk.seesUnread('Robert Brown', 1);
  await phone.seesUnread('Robert Brown', 1);
  await desk.open('Robert Brown');
  await phone.contact('Robert Brown').locator('.unread').waitFor({state: 'detached'});
  await phone.open('Robert Brown');
  await desk.say('The desk');
  await phone.sees('The desk');
  await phone.say('And the phone');
  await desk.sees('And the phone');
  await robert.sees('And the phone');
  await desk.seesTick('And the phone', 'read');
  await phone.shot('phone');

  await desk.messageMenu('The desk', 'Delete');
  await desk.lacks('The desk');
  await phone.lacks('The desk');
  await robert.sees('The desk');
  await desk.settings('Edit');
  await desk.edit('Your name', 'Alice Ames');
  await phone.isIn('Alice Ames');
  await desk.back();
  await desk.makeGroup('Readers');
  await phone.contact('Readers').waitFor();
  await phone.contactMenu('Readers', 'Archive');
  await phone.contact('Readers').waitFor({state: 'detached'});
  await desk.contact('Readers').waitFor({state: 'detached'});
  await desk.shot('desk');
}
