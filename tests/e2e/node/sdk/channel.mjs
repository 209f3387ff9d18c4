// A channel: its owner writes, readers read and do not show; they cannot write, and leave.

import assert from 'node:assert/strict';
import {Tinode, back, join, open, refusal, said, say, until, wake} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const channel = await open(anna, anna.newGroupTopicName(true), {desc: {public: {fn: 'Gazette'}}});
  await until(() => channel.chan, 'it is a channel');
  assert.equal(Tinode.isGroupTopicName(channel.name), true);
  await say(channel, 'Extra!');

  const name = channel.name.replace(/^grp/, 'chn');
  await wake(boris);
  const his = await open(boris, name);
  await until(() => said(his).length === 1, 'what was said before arrives');
  assert.equal(his.name, name);
  assert.equal(his.public.fn, 'Gazette');
  assert.equal(his.acs.isReader(), true);
  assert.equal(his.acs.isWriter(), false);
  assert.equal(his.findMessage(1).from, undefined, 'a reader does not learn who writes');
  await refusal(boris.publish(name, 'me too'), 403);
  await say(channel, 'Read all about it!');
  await until(() => said(his).length === 2, 'news arrives');

  // Nobody sees who reads.
  await channel.getMeta(channel.startMetaQuery().withSub().build());
  assert.equal(channel.subscriber(boris.id), undefined);
  const seen = [];
  his.subscribers(member => seen.push(member.user));
  assert.deepEqual(seen.filter(user => user !== boris.id), []);

  const phone = await back(boris);
  const phoneList = await wake(phone);
  await until(() => phoneList.getContact(name), 'his other device has it');
  const there = await open(phone, name);
  await until(() => said(there).length === 2, 'and its history');

  await his.leave(true);
  assert.equal(boris.isTopicCached(name), false);
  await until(() => !phoneList.getContact(name), 'it is gone from his other device');
  await say(channel, 'Sold out');
}
