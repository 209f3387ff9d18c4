// The server dies and comes back: clients return by themselves and find everything.

import assert from 'node:assert/strict';
import {found, join, open, said, say, until} from './people.mjs';

// In a browser these show in the console and nowhere else: attempts to reconnect that nobody waits for.
const IN_VAIN = /ECONNREFUSED|ECONNRESET|socket hang up|Connection failed/;

function expectAttemptsInVain() {
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', error => {
    if (!IN_VAIN.test(error?.message)) {
      throw error;
    }
  });
}

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
  expectAttemptsInVain();
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
