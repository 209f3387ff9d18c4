"""A message on its way to everybody. Source: specification 03, paragraphs 3.6 and 3.7."""

import pytest

from cast import A, Cast, data, pres, same
from chinwag.core.state import Draft
from chinwag.engine.ops import post
from chinwag.store import messages
from chinwag.store.db import Unavailable


async def test_in_a_group_by_permission(cast: Cast) -> None:
    """S06: C has muted the group, D may not read."""
    await cast.group("a1 b1 b2 c1 c2 d1 d2")
    group = cast.topic
    await cast.say("c1", set={"topic": group, "sub": {"mode": "JRWS"}})
    await cast.say("d1", set={"topic": group, "sub": {"mode": "JWP"}})
    heard = await cast.say("a1", pub={"id": "1", "topic": group, "content": "hello"})
    message = data(group, 1, "hello", **{"from": A})
    same(
        heard,
        {
            "a1": [(202, {"seq": 1}), message],
            "b1": [message],
            "b2": [pres("me", "msg", src=group, seq=1, act=A)],
            "c1": [message],
        },
    )


async def test_in_a_channel(cast: Cast) -> None:
    """S07: readers see the channel's name and nobody's id."""
    await cast.group("a1 b2 d2", channel=True)
    group = cast.topic
    channel = "chn" + group[3:]
    await cast.enter("e2 e4")
    await cast["e4"].say(sub={"topic": channel})
    cast.heard()
    heard = await cast.say("a1", pub={"id": "2", "topic": group, "content": "news"})
    told = [pres("me", "msg", src=group, seq=1, act=A)]
    same(
        heard,
        {
            "a1": [(202, {"seq": 1}), data(group, 1, "news", **{"from": A})],
            "b2": told,
            "d2": told,
            "e4": [data(channel, 1, "news")],
        },
    )


async def stored(cast: Cast) -> Draft:
    """The next message of A to B."""
    return Draft(cast.topic, 1, A, cast.stage.now(), None, b'"x"', True)


async def test_an_unknown_outcome_is_asked_for(cast: Cast) -> None:
    """03 §3.4: a commit whose answer was lost is looked up, not repeated."""
    await cast.pair("a1 b1")
    topic, db = cast.stage.hub.topics[cast.topic], cast.stage.db
    db.moods = ["unsure"]
    draft = await stored(cast)
    await post.store(topic, [draft])
    assert await db.read(messages.stored, draft)
    topic.forget_state()


async def test_what_was_not_stored_is_reported(cast: Cast) -> None:
    """The same, where nothing was done."""
    await cast.pair("a1 b1")
    topic = cast.stage.hub.topics[cast.topic]
    cast.stage.db.moods = ["lost"]
    with pytest.raises(Unavailable):
        await post.store(topic, [await stored(cast)])
