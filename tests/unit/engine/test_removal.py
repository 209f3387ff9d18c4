"""Accounts end or are suspended: the store first, then everybody concerned.

Source: specification 01, paragraph 6.10; specification 02, paragraph 11.4.
"""

from dataclasses import replace

import pytest

from chinwag.core import ids, modes
from chinwag.core.limits import Limits
from chinwag.core.presence import ON, News
from chinwag.core.state import Level, Member, TopicState
from chinwag.engine.topic import RETRY_S, Topic
from chinwag.store import subs, users
from stage import ALICE, BOB, CAROL, Actor, Device, Open, Stage, new_group

NOBODY = ids.uid_text(99)


async def device(stage: Stage, uid: str, level: Level = Level.AUTH) -> Device:
    """A session of `uid`."""
    found = Device(stage)
    await found.says({"hi": {"ver": "0.25"}})
    found.session.authenticated(uid, level)
    return found


async def delete(device: Device, **more: object) -> int:
    """The code that answers {del what="user"}."""
    code, _ = await device.asks(**{"del": {"what": "user", **more}})
    return code


@pytest.mark.parametrize("hard", [False, True])
async def test_an_account_ends_with_all_that_it_owned(stage: Stage, bob: Actor, hard: bool) -> None:
    """T28, T-S45, T15, T33: one transaction, then peers, members and own devices are told."""
    alice, other = await device(stage, ALICE), await device(stage, ALICE)
    (created, *_) = await alice.says({"sub": {"topic": "new1"}})
    group = created["ctrl"]["topic"]
    await alice.says({"sub": {"topic": BOB}})
    for topic in ("me", group, ALICE):
        await bob.say(sub={"topic": topic})
    bob.heard.clear()
    answers = await alice.says({"del": {"id": "1", "what": "user", "hard": hard}})
    answers = answers[: answers.index("closed")]
    assert [(m["ctrl"]["code"], "topic" in m["ctrl"]) for m in answers] == [
        (200, False),
        (205, False),
    ]
    assert "closed" in other.wire.heard
    gone = {(p["src"], p["what"]) for p in bob.news() if p["what"] == "gone"}
    assert gone == {(ALICE, "gone"), (group, "gone")}
    assert await bob.ask(sub={"topic": group}) == (404, None)
    assert await bob.ask(sub={"topic": ALICE}) == (404, None)
    assert await bob.ask(get={"topic": ALICE, "what": "desc"}) == (404, None)


async def test_a_failing_store_ends_no_account(stage: Stage, bob: Actor) -> None:
    """T28: nobody was told that somebody is gone who is still there."""
    alice = await device(stage, ALICE)
    await bob.say(sub={"topic": "me"})
    await bob.say(sub={"topic": ALICE})
    bob.news()
    stage.db.moods = ["lost"]
    assert await delete(alice) == 503
    assert bob.news() == []
    assert await stage.db.read(users.get, ALICE) is not None
    assert not alice.session.closed


@pytest.mark.parametrize(
    ("level", "user", "code"),
    [
        (Level.AUTH, BOB, 403),
        (Level.AUTH, "nonsense", 403),
        (Level.ROOT, "nonsense", 400),
        (Level.ROOT, NOBODY, 200),
        (Level.ROOT, BOB, 200),
        (Level.AUTH, ALICE, 200),
    ],
)
async def test_whose_account_may_be_deleted(
    stage: Stage, level: Level, user: str, code: int
) -> None:
    """02 §11.4: the own one; by root any, also one that never was."""
    alice = await device(stage, ALICE, level)
    assert await delete(alice, user=user) == code
    assert await stage.db.read(users.get, CAROL) is not None


async def test_root_deletes_whom_he_acts_for_and_not_himself(stage: Stage) -> None:
    """DEFECT-23."""
    root, bob = await device(stage, CAROL, Level.ROOT), await device(stage, BOB)
    answers = await root.says({"del": {"what": "user"}, "extra": {"obo": BOB}})
    assert [m["ctrl"]["code"] for m in answers] == [200]
    assert await stage.db.read(users.get, BOB) is None
    assert await stage.db.read(users.get, CAROL) is not None
    assert bob.wire.heard[-1] == "closed"


