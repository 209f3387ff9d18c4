// Pictures in messages, small and uploaded ones, as avatars at registration, later, and of a group.

import {large, small} from './png.mjs';

export default async function (stage) {
  const alice = await stage.person('alice');
  const robert = await stage.person('robert');
  await alice.register('Alice Adams', {avatar: large});
  await alice.seesAvatar('#self-avatar', '/v0/file/s/');
  await robert.register('Robert Brown');

  await robert.find('basic:alice', 'Alice Adams');
  await robert.say('How do you look?');
  await robert.seesAvatar('#topic-caption-panel', '/v0/file/s/');
  await alice.open('Robert Brown');
  await alice.attachPicture(small, 'when I was small');
  await robert.sees('when I was small');
  await robert.seesPicture('small.png', 'blob:');
  await alice.attachPicture(large);
  await robert.seesPicture('large.png', '/v0/file/s/');
  await alice.seesPicture('large.png', '/v0/file/s/');
  await robert.shot('pictures');

  await robert.attachFile({name: 'plan.pdf', mimeType: 'application/pdf', buffer: Buffer.alloc(300_000, '%PDF ')});
  await alice.sees('plan.pdf');
  const saved = await alice.download('plan.pdf');
  if (saved.length !== 300_000) {
    throw new Error(`the file has ${saved.length} bytes`);
  }
  await alice.shot('file');

  await robert.settings('Edit');
  await robert.setAvatar('#sidepanel', small);
  await robert.back();
  await robert.seesAvatar('#self-avatar', 'data:');
  await alice.seesAvatar('#topic-caption-panel', 'data:');
  await alice.shot('avatar');

  await robert.makeGroup('Painters', {avatar: large});
  await robert.seesAvatar('#topic-caption-panel', '/v0/file/s/');
  await robert.chatMenu('Info');
  await robert.addMembers('Alice Adams');
  await robert.seesMembers(2);
  await alice.seesAvatar('#sidepanel .contact-box > li:has-text("Painters")', '/v0/file/s/');
  await robert.closeInfo();
  await alice.open('Painters');
  await alice.shot('group');
}
