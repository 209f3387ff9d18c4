// The server dies and comes back: clients return by themselves and find everything.

import assert from 'node:assert/strict';
import {found, join, open, said, say, until} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const group = await found(anna, 'Phoenix');
  const his = await open(boris, group.name);
  await say(group, 'before');
  await until(() => said(his).length === 1, 'it arrives');

  for (const person of [anna, boris]) {
    person.onConnect = async () => {
      await person.loginToken(person.getAuthToken().token);
      await open(person, group.name);
    };
  }
  console.log('restart'); // whoever started this kills the server and starts it again
  await until(() => !anna.isConnected() && !boris.isConnected(), 'they lose the connection');
  assert.equal(group.isSubscribed(), false);
  const attached = () => group.isSubscribed() && his.isSubscribed();
  await until(attached, 'they are back', 30_000);
  await say(his, 'after');
  await until(() => said(group).length === 2, 'it arrives');
  assert.deepEqual(said(group), ['before', 'after']);
  assert.deepEqual(said(his), ['before', 'after']);
}
