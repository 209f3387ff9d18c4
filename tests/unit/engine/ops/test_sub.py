"""{sub}: attach, subscribe, create."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Concatenate, ParamSpec, TypeVar

import pytest

from chinwag.core import ids, modes
from chinwag.core.state import State
from chinwag.store import subs, users
from chinwag.store.db import Db, Tx
from stage import ALICE, BOB, CAROL, Actor, Stage, new_group

P = ParamSpec("P")
R = TypeVar("R")


async def ctrl(actor: Actor, **sub: Any) -> dict[str, Any]:
    """The {ctrl} that answers a {sub}."""
    answer = await actor.say(sub=sub)
    return next(m["ctrl"] for m in answer if "ctrl" in m)


async def test_alias_of_somebody_else_cannot_be_taken_by_a_new_group(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T25: aliases are unique over people and groups, at creation too; nothing is stored."""
    await alice.say(sub={"topic": "me"})
    await alice.say(set={"topic": "me", "tags": ["basic:alice", "alias:first"]})
    await new_group(bob, "new1", tags=["alias:second"])
    for taken in ("alias:first", "alias:second"):
        assert (await ctrl(bob, topic="new2", set={"tags": [taken]}))["code"] == 400
    assert (await ctrl(bob, topic="new2", set={"tags": ["alias:third"]}))["code"] == 200


async def test_own_notes_show_what_their_owner_was_granted_until_they_are_loaded_again(
    stage: Stage, alice: Actor
) -> None:
    """02 §3.2, QUIRK: default access and grant differ after a reload; nobody gains anything."""
    await alice.say(sub={"topic": "slf"})
    desc = await alice.meta("desc", topic="slf")
    assert desc["defacs"] == {"auth": "JRWDO", "anon": "N"}
    assert desc["acs"]["given"] == "JRWDO"
    stage.hub.topics[ids.slf_name(ALICE)].forget_state()
    desc = await alice.meta("desc", topic="slf")
    assert desc["defacs"] == {"auth": "N", "anon": "N"}
    assert desc["acs"] == {"want": "JRWDO", "given": "JRWPASDO", "mode": "JRWDO"}


async def test_who_has_left_and_is_banned_is_refused(alice: Actor, bob: Actor) -> None:
    """02 §5.9: found by simulation, the reply to {sub} was 200 though nobody was attached."""
    await alice.say(sub={"topic": BOB})
    await bob.say(sub={"topic": ALICE})
    await bob.say(set={"topic": ALICE, "sub": {"mode": "RWP"}})
    await alice.say(set={"topic": BOB, "sub": {"user": BOB, "mode": "RWP"}})
    assert (await ctrl(bob, topic=ALICE))["code"] == 403


# --- clients that leave meanwhile ---


