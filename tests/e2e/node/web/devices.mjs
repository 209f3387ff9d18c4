// Two devices of one person stay in step: messages, marks, profile, chats; what is half-written stays where it is.

export default async function (stage) {
  const {alice: desk, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  const phone = await stage.person('alice', 'phone');
  await phone.logIn('Alice Adams');

  await robert.find('basic:alice', 'Alice Adams');
  await robert.say('Which one do you use?');
  await desk.seesUnread('Robert Brown', 1);
  await phone.seesUnread('Robert Brown', 1);
  await desk.open('Robert Brown');
  await phone.seesRead('Robert Brown');
  await phone.open('Robert Brown');
  await desk.say('The desk');
  await phone.sees('The desk');
  await phone.say('And the phone');
  await desk.sees('And the phone');
  await robert.sees('And the phone');
  await desk.seesTick('And the phone', 'read');
  await phone.shot('phone');

  await desk.input.fill('half a thought');
  await desk.messageMenu('The desk', 'Delete');
  await desk.lacks('The desk');
  await phone.lacks('The desk');
  await robert.sees('The desk');
  await phone.messageMenu('And the phone', 'Delete for All');
  await desk.lacks('And the phone');
  await robert.lacks('And the phone');
  await robert.say('What was that?');
  await phone.sees('What was that?');
  if (await phone.input.inputValue() !== '' || await desk.input.inputValue() !== 'half a thought') {
    throw new Error('what is half-written has moved');
  }

  await desk.contactMenu('Robert Brown', 'Mute');
  await phone.seesBadge('Robert Brown', 'notifications_off');
  await phone.contactMenu('Robert Brown', 'Unmute');
  await desk.contact('Robert Brown').locator('.as-badge').waitFor({state: 'detached'});
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
  await phone.contactMenu('Robert Brown', 'Block');
  await phone.confirm();
  await desk.contact('Robert Brown').waitFor({state: 'detached'});
}
