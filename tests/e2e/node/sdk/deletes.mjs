// Deletion of messages: for oneself and for all, seen on other devices and later.

import assert from 'node:assert/strict';
import {back, found, join, open, said, say, until} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const group = await found(anna, 'Eraser');
  const his = await open(boris, group.name);
  const phone = await back(boris);
  const onPhone = await open(phone, group.name);
  for (const text of ['1', '2', '3', '4', '5', '6']) {
    await say(group, text);
  }
  await until(() => said(his).length === 6 && said(onPhone).length === 6, 'all have arrived');

  // Only for himself: on both of his devices, not for her.
  await his.delMessagesList([2, 3], false);
  assert.deepEqual(said(his), ['1', '4', '5', '6']);
  await until(() => said(onPhone).length === 4, 'the phone follows');
  assert.deepEqual(said(group), ['1', '2', '3', '4', '5', '6']);

  // For everybody: she may; what he asks for so is done for him only.
  await his.delMessages([{low: 1}], true);
  await until(() => said(onPhone).length === 3, 'gone for him');
  assert.equal(said(group).length, 6);
  await group.delMessagesList([5], true);
  await until(() => said(his).length === 2 && said(onPhone).length === 2, 'it is gone everywhere');
  assert.deepEqual(said(group), ['1', '2', '3', '4', '6']);

  // Who comes later does not find them.
  const laptop = await back(boris);
  const later = await open(laptop, group.name);
  await until(() => said(later).length === 2, 'the rest arrives');
  assert.deepEqual(said(later), ['4', '6']);
  await later.getMeta(later.startMetaQuery().withDel(1).build());
  await until(() => later.maxClearId() === 3, 'the log of deletions arrives');
  const tablet = await back(anna);
  const hers = await open(tablet, group.name);
  await until(() => said(hers).length === 5, 'her rest arrives');

  await group.delMessagesAll(true);
  await until(() => said(his).length === 0 && said(later).length === 0, 'nothing is left');
  assert.equal(await say(group, 'afresh'), 7);
}
