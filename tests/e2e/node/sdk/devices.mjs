// Two devices of one person stay in step: rights, private notes, profile, pinned chats, chats that come and go.

import assert from 'node:assert/strict';
import {back, found, join, open, said, say, until, wake} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const list = await wake(anna);
  const phone = await back(anna);
  const phoneList = await wake(phone);

  const his = await open(boris, anna.id);
  await say(his, 'Hello');
  await until(() => phoneList.getContact(boris.id)?.seq === 1, 'the phone learns of him');
  await until(() => list.getContact(boris.id)?.seq === 1, 'and so does she here');
  const hers = await open(anna, boris.id);
  const onPhone = await open(phone, boris.id);
  await say(hers, 'from here');
  await until(() => said(onPhone).includes('from here'), 'what she says here shows there');
  await say(onPhone, 'from there');
  await until(() => said(hers).includes('from there'), 'what she says there shows here');

  await hers.setMeta({desc: {private: {comment: 'the baker'}}});
  await until(() => phoneList.getContact(boris.id).private?.comment === 'the baker', 'her note follows');
  await onPhone.archive(true);
  await until(() => list.isArchived(boris.id), 'what is archived there is archived here');
  await hers.archive(false);
  const tablet = await back(anna);
  const tabletList = await wake(tablet);
  await until(() => tabletList.getContact(boris.id)?.private?.comment === 'the baker', 'a third device has it all');
  assert.equal(!!tabletList.isArchived(boris.id), false);
  await list.pinTopic(boris.id, true);
  await until(() => phoneList.pinnedTopicRank(boris.id) > 0, 'pinned here is pinned there');

  // Muted here is muted there: she is told nothing of him any more, yet has his messages.
  await hers.updateMode(null, '-P');
  await until(() => onPhone.acs.isMuted(), 'the phone is muted too');
  await say(his, 'Still there?');
  await until(() => said(hers).includes('Still there?') && said(onPhone).includes('Still there?'), 'it arrives');

  await list.setMeta({desc: {public: {fn: 'Anna II'}}});
  await until(() => phoneList.public.fn === 'Anna II', 'her name follows');
  const group = await found(anna, 'Short-lived');
  await until(() => phoneList.getContact(group.name)?.public?.fn === 'Short-lived', 'a new group shows');
  await group.delTopic(true);
  await until(() => !phoneList.getContact(group.name), 'and goes');
  assert.equal(phone.isConnected(), true);
}
