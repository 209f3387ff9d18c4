// Registration, log-in by password and token, changes of the password, the end of an account.

import assert from 'node:assert/strict';
import {connect, fresh, join, PASSWORD, refusal} from './people.mjs';

export default async function () {
  const anna = await join('anna');
  assert.match(anna.id, /^usr[A-Za-z0-9_-]{11}$/);
  assert.equal(anna.isAuthenticated(), true);
  const info = anna.getServerInfo();
  assert.equal(info.ver, '0.25');
  assert.equal(info.maxMessageSize, 262144);
  assert.equal(info.maxFileUploadSize, 8388608);
  assert.equal(info.maxTagCount, 16);

  const {token, expires} = anna.getAuthToken();
  assert.ok(expires instanceof Date && expires > new Date());

  const elsewhere = await connect();
  await refusal(elsewhere.loginBasic(anna.loginName, 'wrong password'), 401);
  await refusal(elsewhere.loginBasic(fresh('nobody'), PASSWORD), 401);
  await refusal(elsewhere.loginToken('AAAA' + token.slice(4)), 401);
  await refusal(elsewhere.createAccountBasic(anna.loginName, PASSWORD, {}), 409);
  await refusal(elsewhere.getMeTopic().subscribe(), 401);
  assert.equal(elsewhere.isAuthenticated(), false);
  await elsewhere.loginBasic(anna.loginName, PASSWORD);
  assert.equal(elsewhere.getCurrentUserID(), anna.id);
  assert.equal(elsewhere.getCurrentLogin(), anna.loginName);

  const third = await connect();
  await third.loginToken(token);
  assert.equal(third.getCurrentUserID(), anna.id);

  // The web client does not know the log-in name after a log-in by token.
  await third.updateAccountBasic(null, '', 'battery staple');
  const later = await connect();
  await refusal(later.loginBasic(anna.loginName, PASSWORD), 401);
  await later.loginBasic(anna.loginName, 'battery staple');
  const renamed = fresh('renamed');
  await later.updateAccountBasic(null, renamed, 'battery staple');
  await (await connect()).loginBasic(renamed, 'battery staple');

  await later.delCurrentUser(true);
  await refusal((await connect()).loginBasic(renamed, 'battery staple'), 401);
}
