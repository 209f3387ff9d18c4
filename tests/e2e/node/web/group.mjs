// A group is administered: its profile, invitations, permissions, removal, a new owner.

import {large} from './png.mjs';

const OWNER = 'JRWPASDO';

export default async function (stage) {
  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('Do you play?');
  await alice.makeGroup('Chess');
  await alice.chatMenu('Info');
  await alice.addMembers('Robert Brown');
  await alice.seesMembers(2);
  await robert.open('Chess');

  await alice.page.click('#info-view .flat-button:has-text("Edit")');
  await alice.setAvatar('#info-view', large);
  await alice.edit('Name', 'Chess club');
  await alice.edit('Description', 'Every Friday');
  await alice.closeInfo();
  await robert.isAt('Chess club');
  await robert.seesAvatar('#topic-caption-panel', '/v0/file/s/');
  await robert.chatMenu('Info');
  await robert.page.locator('#info-view', {hasText: 'Every Friday'}).waitFor();
  await robert.seesBadges(1, ['you', 'JRWPS']);
  await robert.shot('info');

  await alice.memberMenu(1, 'Edit permissions');
  await alice.turnOver('Write (W)');
  await robert.page.locator('#writing-disabled').waitFor();
  await robert.shot('muzzled');
  await alice.memberMenu(1, 'Edit permissions');
  await alice.turnOver('Write (W)', 'Approve (A)', 'Owner (O)');
  await robert.page.locator('#writing-disabled').waitFor({state: 'detached'});
  await alice.seesBadges(0, ['you', 'owner', OWNER]);

  // What was granted is his once he asks for it.
  await robert.page.click('#info-view .flat-button:has-text("Security")');
  await robert.page.click('#info-view tt.clickable');
  await robert.turnOver('Owner (O)');
  await alice.seesBadges(0, ['you', 'JRWPASD']);
  await alice.shot('handed-over');
  await robert.closeInfo();
  await robert.seesBadges(1, ['you', 'owner', 'JRWPSO']);
  await robert.page.click('#info-view .flat-button:has-text("Edit")');
  await robert.edit('Name', 'Chess and more');
  await robert.closeInfo();
  await alice.isAt('Chess and more');
  await alice.comeBack('Alice Adams');
  await alice.open('Chess and more');
  await alice.seesAvatar('#topic-caption-panel', '/v0/file/s/');
  await alice.chatMenu('Info');
  await alice.member('Robert Brown').locator('.badge:text-is("owner")').waitFor();
  await alice.seesBadges(0, ['you', 'JRWPASD']);
  await alice.closeInfo();

  await robert.memberMenu(0, 'Remove');
  await robert.seesMembers(1);
  await alice.contact('Chess and more').waitFor({state: 'detached'});
  await robert.say('Nobody to play with');
  await robert.shot('removed');
  await alice.comeBack('Alice Adams');
  await alice.seesOrder('Robert Brown');
}
