// Read and received marks: on the other device, after a new log-in, in the list of contacts.

import assert from 'node:assert/strict';
import {back, found, join, open, say, until, wake} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const group = await found(anna, 'Marks');
  const his = await open(boris, group.name);
  const phone = await back(boris);
  const phoneList = await wake(phone);
  const onPhone = () => phoneList.getContact(group.name);

  for (const text of ['one', 'two', 'three']) {
    await say(group, text);
  }
  assert.equal(group.read, 3, 'what one says oneself is read');
  await until(() => onPhone()?.seq === 3 && onPhone().unread === 3, 'the phone counts three unread');

  await until(() => his.findMessage(3), 'they arrive');
  await until(() => group.msgRecvCount(3) === 1, 'the client has told that it got them');
  assert.equal(group.msgReadCount(3), 0);
  his.noteRead(2);
  await until(() => group.msgReadCount(2) === 1, 'Anna sees two of them read');
  assert.equal(group.msgReadCount(3), 0);
  await until(() => onPhone().unread === 1, 'the phone counts one unread');

  // A mark never goes back, nor beyond the newest message.
  his.noteRead(1);
  boris.note(group.name, 'read', 99);
  his.noteRead(3);
  await until(() => group.msgReadCount(3) === 1, 'all of them are read');
  assert.equal(group.subscriber(boris.id).read, 3);
  assert.equal(group.subscriber(boris.id).recv, 3);

  const laptop = await back(boris);
  const list = await wake(laptop);
  const contact = await until(() => list.getContact(group.name), 'the list arrives');
  assert.deepEqual([contact.seq, contact.read, contact.recv, contact.unread], [3, 3, 3, 0]);
}
