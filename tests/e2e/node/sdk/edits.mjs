// Messages are edited: everybody sees the newest version, at once and later; the others' cannot be edited by name.

import assert from 'node:assert/strict';
import {back, found, join, open, said, say, until} from './people.mjs';

async function edit(topic, seq, text) {
  const message = topic.createMessage(text, true);
  message.head = {...message.head, replace: `:${seq}`};
  const reply = await topic.publishDraft(message);
  assert.equal(reply.code, 202);
  return reply.params.seq;
}

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const group = await found(anna, 'Proofs');
  const his = await open(boris, group.name);
  await say(group, 'first draft');
  await say(his, 'a remark');
  await until(() => said(group).length === 2, 'the remark arrives');

  assert.equal(await edit(group, 1, 'second draft'), 3);
  await until(() => said(his)[0] === 'second draft', 'the edited message arrives');
  assert.deepEqual(said(his), ['second draft', 'a remark']);
  await edit(group, 1, 'third draft');
  await until(() => said(his)[0] === 'third draft', 'it may be edited again');
  await edit(his, 2, 'a longer remark');
  await until(() => said(group)[1] === 'a longer remark', 'his arrives');

  for (const device of [await back(anna), await back(boris)]) {
    const there = await open(device, group.name);
    await until(() => there.maxMsgSeq() === 5, 'the history arrives');
    await until(() => said(there).length === 2, 'old versions are not shown');
    assert.deepEqual(said(there), ['third draft', 'a longer remark']);
  }

  await group.delMessagesEdits(1, true);
  await until(() => !said(his).includes('third draft'), 'all its versions are deleted');
  const later = await open(await back(boris), group.name);
  await until(() => said(later).length === 1, 'the rest arrives');
  assert.deepEqual(said(later), ['a longer remark']);
}
