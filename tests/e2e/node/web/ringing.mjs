// A voice call rings on all devices and is taken on one; another one is declined on one and stops on all.

import {until} from './until.mjs';

const heard = person => person.page.evaluate(() =>
  [...document.querySelectorAll('audio')].some(audio => audio.srcObject?.active && audio.currentTime > 0.5));

async function rings(...devices) {
  for (const device of devices) {
    await device.page.locator('.incoming-call', {hasText: 'Alice Adams'}).waitFor();
  }
}

async function isQuiet(device) {
  await device.page.locator('.incoming-call').waitFor({state: 'detached'});
}

export default async function (stage) {
  const {alice, robert: desk} = await stage.enter('Alice Adams', 'Robert Brown');
  const phone = await stage.person('robert', 'phone');
  await phone.logIn('Robert Brown');
  await alice.find('basic:robert', 'Robert Brown');
  await alice.say('Pick up');
  for (const device of [desk, phone]) {
    await device.open('Alice Adams'); // the client rings only where the chat is open
    await device.sees('Pick up');
  }

  await alice.chatMenu('Call');
  await rings(desk, phone);
  await desk.shot('rings');
  await phone.pressCall('call');
  await isQuiet(desk);
  await until(async () => await heard(alice) && await heard(phone), 'both hear both');
  await phone.shot('talks');
  await phone.pressCall('call_end');
  await alice.callEnds();
  for (const person of [alice, desk, phone]) {
    await person.message(/(Outgoing|Incoming) call/).locator('.duration', {hasText: /\d:\d\d/}).waitFor();
  }
  await phone.callEnds();

  await alice.chatMenu('Call');
  await rings(desk, phone);
  await desk.pressCall('call_end');
  await isQuiet(phone);
  await alice.message('declined').waitFor();
  await phone.message('declined').waitFor();
  await phone.comeBack('Robert Brown');
  await phone.open('Alice Adams');
  await phone.message('declined').waitFor();
  await phone.shot('history');
}
