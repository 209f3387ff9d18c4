// Tags and search: by log-in name, by tag, by alias; who has an alias.

import assert from 'node:assert/strict';
import {Tinode, found, fresh, join, refusal, wake} from './people.mjs';

// Names of the topics that `who` finds.
async function find(who, query) {
  const fnd = who.getFndTopic();
  if (!fnd.isSubscribed()) {
    await fnd.subscribe(fnd.startMetaQuery().withSub().build());
  }
  await fnd.setMeta({desc: {public: query}});
  await fnd.getMeta(fnd.startMetaQuery().withSub().build());
  const names = [];
  fnd.contacts(contact => names.push(contact.topic));
  return names.sort();
}

export default async function () {
  const anna = await join('anna');
  const boris = await join('boris');
  const alias = fresh('alps').toLowerCase();
  const tag = fresh('yodel').toLowerCase();

  const list = await wake(boris);
  await list.setMeta({tags: [tag, Tinode.TAG_ALIAS + alias, `basic:${boris.loginName}`]});
  assert.ok(list.tags().includes(tag));
  assert.equal(list.alias(), alias);
  const group = await found(boris, 'Yodellers', {tags: [tag]});

  assert.deepEqual(await find(anna, `basic:${boris.loginName}`), [boris.id]);
  assert.deepEqual(await find(anna, `alias:${alias}`), [boris.id]);
  assert.deepEqual(await find(anna, tag), [group.name, boris.id].sort());
  assert.deepEqual(await find(anna, `${tag} alias:${alias}`), [boris.id]);
  assert.deepEqual(await find(anna, fresh('nothing')), []);

  const contact = await (async () => {
    await find(anna, `basic:${boris.loginName}`);
    let found;
    anna.getFndTopic().contacts(each => { found = each; });
    return found;
  })();
  assert.equal(contact.public.fn, 'boris');

  assert.equal(await anna.getFndTopic().checkTagUniqueness(Tinode.TAG_ALIAS + alias, 'me'), false);
  const unused = Tinode.TAG_ALIAS + fresh('free').toLowerCase();
  assert.equal(await anna.getFndTopic().checkTagUniqueness(unused, 'me'), true);
  const own = `basic:${anna.loginName}`;
  await refusal((await wake(anna)).setMeta({tags: [own, Tinode.TAG_ALIAS + alias]}), 400);
  await refusal(anna.getMeTopic().setMeta({tags: ['basic:somebody']}), 403);
}
