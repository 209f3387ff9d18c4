// Somebody who uses the stock web client: what they do, and what they see.

import {readFileSync} from 'node:fs';
import {until} from './until.mjs';

const TICKS = {sent: 'done', received: 'done_all', read: 'done_all'};

export class Person {
  shots = 0;

  constructor(stage, login, name, page) {
    this.stage = stage;
    this.login = login;
    this.name = name;
    this.page = page;
    this.contacts = page.locator('#sidepanel .contact-box > li');
    this.messages = page.locator('#messages-panel > ul > li');
    this.input = page.locator('#send-message-input');
  }

  get password() {
    return `${this.login} secret`;
  }

  get email() {
    return `${this.login}@example.com`;
  }

  async shot(what) {
    this.shots++;
    await this.page.screenshot({path: `${this.stage.folder}/${this.name}-${this.shots}-${what}.png`});
  }

  // --- account -------------------------------------------------------------------------------

  async register(fullName, more) {
    await this.fillIn(fullName, more);
    await this.isIn(fullName);
  }

  async fillIn(fullName, {avatar} = {}) {
    await this.page.click('#side-caption-panel >> text=person_add');
    const form = this.page.locator('form.panel-form-column');
    await form.getByPlaceholder('Login').fill(this.login);
    await form.getByPlaceholder('Password').fill(this.password);
    await form.getByPlaceholder('Full name').fill(fullName);
    await form.getByPlaceholder('Email').fill(this.email);
    if (avatar) {
      await this.setAvatar('#sidepanel', avatar);
    }
    await this.page.click('button:text-is("Sign up")');
  }

  async logIn(fullName, more) {
    await this.tryToLogIn(more);
    await this.isIn(fullName);
  }

  async tryToLogIn({stay = false, password = this.password} = {}) {
    await this.page.fill('#inputLogin', this.login);
    await this.page.fill('#login-form input[type=password]', password);
    if (stay) {
      await this.page.click('#save-token');
    }
    await this.page.click('button:text-is("Sign in")');
  }

  // What the bar above the panel says.
  async isTold(text) {
    await this.page.locator('.info-box', {hasText: text}).waitFor();
  }

  // Choose a picture in `panel` and cut it as it is offered.
  async setAvatar(panel, picture) {
    await this.page.setInputFiles(`${panel} .avatar-upload input[type=file]`, picture);
    await this.page.click(`${panel} button:text-is("OK")`);
    await this.page.locator(`${panel} .avatar-upload img.preview`).waitFor();
  }

  async seesAvatar(where, from) {
    const picture = this.page.locator(`${where} img.avatar[src^="${from}"]`);
    await picture.waitFor();
    await this.isLoaded(picture);
  }

  async isIn(fullName) {
    await this.page.locator('#sidepanel-title', {hasText: fullName}).waitFor();
  }

  // Have a letter sent that lets one choose another password.
  async forget() {
    await this.page.click('text=Forgot password?');
    await this.page.fill('#sidepanel input', this.email);
    await this.page.click('#sidepanel button.primary');
    await this.isTold('has been sent');
  }

  async choosePassword(password) {
    await this.page.fill('#sidepanel input[type=password]', password);
    await this.page.click('#sidepanel button:text-is("Reset")');
    await this.isOut();
  }

  // Follow a link into the page, as from a letter: in a fresh tab.
  async goTo(link) {
    await this.page.goto('about:blank');
    await this.page.goto(`${this.stage.address}/${link}`);
  }

  // Load the page afresh and log in. The address must not name the chat that was open: the client would open it
  // before it knows of its rights, and depending on what arrives first forgets to ask for the history.
  async comeBack(fullName, more) {
    await this.goTo('');
    await this.logIn(fullName, more);
  }

  async isOut() {
    await this.page.locator('#login-form').waitFor();
  }

  async settings(...panels) {
    await this.page.click('#side-caption-panel >> text=settings');
    for (const panel of panels) {
      await this.page.click(`#sidepanel .flat-button:has-text("${panel}")`);
    }
  }

  // Write `value` over what is shown under `label`.
  async edit(label, value) {
    const group = this.page.locator('.group').filter({has: this.page.locator(`label:text-matches("^${label}")`)});
    await group.locator('.in-place-edit').click();
    const box = group.locator('input, textarea');
    await box.fill(value);
    await box.press('Enter');
    await group.locator('.in-place-edit', {hasText: value}).waitFor();
  }

