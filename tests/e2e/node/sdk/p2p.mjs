// Two people meet, write to each other both ways, see ticks and typing.

import assert from 'node:assert/strict';
import {Drafty, Tinode, join, open, refusal, said, say, until, wake} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const list = await wake(boris);

  const hers = await open(anna, boris.id);
  await until(() => hers.public?.fn === 'boris' && hers.p2pPeerDesc(), 'she sees who he is');
  assert.equal(hers.p2pPeerDesc().acs.getGiven().includes('W'), true);
  assert.equal(await say(hers, 'Hello!'), 1);
  assert.equal(hers.msgStatus(hers.findMessage(1)), Tinode.MESSAGE_STATUS_SENT);

  const contact = await until(() => list.getContact(anna.id), 'Boris learns of Anna');
  assert.equal(contact.public.fn, 'anna');
  await until(() => contact.seq === 1 && contact.unread === 1, 'one message waits');

  const his = await open(boris, anna.id);
  await until(() => said(his).length === 1, 'her message arrives');
  assert.deepEqual(said(his), ['Hello!']);
  assert.equal(his.findMessage(1).from, anna.id);
  assert.ok(his.findMessage(1).ts instanceof Date);

  await until(
    () => hers.msgStatus(hers.findMessage(1)) === Tinode.MESSAGE_STATUS_RECEIVED,
    'her message shows as received');
  his.noteRead(1);
  await until(
    () => hers.msgStatus(hers.findMessage(1)) === Tinode.MESSAGE_STATUS_READ,
    'her message shows as read');

  const typing = new Promise(resolve => {
    hers.onInfo = info => info.what === 'kp' && resolve(info);
  });
  his.noteKeyPress();
  assert.equal((await typing).from, boris.id);

  const rich = Drafty.parse('*Bold* news from http://example.com/ ☃');
  assert.equal(await say(his, rich), 2);
  await until(() => hers.findMessage(2), 'his answer arrives');
  assert.deepEqual(hers.findMessage(2).content, rich);
  assert.equal(hers.findMessage(2).head.mime, 'text/x-drafty');
  assert.equal(hers.findMessage(2).from, boris.id);

  // Blocked, she cannot write any more.
  await his.updateMode(null, '-JP');
  await until(() => !hers.p2pPeerDesc().acs.isJoiner('want'), 'she sees that he has left');
  await refusal(boris.publish(anna.id, 'from outside'), 409);
}