async def test_root_is_not_left_where_whom_he_acts_for_is_no_more(
    stage: Stage, alice: Actor
) -> None:
    """Found by simulation: the session of root stayed attached as somebody unknown."""
    name = await new_group(alice)
    root, clerk = await device(stage, CAROL, Level.ROOT), await device(stage, CAROL, Level.ROOT)
    for topic in ("me", "fnd", name):
        answers = await clerk.says({"sub": {"topic": topic}, "extra": {"obo": BOB}})
        assert answers[0]["ctrl"]["code"] == 200
    clerk.wire.heard.clear()
    assert await delete(root, user=BOB) == 200
    assert {m["ctrl"]["topic"] for m in clerk.wire.heard if "ctrl" in m} == {"me", "fnd", name}
    assert clerk.session.attached == set()


@pytest.mark.parametrize(("level", "code"), [(Level.AUTH, 422), (Level.ROOT, 200)])
async def test_accounts_may_be_permanent(open_stage: Open, level: Level, code: int) -> None:
    """02 §11.4: where the server says so, only root ends one."""
    stage = await open_stage(replace(Limits(), permanent_accounts=True))
    assert await delete(await device(stage, ALICE, level)) == code


async def test_a_suspended_account(stage: Stage, bob: Actor) -> None:
    """T-S44, T16: sessions end, and what belonged to the account may only be read."""
    root, alice = await device(stage, CAROL, Level.ROOT), await device(stage, ALICE)
    (created, *_) = await alice.says({"sub": {"topic": "new1"}})
    group = created["ctrl"]["topic"]
    await alice.says({"sub": {"topic": BOB}})
    for topic in (group, ALICE):
        await bob.say(sub={"topic": topic})
    bob.heard.clear()
    assert await root.asks(acc={"user": ALICE, "status": "susp"}) == (200, {})
    assert alice.wire.heard[-1] == "closed"
    assert {"topic": group, "src": ALICE, "what": "off"} in bob.news()
    for topic in (group, ALICE):
        assert (await bob.ask(pub={"topic": topic, "content": "x"}))[0] == 403
    assert await root.asks(acc={"user": ALICE, "status": "susp"}) == (304, {})
    assert await root.asks(acc={"user": ALICE, "status": "ok"}) == (200, {})
    assert (await bob.ask(pub={"id": "1", "topic": ALICE, "content": "x"}))[0] == 202


