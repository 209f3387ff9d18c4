// Files: upload, a message that carries one, download by the other, an avatar, what is refused.

import assert from 'node:assert/strict';
import {Blob, File, resolveObjectURL} from 'node:buffer';
import {Drafty, connect, join, open, refusal, said, say, until, wake} from './people.mjs';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==',
  'base64');

const http = path => `http://${process.env.CHINWAG_HOST}${path}`;

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const hers = await open(anna, boris.id);
  const bytes = Buffer.from(Array.from({length: 300_000}, (_, index) => index % 251));

  const steps = [];
  const file = new File([bytes], 'data.bin', {type: 'application/x-test'});
  const url = await anna.getLargeFileHelper().upload(file, null, step => steps.push(step));
  assert.match(url, /^\/v0\/file\/s\/[A-Za-z0-9_-]+/);
  const content = Drafty.attachFile(null, {mime: file.type, filename: file.name, size: file.size, refurl: url});
  assert.ok(Drafty.hasAttachments(content));
  assert.equal(await say(hers, content), 1);

  const his = await open(boris, anna.id);
  await until(() => said(his).length === 1, 'the message arrives');
  let ref;
  Drafty.attachments(his.findMessage(1).content, data => { ref = Drafty.getDownloadUrl(data); });
  assert.equal(ref, url);
  const answer = await fetch(http(boris.authorizeURL(ref)));
  assert.equal(answer.status, 200);
  assert.deepEqual(Buffer.from(await answer.arrayBuffer()), bytes);
  const part = await fetch(http(boris.authorizeURL(ref)), {headers: {Range: 'bytes=251-260'}});
  assert.equal(part.status, 206);
  assert.deepEqual(Buffer.from(await part.arrayBuffer()), bytes.subarray(251, 261));

  // The SDK's own download ends in a link that a browser would follow.
  const saved = [];
  globalThis.window = {location: new URL(http('/')), URL};
  globalThis.document = {
    createElement: () => ({
      style: {},
      setAttribute(name, value) { this[name] = value; },
      click() { saved.push({name: this.download, blob: resolveObjectURL(this.href)}); },
    }),
    body: {appendChild() {}, removeChild() {}},
  };
  await boris.getLargeFileHelper().download(ref, 'data.bin', 'application/x-test', () => {});
  assert.equal(saved[0].name, 'data.bin');
  assert.deepEqual(Buffer.from(await saved[0].blob.arrayBuffer()), bytes);

  // Nobody without a log-in, and nothing too large.
  const stranger = await connect();
  assert.equal((await fetch(http(stranger.authorizeURL(ref)))).status, 401);
  assert.equal((await fetch(http(ref))).status, 403);
  await refusal(stranger.getLargeFileHelper().upload(file), 401);
  const huge = new File([new Blob([Buffer.alloc(8_388_609)])], 'huge.bin');
  await refusal(anna.getLargeFileHelper().upload(huge), 413);

  // An avatar of somebody who is about to register.
  const picture = new File([PNG], 'me.png', {type: 'image/png'});
  const face = await stranger.getLargeFileHelper().upload(picture, 'newacc');
  const me = await wake(anna);
  const photo = {type: 'png', ref: await anna.getLargeFileHelper().upload(picture, 'me')};
  await me.setMeta({desc: {public: {photo}}, attachments: [photo.ref]});
  assert.equal(me.public.photo.ref, photo.ref);
  assert.ok(face !== photo.ref);
  await boris.getMeta(anna.id, {what: 'desc'});
  await until(() => his.public.photo?.ref === photo.ref, 'he gets her picture');
  const shown = await fetch(http(boris.authorizeURL(his.public.photo.ref)));
  assert.equal(shown.headers.get('content-type'), 'image/png');
  assert.deepEqual(Buffer.from(await shown.arrayBuffer()), PNG);
}
