// Pictures made on the spot, so that none has to be kept: a soft one and one that cannot be shrunk.

import {crc32, deflateSync} from 'node:zlib';

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc32(body), body.length + 4);
  return framed;
}

function png(side, colour) {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8); // eight bits for each of red, green and blue
  const rows = Buffer.alloc(side * (side * 3 + 1));
  for (let y = 0, at = 0; y < side; y++) {
    at++; // every row begins with its filter: none
    for (let x = 0; x < side; x++, at += 3) {
      rows.set(colour(x / side, y / side), at);
    }
  }
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature, chunk('IHDR', header), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]);
}

// Small enough to travel inside a message.
export const small = {
  name: 'small.png', mimeType: 'image/png', buffer: png(64, (x, y) => [x * 255, y * 255, 120])};

let state = 1;
function noise() {
  state = (state * 48271) % 0x7fffffff;
  return state & 255;
}

// Too large for a message: it is uploaded.
export const large = {
  name: 'large.png', mimeType: 'image/png', buffer: png(400, () => [noise(), noise(), noise()])};
