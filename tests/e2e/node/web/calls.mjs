// Video and voice calls: rung, accepted, seen and heard, hung up; declined; given up.

import {until} from './until.mjs';

export default async function (stage) {
  const {alice, robert} = await stage.enter('Alice Adams', 'Robert Brown');
  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('May I call you?');
  await robert.open('Alice Adams');
  await robert.sees('May I call you?');

  await alice.chatMenu('Video call');
  await robert.pressCall('call');
  await until(async () => await alice.playing() === 2 && await robert.playing() === 2, 'both see both');
  await alice.shot('call');
  await alice.pressCall('call_end');
  await alice.sees('Outgoing call');
  await robert.sees('Incoming call');
  for (const person of [alice, robert]) {
    await person.message(/(Outgoing|Incoming) call/).locator('.duration', {hasText: /0:0[1-9]|0:[1-5]/}).waitFor();
  }

  await robert.callEnds();
  await alice.callEnds();
  await robert.chatMenu('Call');
  await alice.pressCall('call_end');
  await robert.message('declined').waitFor();
  await alice.message('declined').waitFor();

  await robert.callEnds();
  await alice.chatMenu('Call');
  await robert.page.locator('button.positive').waitFor();
  await alice.pressCall('call_end');
  await alice.message('cancelled').waitFor();
  await robert.message(/Incoming call[^]*missed/).waitFor();
  await robert.shot('history');
}