  // Back to the list of chats.
  async back() {
    const arrow = this.page.locator('#side-caption-panel >> text=arrow_back');
    while (await arrow.isVisible()) {
      await arrow.click();
    }
  }

  async logOut() {
    await this.settings('Security');
    await this.page.click('.flat-button:has-text("Logout")');
    await this.isOut();
  }

  // --- chats ---------------------------------------------------------------------------------

  contact(title) {
    return this.contacts.filter({has: this.page.locator(`.contact-title:text-is("${title}")`)});
  }

  // Choose `item` from the menu of a chat in the list.
  async contactMenu(title, item) {
    await this.contact(title).hover();
    await this.contact(title).locator('.menuTrigger a').click();
    await this.choose(item);
  }

  async seesBadge(title, icon) {
    await this.contact(title).locator(`.as-badge:text-is("${icon}")`).waitFor();
  }

  // The chats of the list, from the top.
  async seesOrder(...titles) {
    const shown = () => this.contacts.locator('.contact-title').allInnerTexts();
    await until(async () => String(await shown()) === String(titles), `${this.name} sees ${titles}`);
  }

  async search(query) {
    await this.page.click('#side-caption-panel >> text="chat"');
    const box = this.page.locator('#sidepanel input.search');
    await box.fill(query);
    await box.press('Enter');
  }

  // Search for `query` and open the chat that is found under `title`.
  async find(query, title) {
    await this.search(query);
    await this.contact(title).click();
    await this.isAt(title);
  }

  async open(title) {
    await this.contact(title).click();
    await this.isAt(title);
  }

  async isAt(title) {
    await this.page.locator(`#topic-title:text-is("${title}")`).waitFor();
  }

  async makeGroup(title, {avatar, channel = false, tags = []} = {}) {
    await this.page.click('#side-caption-panel >> text="chat"');
    await this.page.click('.tabbar >> text=new group');
    await this.page.fill('#new-topic-fn', title);
    if (avatar) {
      await this.setAvatar('#sidepanel', avatar);
    }
    if (channel) {
      await this.page.click('.panel-form-row:has-text("This is a channel") i.clickable');
    }
    for (const tag of tags) {
      await this.page.getByPlaceholder('Add some tags').pressSequentially(`${tag},`);
    }
    await this.page.click('#sidepanel button:text-is("Create")');
    await this.isAt(title);
  }

  async addMembers(...names) {
    await this.page.click('#info-view >> text=Add members');
    for (const name of names) {
      await this.page.click(`#info-view .contact-box li:has-text("${name}")`);
    }
    await this.page.click('#info-view button:text-is("OK")');
  }

  // Take people from one's contacts into the open group.
  async invite(...names) {
    await this.chatMenu('Info');
    await this.addMembers(...names);
    await this.seesMembers(1 + names.length);
    await this.closeInfo();
  }

  member(name) {
    return this.page.locator('#info-view .contact-box > li', {hasText: name});
  }

  // Choose `item` from the menu of the member who is number `n` of the list.
  async memberMenu(n, item) {
    const member = this.page.locator('#info-view .contact-box > li').nth(n);
    await member.hover();
    await member.locator('.menuTrigger a').click();
    await this.choose(item);
  }

  // Turn `permissions`, such as "Write (W)", over in the editor that is open.
  async turnOver(...permissions) {
    for (const permission of permissions) {
      await this.page.click(`.permission-editor tr:has-text("${permission}") i.clickable`);
    }
    await this.page.click('#info-view button:text-is("OK")');
  }

  async seesBadges(n, badges) {
    const member = this.page.locator('#info-view .contact-box > li').nth(n);
    const shown = async () => String(await member.locator('.badge').allInnerTexts());
    await until(async () => await shown() === String(badges), `${this.name} sees ${badges} at member ${n}`);
  }

  // The client learns the names of new members only when the chat is opened again.
  async seesMembers(count) {
    const badges = this.page.locator('#info-view .contact-box .badge:text-matches("^[JRWPASDO]+$")');
    await until(async () => await badges.count() === count, `${this.name} sees ${count} members`);
  }

