// A browser, the people in front of it, and what must never happen while they chat.

import {mkdirSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {chromium} from 'playwright-core';
import {Person} from './person.mjs';
import {PATIENCE_MS} from './until.mjs';

const CHROMIUM = '/usr/bin/chromium';
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream'];
// High enough for a chat: once it must be scrolled, the stock client counts to 268 million each time.
const WINDOW = {width: 1100, height: 1400};

// What the stock client says in its console although nothing is wrong.
const EXPLAINED = [
  // It is told of a chat that it does not know yet, asks for it, and meanwhile looks at nothing.
  /reading 'topic'[^]*tnMeContactUpdate/,
  // The other party has hung up, and the channel beside the voice ends with it.
  /data channel error RTCErrorEvent/,
];

export class Stage {
  people = [];
  problems = [];
  explained = [...EXPLAINED];

  constructor(browser, address, folder) {
    this.browser = browser;
    this.address = address;
    this.folder = folder;
    this.answers = createInterface({input: process.stdin})[Symbol.asyncIterator]();
  }

  static async open(address, folder) {
    mkdirSync(folder, {recursive: true});
    const browser = await chromium.launch({executablePath: CHROMIUM, headless: false, args: FLAGS});
    return new Stage(browser, address, folder);
  }

  // Somebody with a browser profile of their own, looking at the page; `device` tells two of one person apart.
  async person(login, device) {
    const name = device ? `${login}-${device}` : login;
    const context = await this.browser.newContext({viewport: WINDOW, locale: 'en-US'});
    context.setDefaultTimeout(PATIENCE_MS);
    await context.route(url => this.isForeign(url), route => {
      this.problems.push(`${name}: a request to ${route.request().url()}`);
      return route.abort();
    });
    const page = await context.newPage();
    this.watch(name, page);
    const person = new Person(this, login, name, page);
    this.people.push(person);
    await page.goto(this.address);
    return person;
  }

  // People who have just registered, by their log-in names: the first of their names in small letters.
  async enter(...fullNames) {
    const entered = await Promise.all(fullNames.map(async fullName => {
      const person = await this.person(fullName.split(' ')[0].toLowerCase());
      await person.register(fullName);
      return [person.login, person];
    }));
    return Object.fromEntries(entered);
  }

  isForeign(url) {
    return /^(https?|wss?):$/.test(url.protocol) && url.host !== new URL(this.address).host;
  }

  watch(name, page) {
    page.trace = [];
    page.on('console', message => {
      page.trace.push(message.text());
      if (message.type() === 'error') {
        this.suspect(`${name}: the console says: ${message.text()} ${message.location().url}`);
      }
    });
    page.on('pageerror', error => this.suspect(`${name}: the page failed: ${error.stack}`));
    page.on('websocket', socket => {
      if (this.isForeign(new URL(socket.url()))) {
        this.problems.push(`${name}: a connection to ${socket.url()}`);
      }
    });
  }

  suspect(problem) {
    if (!this.explained.some(pattern => pattern.test(problem))) {
      this.problems.push(problem);
    }
  }

  // Have the test that started this script do `what`; what it answers.
  async ask(what) {
    console.log(`please ${what}`);
    return (await this.answers.next()).value;
  }

  async restart() {
    this.explained.push(/WebSocket connection to .* failed/);
    await this.ask('restart');
  }

  // The next mail to `address`.
  async mail(address) {
    return this.ask(`get the mail to ${address}`);
  }

  // What went wrong behind the scenes.
  check() {
    if (this.problems.length > 0) {
      throw new Error(this.problems.join('\n'));
    }
  }

  // Leave what helps to understand a failure.
  async fail() {
    for (const {name, page} of this.people) {
      await page.screenshot({path: `${this.folder}/failed-${name}.png`}).catch(() => {});
      console.log([`--- the last packets of ${name}`, ...page.trace.slice(-20)].join('\n'));
    }
  }

  async close() {
    await this.browser.close();
  }
}
