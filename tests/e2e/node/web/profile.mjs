// One's own profile: name, description, alias, avatar, password, incognito mode; what others see.

import {large} from './png.mjs';

export default async function (stage) {
  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  await robert.find('basic:alice', 'Alice Adams');
  await robert.say('Hello');

  await alice.settings('Edit');
  await alice.edit('Your name', 'Alice Ames');
  await robert.isAt('Alice Ames');
  await alice.edit('Description', 'Bird watcher');
  await alice.setAvatar('#sidepanel', large);
  await robert.seesAvatar('#topic-caption-panel', '/v0/file/s/');
  await alice.edit('Alias', 'alice-a');
  await alice.page.locator('#sidepanel .in-place-edit:has-text("alice-a")').waitFor();
  await alice.shot('profile');
  await robert.chatMenu('Info');
  await robert.page.locator('#info-view', {hasText: 'Bird watcher'}).waitFor();
  await robert.page.click('#info-view .flat-button:has-text("Edit")');
  await robert.edit('Private comment', 'from the park');
  await robert.shot('info');
  await robert.page.keyboard.press('Escape');
  await robert.search('@alice-a');
  await robert.contact('Alice Ames').waitFor();
  await robert.back();

  await alice.page.click('#sidepanel .clear-avatar');
  await alice.back();
  await alice.page.locator('#self-avatar .lettertile').waitFor();
  await alice.settings('Security');
  await robert.contact('Alice Ames').locator('.online').waitFor();
  await alice.page.click('#incognito-mode');
  await robert.contact('Alice Ames').locator('.offline').waitFor();
  await alice.page.click('#incognito-mode');
  await robert.contact('Alice Ames').locator('.online').waitFor();

  await alice.page.click('label:text-is("Password") + div .in-place-edit');
  await alice.page.keyboard.type('another secret');
  await alice.page.keyboard.press('Enter');
  await alice.shot('password');
  await alice.back();
  await alice.logOut();
  await alice.tryToLogIn();
  await alice.isTold('authentication failed');
  await alice.logIn('Alice Ames', {password: 'another secret'});
  // Clients that are open keep showing a picture that is no more; at the next log-in it is gone.
  await robert.comeBack('Robert Brown');
  await robert.contact('Alice Ames').locator('.lettertile').waitFor();
}
