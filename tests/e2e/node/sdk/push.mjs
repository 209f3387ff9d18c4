// What an application does in the background: its push token, fetching what a push tells of.

import assert from 'node:assert/strict';
import {back, found, join, open, said, say, until, wake} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const group = await found(anna, 'News');
  await open(boris, group.name);
  boris.disconnect();
  await say(group, 'Read all about it');

  const phone = await back(boris);
  assert.equal(phone.setDeviceToken('device-token'), true);
  await wake(phone);
  const topic = phone.getTopic(group.name);
  assert.equal(topic.isSubscribed(), false);
  phone.oobNotification({what: 'msg', topic: group.name, seq: '1', xfrom: anna.id});
  await until(() => said(topic).length === 1, 'the message is fetched');
  assert.deepEqual(said(topic), ['Read all about it']);
  await until(() => !topic.isSubscribed(), 'and the topic is left again');
  assert.equal(phone.setDeviceToken(null), true);
  assert.equal(phone.isConnected(), true);
}