class Leaving:
    """A database during whose work `leaver` closes its connection."""

    away = False

    def __init__(self, db: Db) -> None:
        self._db = db
        self.leaver: Actor | None = None

    async def run(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Let `leaver` go, then do the work."""
        if self.leaver is not None:
            self.leaver.closed = True
        return await self._db.run(fn, *args, **kwargs)

    async def read(
        self, fn: Callable[Concatenate[Tx, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Only read."""
        return await self._db.read(fn, *args, **kwargs)

    async def ping(self) -> bool:
        """Whether it answers."""
        return await self._db.ping()

    async def close(self) -> None:
        """Close it."""
        await self._db.close()


async def test_a_client_that_leaves_meanwhile_is_not_attached(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """It would have stayed attached for ever: its end was announced before its beginning."""
    group = await new_group(alice)
    leaving = Leaving(stage.db)
    stage.hub.services = replace(stage.services, db=leaving)
    leaving.leaver = bob
    await bob.say(sub={"topic": group})
    assert bob.closed
    assert bob not in stage.hub.topics[group].attached
    assert bob.attached == set()
    again = stage.actor(BOB)  # the subscription itself was stored
    assert (await again.meta("sub", topic=group))[0]["user"] == BOB


async def test_a_reader_that_leaves_meanwhile_is_not_remembered(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """Found by simulation: who gave the channel up and came back was told 200 and not stored."""
    channel = ids.chn_of(await new_group(alice, topic="nch1"))
    services = stage.hub.services
    leaving = Leaving(stage.db)
    leaving.leaver = bob
    stage.hub.services = replace(stage.services, db=leaving)
    await bob.say(sub={"topic": channel})
    stage.hub.services = services
    again = stage.actor(BOB)
    assert (await again.ask(**{"del": {"topic": channel, "what": "topic"}}))[0] == 200
    assert (await ctrl(again, topic=channel))["code"] == 200
    assert await stage.db.read(subs.get, channel, BOB) is not None


# --- what is wrong is told in order, and nothing is left behind -----------------------------

ODD = {"sub": {"user": BOB, "mode": "?"}}


@pytest.mark.parametrize(
    ("topic", "query", "code"),
    [
        ("grpAAAAAAAAAAA", ODD, 404),
        (ids.uid_text(99), ODD, 404),
        ("new1", {"tags": ["email:a@b.c"], **ODD}, 403),
        ("new1", {"desc": {"trusted": 1}, **ODD}, 403),
        ("new1", ODD, 400),
        ("nch1", {"sub": {"mode": "JN"}}, 400),
        ("slf", {"sub": {"user": BOB}}, 400),
        (BOB, {"sub": {"user": BOB}}, 400),
        (BOB, {"sub": {"mode": "JRWO"}}, 403),
        ("me", {"sub": {"mode": "+P"}}, 400),
    ],
)
async def test_a_failing_sub_makes_nothing(
    stage: Stage, alice: Actor, topic: str, query: dict[str, Any], code: int
) -> None:
    """T11, 02 §5.1, 5.2: the topic is looked at before the wish; nothing is stored."""
    before = await stage.db.read(subs.contacts, ALICE)
    assert (await ctrl(alice, topic=topic, set=query))["code"] == code
    assert await stage.db.read(subs.contacts, ALICE) == before
    assert await stage.db.read(subs.contacts, BOB) != []


async def test_a_conversation_the_peer_does_not_want_is_not_made(
    stage: Stage, alice: Actor
) -> None:
    """T11, T-S25: neither side has a contact more."""
    await stage.db.run(users.update, BOB, {"auth": 0})
    assert (await ctrl(alice, topic=BOB))["code"] == 403
    for uid in (ALICE, BOB):
        names = [name for name, _, _ in await stage.db.read(subs.contacts, uid)]
        assert [n for n in names if n.startswith("p2p")] == []


@pytest.mark.parametrize("state", [State.SUSPENDED, State.DELETED])
async def test_nobody_writes_first_to_who_may_not_answer(
    stage: Stage, alice: Actor, state: State
) -> None:
    """T16: 403 for a suspended account, 404 for one that is no more."""
    await stage.db.run(users.set_state, BOB, state, stage.now())
    expected = 403 if state is State.SUSPENDED else 404
    assert (await ctrl(alice, topic=BOB))["code"] == expected


async def test_a_suspension_outlives_the_sleep_of_a_topic(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T16, T-S44: whoever loads the owner's group, or a conversation, finds it read-only."""
    name = await new_group(bob)
    carol = stage.actor(CAROL)
    await alice.say(sub={"topic": name})
    await alice.say(sub={"topic": BOB})
    await stage.db.run(users.set_state, BOB, State.SUSPENDED, stage.now())
    for live in stage.hub.topics.values():
        live.forget_state()
    for topic in (name, BOB):
        assert (await alice.ask(pub={"topic": topic, "content": "x"}))[0] == 403
        assert (await alice.ask(set={"topic": topic, "sub": {"mode": "JR"}}))[0] == 403
        deletion = {"topic": topic, "delseq": [{"low": 1}]}
        assert (await alice.ask(**{"del": deletion}))[0] == 403
    assert (await ctrl(carol, topic=name))["code"] == 403
    assert (await alice.ask(set={"topic": name, "sub": {"mode": "JRWS"}}))[0] == 200
    assert (await alice.ask(set={"topic": name, "desc": {"private": {"a": 1}}}))[0] == 200
    assert (await alice.ask(leave={"topic": name, "unsub": True}))[0] == 200


async def test_several_devices_enter_a_sleeping_group_at_once(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T10, 01 DEFECT-11, T-S47: all of them are served, none is told to come back later."""
    name = await new_group(alice)
    await alice.say(leave={"topic": name})
    await stage.elapse(5)
    assert name not in stage.hub.topics
    crowd = [stage.actor(uid) for uid in (ALICE, BOB, BOB, CAROL) for _ in range(5)]
    for actor in crowd:
        stage.hub.post(actor.request(sub={"topic": name}))
    await stage.quiet()
    assert {a.heard[0]["ctrl"]["code"] for a in crowd} == {200}


async def test_what_is_said_behind_a_sub_waits_for_it(stage: Stage, alice: Actor) -> None:
    """01 DEFECT-12: a message sent before the reply to {sub} is published."""
    for packet in (
        {"sub": {"id": "1", "topic": BOB}},
        {"pub": {"id": "2", "topic": BOB, "content": "x"}},
    ):
        stage.hub.post(alice.request(**packet))
    await stage.quiet()
    answers = {m["ctrl"]["id"]: m["ctrl"]["code"] for m in alice.heard if "ctrl" in m}
    assert answers == {"1": 200, "2": 202}


async def test_a_topic_deleted_while_others_enter(stage: Stage, alice: Actor, bob: Actor) -> None:
    """T35: everybody is answered, in turn, and the topic does not come back to life."""
    name = await new_group(alice)
    await alice.say(leave={"topic": name})
    await stage.elapse(5)
    stage.hub.post(bob.request(sub={"topic": name}))
    stage.hub.post(alice.request(**{"del": {"topic": name, "what": "topic", "hard": True}}))
    late = stage.actor(CAROL)
    stage.hub.post(late.request(sub={"topic": name}))
    await stage.quiet()
    assert alice.heard[-1]["ctrl"]["code"] == 200
    assert [m["ctrl"]["code"] for m in bob.heard if "ctrl" in m] == [200, 205]
    assert late.heard[-1]["ctrl"]["code"] == 404


# --- conversations --------------------------------------------------------------------------


async def test_who_was_blocked_stays_blocked(stage: Stage, alice: Actor, bob: Actor) -> None:
    """T05: deleting a sleeping conversation for oneself and coming back is no way out."""
    await alice.say(sub={"topic": BOB})
    await bob.say(sub={"topic": ALICE})
    await alice.say(set={"topic": BOB, "sub": {"user": BOB, "mode": "N"}})
    await alice.say(leave={"topic": BOB})
    await stage.elapse(5)
    assert (await bob.ask(**{"del": {"topic": ALICE, "what": "topic"}}))[0] == 200
    assert (await ctrl(bob, topic=ALICE))["code"] == 403


async def test_a_peer_who_left_comes_back_when_he_is_written_to(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T06: opening the conversation alone brings nobody back; his own block would stay too."""
    await alice.say(sub={"topic": BOB})
    await bob.say(sub={"topic": ALICE, "set": {"sub": {"mode": "JRWA"}}})
    await bob.say(leave={"topic": ALICE, "unsub": True})
    await alice.say(leave={"topic": BOB})
    await stage.elapse(5)
    await bob.say(sub={"topic": "me"})
    await alice.say(sub={"topic": BOB})
    assert [row["user"] for row in await alice.meta("sub", topic=BOB)] == [ALICE]
    bob.news()
    await alice.say(pub={"topic": BOB, "content": "x"})
    rows = {row["user"]: row["acs"] for row in await alice.meta("sub", topic=BOB)}
    assert rows[BOB]["want"] == "JRWA"
    assert bob.news()[0]["dacs"] == {"want": "JRWA", "given": "JRWPAD"}


async def test_a_user_id_in_an_odd_spelling(alice: Actor) -> None:
    """T32: it is understood, and answered by the canonical name."""
    odd = BOB[:-1] + chr(ord(BOB[-1]) + 1)
    reply = await ctrl(alice, topic=odd)
    assert (reply["topic"], reply["params"]["tmpname"]) == (BOB, odd)
    assert (await ctrl(alice, topic=BOB))["code"] == 304


# --- channels -------------------------------------------------------------------------------


async def test_a_reader_is_a_reader_by_whatever_name(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T21: by the group's name he sees no authors and no members either."""
    name = await new_group(alice, topic="nch1")
    await alice.say(pub={"topic": name, "content": "news"})
    await bob.say(sub={"topic": ids.chn_of(name)})
    tablet = stage.actor(BOB)
    reply = await ctrl(tablet, topic=name)
    assert (reply["code"], reply["topic"]) == (200, ids.chn_of(name))
    answer = await tablet.say(get={"topic": name, "what": "data sub"})
    assert [row["user"] for m in answer if "meta" in m for row in m["meta"]["sub"]] == [BOB]
    assert ["from" in m["data"] for m in answer if "data" in m] == [False]
    assert (await ctrl(stage.actor(CAROL), topic=name))["code"] == 403


async def test_a_reader_who_may_be_a_member_becomes_one(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T22, 02 §5.9: where the defaults have J the group's name makes a member of a reader."""
    name = await new_group(alice, topic="nch1", desc={"defacs": {"auth": "JRWPS"}})
    await bob.say(sub={"topic": ids.chn_of(name)})
    tablet = stage.actor(BOB)
    reply = await ctrl(tablet, topic=name)
    assert (reply["topic"], reply["params"]["acs"]["mode"]) == (name, "JRWPS")
    assert bob.attached == set()
    assert await stage.db.read(subs.get, ids.chn_of(name), BOB) is None
    assert (await alice.meta("desc", topic=name))["subcnt"] == 2


async def test_private_notes_sent_along(stage: Stage, alice: Actor, bob: Actor) -> None:
    """02 §5.8 B8, QUIRK: {sub} replaces a private note where {set} merges; the marker clears."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name, "set": {"desc": {"private": {"a": 1}}}})
    for note, kept in (({"b": 2}, {"b": 2}), (None, {"b": 2}), ("\u2421", None)):
        await bob.say(leave={"topic": name})
        await bob.say(sub={"topic": name, "set": {"desc": {"private": note}}})
        assert (await bob.meta("desc", topic=name)).get("private") == kept


@pytest.mark.parametrize("reader", [False, True])
async def test_who_returns_can_clear_the_old_private_note(
    alice: Actor, bob: Actor, reader: bool
) -> None:
    """D-20: supplied private data count, also where they say that there shall be none."""
    name = await new_group(alice, "nch1" if reader else "new1")
    name = ids.chn_of(name) if reader else name
    await bob.say(sub={"topic": name, "set": {"desc": {"private": {"a": 1}}}})
    await bob.say(leave={"topic": name, "unsub": True})
    await bob.say(sub={"topic": name})
    assert (await bob.meta("desc", topic=name))["private"] == {"a": 1}
    await bob.say(leave={"topic": name, "unsub": True})
    await bob.say(sub={"topic": name, "set": {"desc": {"private": "\u2421"}}})
    assert "private" not in await bob.meta("desc", topic=name)


@pytest.mark.parametrize("kind", ["member", "reader", "owner"])
async def test_modes_and_private_note_are_stored_together(
    stage: Stage, alice: Actor, bob: Actor, kind: str
) -> None:
    """A store that failed between the two left new modes without the note."""
    name = await new_group(alice, "nch1" if kind == "reader" else "new1")
    where = ids.chn_of(name) if kind == "reader" else name
    await bob.say(sub={"topic": where})
    mode = "JRWPASDO" if kind == "owner" else "JR"
    if kind == "owner":
        await alice.say(set={"topic": name, "sub": {"user": BOB, "mode": "JRWPASDO"}})
    await bob.say(leave={"topic": where})
    stage.db.moods = ["", "lost"]
    wish = {"sub": {"mode": mode}, "desc": {"private": "mine"}}
    assert (await bob.ask(sub={"topic": where, "set": wish}))[0] == 200
    assert stage.db.moods == ["lost"]
    stage.db.moods.clear()
    found = await stage.db.read(subs.get, where, BOB)
    assert found is not None
    assert (modes.text(found.want), found.private) == (mode, b'"mine"')
