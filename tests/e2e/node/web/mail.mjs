// Addresses are confirmed by mail, forgotten passwords are replaced, people are found by address.

const linkIn = letter => letter.match(/#\S+/)[0];
const codeIn = letter => letter.match(/\b\d{6}\b/)[0];
const otherThan = code => code === '123456' ? '654321' : '123456';

export default async function (stage) {
  const alice = await stage.person('alice');
  const robert = await stage.person('robert');

  // She types the code of the letter, he follows its link.
  await alice.fillIn('Alice Adams');
  const code = codeIn(await stage.mail(alice.email));
  await alice.page.fill('#enter-confirmation-code', otherThan(code));
  await alice.page.click('button:text-is("Confirm")');
  await alice.isTold('does not match');
  await alice.shot('code');
  await alice.page.fill('#enter-confirmation-code', code); // after a wrong one it is sent at once
  await alice.isIn('Alice Adams');
  await robert.fillIn('Robert Brown');
  await robert.page.locator('#enter-confirmation-code').waitFor();
  await robert.goTo(linkIn(await stage.mail(robert.email)));
  await robert.isIn('Robert Brown');

  await robert.find(alice.email, 'Alice Adams');
  await robert.say('Found you');
  await robert.shot('found');

  await alice.settings();
  await alice.page.locator('#sidepanel', {hasText: alice.email}).waitFor();
  await alice.shot('address');
  await alice.back();
  await alice.logOut();
  await alice.forget();
  await alice.page.fill('#sidepanel input[placeholder="Numbers only"]', codeIn(await stage.mail(alice.email)));
  await alice.choosePassword('fresh secret');
  await alice.tryToLogIn();
  await alice.isTold('authentication failed');
  await alice.shot('refused');
  await alice.logIn('Alice Adams', {password: 'fresh secret'});
  await alice.open('Robert Brown');
  await alice.sees('Found you');
  await alice.say('Sorry, I was locked out');

  await robert.goTo('');
  await robert.forget();
  await robert.goTo(linkIn(await stage.mail(robert.email)));
  await robert.choosePassword('another secret');
  await robert.logIn('Robert Brown', {password: 'another secret'});
  await robert.open('Alice Adams');
  await robert.sees('locked out');
}
