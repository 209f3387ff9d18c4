// DEFECT-04 and DEFECT-14: somebody without WebSockets chats with somebody who has them.

import assert from 'node:assert/strict';
import {back, join, open, said, say, until, wake} from './people.mjs';

export default async function () {
  const anna = await join('anna', {}, {transport: 'lp'});
  const boris = await join('boris');
  const list = await wake(anna);
  const his = await open(boris, anna.id);
  for (const text of ['one', 'two', 'three']) {
    await say(his, text);
  }
  await until(() => list.getContact(boris.id)?.unread === 3, 'three messages wait');

  const hers = await open(anna, boris.id);
  await until(() => said(hers).length === 3, 'the history arrives');
  assert.deepEqual(said(hers), ['one', 'two', 'three']);
  assert.equal(await say(hers, 'four'), 4);
  await until(() => said(his).includes('four'), 'her answer arrives');
  await say(his, 'five');
  await until(() => said(hers).includes('five'), 'his answer arrives');

  const again = await back(anna, {transport: 'lp'});
  const there = await open(again, boris.id);
  await until(() => said(there).length === 5, 'everything is there on another device');
}
