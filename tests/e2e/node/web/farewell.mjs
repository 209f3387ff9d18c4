// Somebody deletes the account: all devices are out, nobody finds it, the log-in name is free again.

export default async function (stage) {
  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  const phone = await stage.person('robert', 'phone');
  await phone.logIn('Robert Brown');
  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('See you');
  await robert.open('Alice Adams');
  await robert.say('Farewell');
  await alice.sees('Farewell');
  await robert.makeGroup('Leavers');
  await robert.invite('Alice Adams');
  await alice.contact('Leavers').waitFor();

  await robert.settings('Security');
  await robert.page.click('.flat-button:has-text("Delete account")');
  await robert.confirm();
  await robert.isOut();
  await robert.shot('gone');
  await alice.contact('Leavers').waitFor({state: 'detached'});
  await alice.comeBack('Alice Adams');
  await alice.seesOrder();
  await alice.search('basic:robert');
  await alice.page.locator('#sidepanel', {hasText: 'Search returned no results'}).waitFor();
  await alice.shot('alone');

  await phone.isOut();
  await phone.register('Robert Redux');
  await alice.back();
  await alice.search('basic:robert');
  await alice.contact('Robert Redux').waitFor();
}
