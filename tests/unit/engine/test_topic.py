"""The topic actor: what waits is bounded, and it survives whatever one request does to it."""

import logging
from typing import Any

import pytest

from chinwag.core.errors import Refused
from chinwag.core.presence import GONE, News
from chinwag.core.state import TopicState
from chinwag.engine import ops
from chinwag.engine import topic as topics
from chinwag.engine.request import Request
from chinwag.engine.topic import IDLE_S, RETRY_S, Lost, Topic
from chinwag.store import messages
from chinwag.wire import ctrl
from stage import ALICE, BOB, Actor, Stage, new_group


def codes(said: list[dict[str, Any]]) -> list[int]:
    """The codes of the {ctrl}s in `said`."""
    return [message["ctrl"]["code"] for message in said if "ctrl" in message]


async def test_a_full_mailbox_refuses_requests_and_nothing_else(
    stage: Stage, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEFECT-33: whoever is one too many is told so; whoever leaves is always heard."""
    monkeypatch.setattr(topics, "MAILBOX_MAX", 2)
    group = await new_group(alice)
    alice.heard.clear()
    for number in range(4):
        stage.hub.post(alice.request(get={"id": str(number), "topic": group, "what": "aux"}))
    assert [(m["ctrl"]["id"], m["ctrl"]["code"]) for m in alice.heard] == [("2", 503), ("3", 503)]
    assert stage.hub.topics[group].post(Lost(alice))
    await stage.quiet()
    assert codes(alice.heard) == [503, 503, 204, 204]
    assert alice.attached == set()


async def test_news_beyond_the_bound_are_dropped(
    stage: Stage, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clients resynchronise by {get sub}."""
    monkeypatch.setattr(topics, "NEWS_MAX", 2)
    await alice.say(sub={"topic": "me"})
    me = stage.hub.topics[ALICE]
    alice.news()
    taken = [me.post(News(what="msg", src="grpAAAAAAAAAAA", seq=n)) for n in (1, 2, 3)]
    await stage.quiet()
    assert taken == [True, True, False]
    assert [news["seq"] for news in alice.news()] == [1, 2]


async def test_messages_that_wait_together_are_committed_together(
    stage: Stage, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But not more of them at once than a batch may have, and in their order among the rest."""
    monkeypatch.setattr(topics, "BATCH_MAX", 3)
    group = await new_group(alice)
    commits: list[int] = []
    append = messages.append

    def counted(tx: Any, drafts: Any, *args: Any, **kwargs: Any) -> Any:
        commits.append(len(drafts))
        return append(tx, drafts, *args, **kwargs)

    monkeypatch.setattr(messages, "append", counted)
    alice.heard.clear()
    for number in range(4):
        stage.hub.post(alice.request(pub={"id": str(number), "topic": group, "content": number}))
    stage.hub.post(alice.request(get={"id": "get", "topic": group, "what": "aux"}))
    stage.hub.post(alice.request(pub={"id": "last", "topic": group, "content": "last"}))
    await stage.quiet()
    assert commits == [3, 1, 1]
    replies = [m["ctrl"] for m in alice.heard if "ctrl" in m]
    assert [(r["id"], r["code"]) for r in replies] == [
        *((str(n), 202) for n in range(4)),
        ("get", 204),
        ("last", 202),
    ]


@pytest.mark.parametrize("moods", [["lost"], ["conflict"]])
async def test_a_store_that_fails_is_told_and_what_was_known_is_forgotten(
    stage: Stage, alice: Actor, moods: list[str]
) -> None:
    """Nothing was done: the next request is served from what is stored."""
    group = await new_group(alice)
    stage.db.moods = moods
    assert (await alice.ask(set={"topic": group, "aux": {"pins": [1]}}))[0] == 503
    assert not stage.hub.topics[group].loaded
    assert (await alice.ask(get={"topic": group, "what": "aux"}))[0] == 204
    assert stage.hub.topics[group].loaded


async def test_a_topic_survives_what_a_request_does_to_it(
    stage: Stage, alice: Actor, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEFECT-01, T01: 500 for that request, a traceback in the log, and it goes on."""
    group = await new_group(alice)

    async def broken(topic: Topic, state: TopicState | None, request: Request) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as patch:
        patch.setattr(ops.leave, "run", broken)
        assert (await alice.ask(leave={"topic": group}))[0] == 500
    assert [(r.message, r.levelno) for r in caplog.records] == [("topic_failed", logging.ERROR)]
    assert not stage.hub.topics[group].loaded
    assert (await alice.ask(leave={"topic": group}))[0] == 200


async def test_an_answer_is_given_once(
    stage: Stage, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What fails behind the answer changes nothing of it, and a note has none."""
    group = await new_group(alice)

    async def late(topic: Topic, state: TopicState | None, request: Request) -> None:
        request.reply(ctrl.OK)
        raise Refused(ctrl.PERMISSION_DENIED)

    async def refused(topic: Topic, state: TopicState | None, request: Request) -> None:
        raise Refused(ctrl.PERMISSION_DENIED)

    monkeypatch.setattr(ops.leave, "run", late)
    monkeypatch.setattr(ops.note, "run", refused)
    assert codes(await alice.say(leave={"topic": group})) == [200]
    assert await alice.say(note={"topic": group, "what": "kp"}) == []


async def test_who_ends_is_detached_though_the_store_is_silent(stage: Stage, alice: Actor) -> None:
    group = await new_group(alice)
    stage.hub.topics[group].forget_state()
    stage.db.silent = 1
    await alice.drop()
    assert stage.hub.topics[group].attached == {}


async def test_news_are_heard_though_the_store_is_silent(stage: Stage, alice: Actor) -> None:
    """Found by simulation: somebody whose account was gone stayed a contact.

    While it is not known what may be shown, only what is always shown is.
    """
    await alice.say(sub={"topic": "me"})
    await alice.say(sub={"topic": BOB})
    me = stage.hub.topics[ALICE]
    assert BOB in me.contacts
    alice.news()
    me.forget_state()
    stage.db.silent = 2
    me.hear(News(what="msg", src=BOB, seq=1))
    me.hear(News(what=GONE, src=BOB, command="rem"))
    await stage.quiet()
    assert stage.db.silent == 0
    assert BOB not in me.contacts
    assert alice.news() == [{"topic": "me", "src": BOB, "what": "gone"}]


async def test_work_waits_for_a_store_that_is_silent(stage: Stage, alice: Actor) -> None:
    """Nobody asks for it again: it was dropped."""
    group = await new_group(alice)
    seen: list[bool] = []

    async def look(_topic: Topic, state: TopicState | None) -> None:
        seen.append(state is not None)

    topic: Topic = stage.hub.topics[group]
    topic.forget_state()
    stage.db.silent = 2
    topic.do("look", look)
    await stage.quiet()
    for _ in range(3):
        await stage.elapse(RETRY_S)
    assert seen == [True]


async def test_a_topic_sleeps_a_while_after_the_last_one_has_left(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """02 §4.3: four seconds, and whoever comes in the meantime keeps it awake."""
    group = await new_group(alice)
    await alice.say(leave={"topic": group})
    await stage.elapse(IDLE_S - 0.5)
    await bob.say(sub={"topic": group})
    await stage.elapse(IDLE_S)
    assert stage.hub.topics[group].awake
    await bob.say(leave={"topic": group})
    await stage.elapse(IDLE_S + 0.1)
    assert group not in stage.hub.topics


async def test_work_is_done_in_turn_and_with_what_is_known_then(stage: Stage, alice: Actor) -> None:
    """By the time a timer goes off it may be another actor."""
    group = await new_group(alice)
    seen: list[tuple[Topic, bool]] = []

    async def look(topic: Topic, state: TopicState | None) -> None:
        seen.append((topic, state is not None))

    first = stage.hub.topics[group]
    first.do("look", look)
    await stage.quiet()
    first.do_later(1.0, "look", look)
    stage.hub.forget(first)
    await stage.elapse(1.1)
    assert [known for _, known in seen] == [True, True]
    assert seen[0][0] is first
    assert seen[1][0] is not first
    stage.hub.topics[group] = first
