// The samples of `chinwag serve --demo`, seen by one of the sample people.

export default async function (stage) {
  const alice = await stage.person('alice');
  await alice.logIn('Alice Johnson', {password: 'alice123'});
  await alice.seesUnread('Carol Xmas', 1);
  await alice.shot('contacts');
  await alice.open('Lunch');
  await alice.sees('Friday at noon it is');
  await alice.sees('面馆');
  await alice.shot('lunch');
  await alice.open('Project Kite');
  await alice.sees('It pulls to the left');
  await alice.open('Brian Smith');
  await alice.seesTick('Then let us invite', 'sent');
  await alice.open('Town Crier');
  await alice.sees('Hear ye');
  await alice.page.locator('#writing-disabled').waitFor();
  await alice.search('basic:wang');
  await alice.contact('王小明').waitFor();
  await alice.shot('found');
}