  async closeInfo() {
    await this.page.click('#info-view >> text=close');
  }

  // Choose `item` from the menu of the open chat.
  async chatMenu(item) {
    await this.page.click('#topic-caption-panel >> text=more_vert');
    await this.choose(item);
  }

  // --- messages ------------------------------------------------------------------------------

  message(text) {
    return this.messages.filter({hasText: text});
  }

  // Choose `item` from the menu of a message.
  async messageMenu(text, item) {
    const message = this.message(text).last();
    await message.hover();
    await message.locator('.menuTrigger a').click();
    await this.choose(item);
  }

  async confirm() {
    await this.page.click('.alert-container button:text-is("OK")');
  }

  async choose(item) {
    await this.page.click(`ul.menu li:text-is("${item}")`);
  }

  // `shown`: what becomes of marks such as *bold*.
  async say(text, shown = text) {
    await this.input.fill(text);
    await this.input.press('Enter');
    await this.sees(shown);
  }

  async sees(text) {
    await this.message(text).last().waitFor();
  }

  // All that is said in the open chat.
  async seesOnly(...texts) {
    const bubbles = this.messages.locator('.content-meta .message-content');
    const shown = async () => (await bubbles.allInnerTexts()).map(text => text.trim());
    await until(async () => String(await shown()) === String(texts), `${this.name} sees only ${texts}`, shown);
  }

  async lacks(text) {
    await this.message(text).last().waitFor({state: 'detached'});
  }

  // The marks under one's own message.
  async seesTick(text, state) {
    const tick = this.message(text).locator(`.timestamp i:text-is("${TICKS[state]}")`);
    await (state === 'read' ? tick.and(this.page.locator('.blue')) : tick).waitFor();
  }

  // Keep typing until `other` sees it: the client tells of it every three seconds at most.
  async typesTo(other) {
    const dots = other.page.locator('#topic-caption-panel .typing');
    await until(async () => {
      await this.input.press('x', {delay: 100});
      return dots.isVisible();
    }, `${other.name} sees that ${this.name} types`);
    await this.input.fill('');
  }

  async seesUnread(title, count) {
    await this.contact(title).locator(`.unread:text-is("${count}")`).waitFor();
  }

  async seesRead(title) {
    await this.contact(title).locator('.unread').waitFor({state: 'detached'});
  }

  async attachPicture(picture, caption = '') {
    await this.page.setInputFiles('#send-message-panel input[accept*=image]', picture);
    await this.page.locator('#image-preview').waitFor();
    await this.input.fill(caption);
    await this.page.click('#send-message-panel >> text=send');
  }

  async attachFile(file) {
    await this.page.setInputFiles('#send-message-panel input:not([accept])', file);
    await this.page.click('#send-message-panel >> text=send');
  }

  // The bytes of the attachment called `name`.
  async download(name) {
    const coming = this.page.waitForEvent('download');
    await this.message(name).locator('a:has-text("save")').click();
    const download = await coming;
    return readFileSync(await download.path());
  }

  // The picture called `name`, loaded from where it says.
  async seesPicture(name, from) {
    const picture = this.messages.locator(`img[title="${name}"][src^="${from}"]`).last();
    await picture.waitFor();
    await picture.scrollIntoViewIfNeeded();
    await this.isLoaded(picture);
  }

  // Not only is there an <img>, its bytes have come and could be shown.
  async isLoaded(picture) {
    const handle = await picture.elementHandle();
    await this.page.waitForFunction(image => image.complete && image.naturalWidth > 1, handle);
  }

  // --- calls ---------------------------------------------------------------------------------

  // `icon`: call accepts, call_end declines or hangs up.
  async pressCall(icon) {
    await this.page.click(`button:has(i:text-is("${icon}"))`);
  }

  // The panel closes a while after the other one has hung up.
  async callEnds() {
    await this.page.locator('#video-container').waitFor({state: 'detached'});
  }

  // How many pictures have moved for more than a second, one's own among them: a call that ends
  // earlier is shown as one of 0:00.
  async playing() {
    return this.page.evaluate(() =>
      [...document.querySelectorAll('video')].filter(video => video.videoWidth > 2 && video.currentTime > 1.5).length);
  }
}
