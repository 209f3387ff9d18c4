// Somebody is blocked: the other one hears nothing of it and is not heard, until it is over.

import assert from 'node:assert/strict';
import {back, fence, join, open, said, say, until, wake} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const list = await wake(anna);
  await wake(boris);
  const hers = await open(anna, boris.id);
  await say(hers, 'Hello');
  const his = await open(boris, anna.id);
  await until(() => said(his).length === 1, 'they chat');

  await hers.updateMode(null, '-JP');
  assert.equal(hers.acs.isJoiner(), false);
  await until(() => !hers.isSubscribed(), 'she is out of the chat');
  assert.equal(await say(his, 'Buy watches'), 2);
  assert.equal(await say(his, 'Cheap!'), 3);
  await fence(anna);
  assert.equal(list.getContact(boris.id).seq ?? 1, 1, 'she is told nothing');
  const phone = await back(anna);
  const phoneList = await wake(phone);
  const blocked = await until(() => phoneList.getContact(boris.id), 'her phone knows him');
  assert.equal(blocked.acs.isJoiner(), false, 'blocked on every device');
  assert.equal(blocked.unread ?? 0, 0);

  await anna.getTopic(boris.id).updateMode(null, '+JP');
  const again = await open(anna, boris.id);
  await until(() => said(again).length === 3, 'what was said meanwhile is there');
  await say(again, 'No, thanks');
  await until(() => said(his).includes('No, thanks'), 'they chat again');
}
