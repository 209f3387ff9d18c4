"""Webhooks: made, listed, revoked."""

import json

import pytest

from chinwag.core import ids
from chinwag.core.errors import Refused
from chinwag.engine.incoming import Incoming
from chinwag.engine.webhooks import Webhooks
from chinwag.store import users
from chinwag.wire import ctrl
from stage import Actor, Stage, new_group


@pytest.fixture
def webhooks(stage: Stage) -> Webhooks:
    """The webhooks of the stage."""
    return Webhooks(stage.hub)


async def test_it_posts_as_an_account_that_people_see_to_be_a_program(
    stage: Stage, webhooks: Webhooks, alice: Actor
) -> None:
    tea = await new_group(alice)
    alice.news()
    secret, hook = await webhooks.new_incoming(tea, "CI")
    assert secret.startswith("cwhook")
    assert (hook.topic, hook.name) == (tea, "CI")
    (news,) = alice.news()  # those who are there learn who has come
    assert (news["what"], news["src"]) == ("acs", hook.uid)
    assert news["dacs"] == {"want": "JW", "given": "JW"}
    rows = await alice.meta("sub", topic=tea)
    (row,) = [row for row in rows if row["user"] == hook.uid]
    assert row["acs"]["mode"] == "JW"  # it may write, and nothing else
    assert row["public"] == {"fn": "CI", "note": "A webhook."}
    assert row["trusted"] == {"verified": True, "bot": True}
    assert await webhooks.incoming() == [hook]


async def test_a_channel_is_meant_by_either_name(
    stage: Stage, webhooks: Webhooks, alice: Actor
) -> None:
    news = await new_group(alice, "nch1")
    _, hook = await webhooks.new_incoming(ids.chn_of(news), "CI")
    assert hook.topic == news


@pytest.mark.parametrize("name", ["", "me", "usrCwsAAAAAAAA", "grpAAAAAAAAAAA", "sys", "xyz"])
async def test_there_is_none_without_a_group(stage: Stage, webhooks: Webhooks, name: str) -> None:
    before = await stage.db.read(users.page)
    with pytest.raises(Refused) as refused:
        await webhooks.new_incoming(name, "CI")
    assert refused.value.reply == ctrl.TOPIC_NOT_FOUND
    assert await webhooks.incoming() == []
    assert await stage.db.read(users.page) == before  # nobody is left behind


async def test_a_revoked_one_posts_no_more(stage: Stage, webhooks: Webhooks, alice: Actor) -> None:
    tea = await new_group(alice)
    incoming = Incoming(stage.hub, 60)
    secret, hook = await webhooks.new_incoming(tea, "CI")
    await incoming.post(await incoming.find(secret, ""), json.dumps({"text": "one"}).encode())
    assert await webhooks.revoke(hook.id) is True
    assert await webhooks.revoke(hook.id) is False
    with pytest.raises(Refused) as refused:
        await incoming.find(secret, "")
    assert refused.value.reply == ctrl.NOT_FOUND
    assert alice.heard[-1]["data"]["content"] == "one"
