// Who is there: people go on and off, what they use, on a chat and in the list of contacts.

import assert from 'node:assert/strict';
import {back, found, join, open, say, until, wake} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const list = await wake(anna);
  const hers = await open(anna, boris.id);
  await say(hers, 'Are you there?');
  await until(() => list.getContact(boris.id), 'she has him in her list');
  assert.equal(!!list.getContact(boris.id).online, false);

  await wake(boris);
  await until(() => list.getContact(boris.id).online, 'he shows as online');
  assert.equal(anna.isTopicOnline(boris.id), true);

  // In a group, who has it open is there.
  const group = await found(anna, 'Lobby');
  const his = await open(boris, group.name);
  await until(() => group.subscriber(boris.id)?.online, 'he has opened the group');
  await his.leave(false);
  await until(() => !group.subscriber(boris.id).online, 'he has closed the group');

  // With two devices he is online until the second one is gone.
  const phone = await back(boris);
  await wake(phone);
  boris.disconnect();
  await say(hers, 'Still there?');
  assert.equal(list.getContact(boris.id).online, true);
  phone.disconnect();
  await until(() => !list.getContact(boris.id).online, 'he shows as offline');
  assert.ok(list.getContact(boris.id).seen.when instanceof Date);

  const later = await back(anna);
  const known = await wake(later);
  const seen = await until(() => known.getContact(boris.id)?.seen, 'she sees when he was there');
  assert.match(seen.ua, /Chinwag tests/);
}
