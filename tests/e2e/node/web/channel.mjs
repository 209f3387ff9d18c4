// A channel: made with an alias and tags, found by both, read by somebody who may not write.

export default async function (stage) {
  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  await alice.makeGroup('Town news', {channel: true, tags: ['town', 'daily']});
  await alice.say('The bridge is open');
  await alice.chatMenu('Info');
  await alice.page.click('#info-view .flat-button:has-text("Edit")');
  await alice.edit('Alias', 'town-news');
  await alice.page.locator('#info-view .in-place-edit:has-text("town-news")').waitFor();
  await alice.shot('alias');
  await alice.page.click('#info-view .flat-button:has-text("Manage")');
  await alice.page.click('#info-view .chip:has-text("daily") a');
  await alice.page.getByPlaceholder('Add some tags').pressSequentially('weekly,');
  await alice.page.click('#tag-manager-buttons button:text-is("OK")');
  await alice.page.locator('#info-view .badge:text-is("weekly")').waitFor();

  await robert.search('weekly');
  await robert.contact('Town news').waitFor();
  await robert.back();
  await robert.find('@town-news', 'Town news');
  await robert.sees('The bridge is open');
  await robert.input.waitFor({state: 'detached'});
  await robert.seesRead('Town news');
  await robert.shot('reader');
  await alice.say('And closed again');
  await robert.sees('And closed again');
  await robert.page.keyboard.press('Escape');
  await alice.say('For good');
  await robert.open('Town news'); // readers are not told of news while they are elsewhere
  await robert.sees('For good');
  await robert.comeBack('Robert Brown');
  await robert.open('Town news');
  await robert.seesOnly('The bridge is open', 'And closed again', 'For good');
  await robert.messageMenu('For good', 'Forward');
  await robert.page.locator('.forward-dialog').waitFor();
  await robert.page.click('.forward-dialog >> text=close');

  await robert.contactMenu('Town news', 'Delete');
  await robert.confirm();
  await robert.contact('Town news').waitFor({state: 'detached'});
  await robert.comeBack('Robert Brown');
  await robert.seesOrder();
  await robert.shot('left');
}
