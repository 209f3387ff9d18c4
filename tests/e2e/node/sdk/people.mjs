// People who use the stock SDK, as an application does; what the SDK asks of a browser is given here.

import assert from 'node:assert/strict';
import 'fake-indexeddb/auto';
import tinode from 'tinode-sdk';
import WebSocket from 'ws';
import {XMLHttpRequest} from './xhr.mjs';

export const {Tinode, Drafty} = tinode;
export const PASSWORD = 'correct horse';
const PATIENCE_MS = 30_000; // the machine may be busy with other tests
const KEY = 'AQEAAAABAAD_rAp4DJh05a1HAwFT3A6K';

Tinode.setNetworkProviders(WebSocket, XMLHttpRequest);
Tinode.setDatabaseProvider(globalThis.indexedDB);

let serial = 0;

// A log-in name nobody else has.
export function fresh(name) {
  serial += 1;
  return `${name}${process.pid}x${serial}`;
}

// A client that is connected and nothing more.
export async function connect({persist = false, transport = 'ws'} = {}) {
  const client = new Tinode({
    appName: 'Chinwag tests',
    host: process.env.CHINWAG_HOST,
    apiKey: KEY,
    transport,
    secure: false,
    persist,
  });
  client.enableLogging(!!process.env.TRACE, true);
  await client.connect();
  await until(() => client.getServerInfo(), 'the server introduces itself');
  return client;
}

// Somebody new: registered and logged in.
export async function join(name, more = {}, options = {}) {
  const login = fresh(name);
  const client = await connect(options);
  await client.createAccountBasic(login, PASSWORD, {public: {fn: name}, ...more});
  return Object.assign(client, {loginName: login, id: client.getCurrentUserID()});
}

// Somebody who is back, on another device.
export async function back(person, options) {
  const client = await connect(options);
  await client.loginToken(person.getAuthToken().token);
  return Object.assign(client, {loginName: person.loginName, id: client.getCurrentUserID()});
}

// `me` of a person, with its list of contacts.
export async function wake(person) {
  const me = person.getMeTopic();
  if (!me.isSubscribed()) {
    await me.subscribe(me.startMetaQuery().withSub().withDesc().withTags().withCred().build());
  }
  return me;
}

// A chat that is attached, with its newest messages.
export async function open(person, name, more = {}) {
  const topic = person.getTopic(name);
  const query = topic.startMetaQuery().withLaterDesc().withLaterSub().withAux();
  await topic.subscribe(query.withLaterData(24).withLaterDel().build(), more);
  return topic;
}

// A new group of `owner`, attached.
export async function found(owner, fn, more = {}) {
  const topic = await open(owner, owner.newGroupTopicName(false), {desc: {public: {fn}}, ...more});
  assert.match(topic.name, /^grp[A-Za-z0-9_-]{11}$/);
  return topic;
}

// Publish `content`, as the web client does: a local copy first.
export async function say(topic, content) {
  const message = topic.createMessage(content, true);
  const sent = topic.publishDraft(message);
  const reply = await sent;
  assert.equal(reply.code, 202);
  return reply.params.seq;
}

// Everything said in a topic as far as its client knows: texts in the order of their numbers.
export function said(topic) {
  const texts = [];
  topic.messages(message => texts.push(Drafty.toPlainText(message.content)));
  return texts;
}

// Wait until `fact()` holds; its value.
export async function until(fact, what, patience_ms = PATIENCE_MS) {
  const end = Date.now() + patience_ms;
  for (;;) {
    const value = fact();
    if (value) {
      return value;
    }
    assert.ok(Date.now() < end, `in vain: ${what}`);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

// The error with which `promise` is rejected.
export async function refusal(promise, code) {
  let reply;
  try {
    reply = await promise;
  } catch (error) {
    assert.equal(error.code, code, error.message);
    return error;
  }
  assert.fail(`${code} expected, but it went through: ${JSON.stringify(reply)}`);
}

// Whatever was sent to `person` before this has arrived.
export async function fence(person) {
  await refusal(person.getMeta('grpAAAAAAAAAAA', {what: 'desc'}), 404);
  await new Promise(resolve => setTimeout(resolve, 0));
}
