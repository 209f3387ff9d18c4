// A group: made, filled, written to both ways; rights, leaving, removal, its end.

import assert from 'node:assert/strict';
import {Tinode, fence, found, join, open, refusal, said, say, until, wake} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const clara = await join('clara');
  const group = await found(anna, 'Hikers', {tags: ['hiking', 'alps']});
  assert.equal(group.acs.isOwner(), true);
  await until(() => group.public?.fn === 'Hikers', 'the description arrives');
  await group.getMeta(group.startMetaQuery().withTags().build());
  assert.deepEqual([...group.tags()].sort(), ['alps', 'hiking']);

  const list = await wake(boris);
  await group.invite(boris.id, 'JRWPS');
  await until(() => list.getContact(group.name), 'the invitation arrives');
  const his = await open(boris, group.name);
  await until(() => his.public?.fn === 'Hikers', 'he sees its name');
  assert.equal(his.acs.isOwner(), false);
  await until(() => group.subscriber(boris.id)?.online, 'he shows as online in the group');
  await group.getMeta(group.startMetaQuery().withOneSub(undefined, boris.id).build());
  await until(() => group.subscriber(boris.id).public?.fn === 'boris', 'she knows who he is');

  await say(group, 'Where to?');
  await say(his, 'Up.');
  await until(() => said(his).length === 2 && said(group).length === 2, 'both have both messages');
  assert.deepEqual(said(his), ['Where to?', 'Up.']);
  assert.deepEqual(said(group), ['Where to?', 'Up.']);
  assert.equal(group.findMessage(2).from, boris.id);

  // Clara comes by herself, and finds what was said before.
  const hers = await open(clara, group.name);
  await until(() => said(hers).length === 2, 'the history arrives');
  await until(() => his.subscriber(clara.id), 'the others learn of her');

  await group.setMeta({desc: {public: {fn: 'Climbers'}}});
  await until(() => list.getContact(group.name).public.fn === 'Climbers', 'a new name spreads');
  await refusal(his.setMeta({desc: {public: {fn: 'Mine'}}}), 403);
  await refusal(his.invite(anna.id, 'JRWPASDO'), 403);

  // Without W he cannot write, and gets it back.
  await group.updateMode(boris.id, '-W');
  await until(() => !his.acs.isWriter(), 'he learns that he may not write');
  await refusal(boris.publish(group.name, 'still?'), 403);
  await group.updateMode(boris.id, '+W');
  await until(() => his.acs.isWriter(), 'he learns that he may write');
  await say(his, 'Again.');

  await his.leave(true);
  assert.equal(boris.isTopicCached(group.name), false);
  await until(() => !group.subscriber(boris.id).acs.isJoiner(), 'she learns that he left');
  await refusal(boris.publish(group.name, 'gone'), 409);

  await group.delSubscription(clara.id);
  await until(() => !hers.isSubscribed(), 'Clara is put out');
  await fence(clara);

  await group.delTopic(true);
  await refusal(open(boris, group.name), 404);
  assert.equal(Tinode.isGroupTopicName(group.name), true);
}
