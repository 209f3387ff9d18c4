// History: in pages, on a new device, after a lost connection, out of the client's own store.

import assert from 'node:assert/strict';
import {back, found, join, open, said, say, until, wake} from './people.mjs';

const COUNT = 60;

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const group = await found(anna, 'Chronicle');
  const texts = Array.from({length: COUNT}, (_, index) => `entry ${index + 1}`);
  for (const text of texts) {
    await say(group, text);
  }

  const his = await open(boris, group.name);
  await until(() => said(his).length === 24, 'the newest page arrives');
  assert.deepEqual(said(his), texts.slice(-24));
  for (let have = 24; have < COUNT; have = said(his).length) {
    const gaps = his.msgHasMoreMessages(his.minMsgSeq(), his.maxMsgSeq(), false);
    await his.getMessagesPage(24, gaps, his.minMsgSeq(), his.maxMsgSeq(), false);
    await until(() => said(his).length > have, 'an earlier page arrives');
  }
  assert.deepEqual(said(his), texts);

  // His connection is lost; what he missed comes after he is back.
  const lost = new Promise(resolve => { boris.onDisconnect = resolve; });
  boris.disconnect();
  await lost;
  assert.equal(his.isSubscribed(), false);
  texts.push('while you were away');
  await say(group, texts.at(-1));
  await boris.connect();
  await boris.loginToken(boris.getAuthToken().token);
  await open(boris, group.name);
  await until(() => said(his).length === COUNT + 1, 'the missing message arrives');
  assert.deepEqual(said(his), texts);

  // Another device of hers, which keeps what it has seen.
  const tablet = await back(anna, {persist: true});
  await tablet.initStorage();
  await wake(tablet);
  const there = await open(tablet, group.name);
  await until(() => said(there).length === 24, 'the tablet has the newest page');
  assert.equal(there.findMessage(COUNT + 1).from, anna.id);
  tablet.disconnect();
  const again = await back(anna, {persist: true});
  await again.initStorage();
  await until(() => again.isTopicCached(group.name), 'the tablet remembers the group');
  texts.push('one more');
  await say(group, texts.at(-1));
  const kept = await open(again, group.name);
  await until(() => kept.findMessage(COUNT + 2), 'only the newest message is fetched');
  assert.equal(kept.public.fn, 'Chronicle');
}