async def test_live_topics_learn_of_it_in_turn(stage: Stage, alice: Actor, bob: Actor) -> None:
    """T31: their state is touched by their own actors only, after what waits there already."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    root = await device(stage, CAROL, Level.ROOT)
    alice.heard.clear()
    root.session.feed(b'{"del":{"what":"user","user":"%s"}}' % BOB.encode())
    for n in range(20):
        stage.hub.post(alice.request(pub={"id": f"{n}", "topic": name, "content": n}))
    await stage.quiet()
    assert [m["ctrl"]["code"] for m in alice.heard if "ctrl" in m] == [202] * 20
    assert [row["user"] for row in await alice.meta("sub", topic=name)] == [ALICE]


# --- a store that does not say what it did --------------------------------------------------


async def test_a_deletion_without_an_answer_is_told_if_it_happened(
    stage: Stage, bob: Actor
) -> None:
    """T28: the account was gone, the client was told 503 and nobody else anything."""
    alice, other = await device(stage, ALICE), await device(stage, ALICE)
    (created, *_) = await alice.says({"sub": {"topic": "new1"}})
    group = created["ctrl"]["topic"]
    await alice.says({"sub": {"topic": BOB}})
    for topic in ("me", group, ALICE):
        await bob.say(sub={"topic": topic})
    bob.news()
    stage.db.moods = ["unsure"]
    assert await delete(alice) == 200
    assert "closed" in other.wire.heard
    assert {p["src"] for p in bob.news() if p["what"] == "gone"} == {ALICE, group}


@pytest.mark.parametrize("happened", [False, True])
async def test_a_store_that_cannot_be_asked_is_asked_later(
    stage: Stage, bob: Actor, happened: bool
) -> None:
    """Meanwhile the sessions are over: they must be, if the account is."""
    alice, other = await device(stage, ALICE), await device(stage, ALICE)
    await alice.says({"sub": {"topic": BOB}})
    await bob.say(sub={"topic": "me"})
    bob.news()
    stage.db.moods = ["unsure" if happened else "lost", "lost", "lost"]
    alice.session.feed(b'{"del":{"what":"user"}}')
    await stage.quiet()
    assert "closed" in other.wire.heard
    assert "closed" in alice.wire.heard
    await stage.elapse(1)
    assert {p["what"] for p in bob.news()} <= {"off"}
    await stage.elapse(1)
    assert {p["src"] for p in bob.news() if p["what"] == "gone"} == ({ALICE} if happened else set())


@pytest.mark.parametrize("mood", ["", "lost", "unsure", "conflict"])
@pytest.mark.parametrize("place", ["conversation", "group"])
async def test_what_was_under_way_when_an_account_ended_is_given_up(
    stage: Stage, bob: Actor, place: str, mood: str
) -> None:
    """Also where the store fails just then: what was stored stayed, and the contact with it."""
    alice, group = await device(stage, ALICE), await new_group(bob)
    for name in (BOB, group):
        await alice.says({"sub": {"topic": name}})
    for name in ("me", ALICE):
        await bob.say(sub={"topic": name})
    name = group if place == "group" else ids.p2p_name(ALICE, BOB)

    async def under_way(topic: Topic, _state: TopicState | None) -> None:
        while not alice.session.closed:
            await stage.db.ping()
        member = Member(ALICE, modes.FULL, modes.FULL)
        await stage.db.run(subs.put, name, member, stage.now())
        topic.hub.tell(BOB, News(what=ON, src=ALICE, origin=name, command="en"))
        stage.db.moods = [mood]

    stage.hub.topics[name].do("under way", under_way)
    await alice.says({"del": {"what": "user"}})
    await stage.elapse(RETRY_S)
    assert await stage.db.read(subs.get, name, ALICE) is None
    assert place == "group" or ALICE not in stage.hub.topics[BOB].contacts
    if place == "group":
        await bob.say(get={"topic": group, "what": "desc"})
        await stage.check_memory()


async def test_a_suspension_without_an_answer(stage: Stage, bob: Actor) -> None:
    """D-33: the account was suspended, and its sessions and topics went on."""
    root, alice = await device(stage, CAROL, Level.ROOT), await device(stage, ALICE)
    await alice.says({"sub": {"topic": BOB}})
    await bob.say(sub={"topic": ALICE})
    stage.db.moods = ["unsure"]
    assert await root.asks(acc={"user": ALICE, "status": "susp"}) == (200, {})
    assert "closed" in alice.wire.heard
    assert (await bob.ask(pub={"topic": ALICE, "content": "x"}))[0] == 403


async def test_a_suspension_that_is_found_out_about_later(stage: Stage, bob: Actor) -> None:
    root, alice = await device(stage, CAROL, Level.ROOT), await device(stage, ALICE)
    await alice.says({"sub": {"topic": BOB}})
    await bob.say(sub={"topic": ALICE})
    stage.db.moods = ["unsure", "lost"]
    assert (await root.asks(acc={"user": ALICE, "status": "susp"}))[0] == 503
    assert "closed" in alice.wire.heard
    await stage.elapse(1)
    assert (await bob.ask(pub={"topic": ALICE, "content": "x"}))[0] == 403


async def test_a_suspension_that_did_not_happen_throws_nobody_out(stage: Stage) -> None:
    root, alice = await device(stage, CAROL, Level.ROOT), await device(stage, ALICE)
    stage.db.moods = ["lost"]
    assert (await root.asks(acc={"user": ALICE, "status": "susp"}))[0] == 503
    assert "closed" not in alice.wire.heard


async def test_who_is_thrown_out_says_nothing_more(stage: Stage, bob: Actor) -> None:
    """Not even what is on its way before the connection ends."""
    root, alice = await device(stage, CAROL, Level.ROOT), await device(stage, ALICE)
    await alice.says({"sub": {"topic": BOB}})
    await bob.say(sub={"topic": ALICE})
    await root.asks(acc={"user": ALICE, "status": "susp"})
    await root.asks(acc={"user": ALICE, "status": "ok"})
    assert await alice.says({"pub": {"topic": BOB, "content": "still here"}}) == []
    alice.session.gone()
    await stage.quiet()
    assert (await bob.meta("desc", topic=ALICE)).get("seq") is None
