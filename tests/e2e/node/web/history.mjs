// A long history with a gap is read page by page up to its beginning, each page asked for once.

import {until} from './until.mjs';

export default async function (stage) {
  process.env.CHINWAG_HOST = new URL(stage.address).host;
  const {found, join, say} = await import('../sdk/people.mjs');
  const teller = await join('teller');
  const stories = await found(teller, 'Stories', {tags: ['stories']});
  for (let n = 1; n <= 90; n++) {
    await say(stories, `line ${n}.`);
  }
  await stories.delMessages([{low: 30, hi: 61}], true);

  const {alice} = await stage.enter('Alice Adams');
  await alice.find('stories', 'Stories');
  await alice.sees('line 90.');
  await until(async () => {
    await alice.page.locator('#messages-container').hover();
    await alice.page.mouse.wheel(0, -2000);
    return alice.message('line 1.').isVisible();
  }, 'the first line');
  await alice.shot('beginning');
  await alice.lacks('line 45.');
  await alice.message('line 29.').waitFor();
  await alice.message('line 61.').waitFor();
  const asked = alice.page.trace.filter(line => /out: .*"(get|sub)".*"data"/.test(line));
  if (asked.length > 8) {
    throw new Error(`asked for messages ${asked.length} times:\n${asked.join('\n')}`);
  }
  teller.disconnect();
}
