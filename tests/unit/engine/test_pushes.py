"""Pushes on their way into the store: specification 03, DEFECT D13."""

import pytest

from chinwag.core.state import State
from chinwag.engine import pushes
from chinwag.store import devices, users
from chinwag.store import pushes as stored
from pushbox import push_to
from stage import ALICE, BOB, Actor, Stage


@pytest.fixture
async def alice(stage: Stage) -> Actor:
    """Alice, in conversation with Bob, who is away."""
    alice = stage.actor(ALICE)
    await alice.say(sub={"topic": BOB})
    return alice


async def writes(stage: Stage, alice: Actor, text: str) -> list[str]:
    """Alice writes; the names of the store functions that this takes."""
    called: list[str] = []
    run, read = stage.db.run, stage.db.read

    async def counted(fn, *args, **kwargs):  # type: ignore[no-untyped-def]
        called.append(f"{fn.__module__.rpartition('.')[2]}.{fn.__name__}")
        return await (run if fn.__name__ in ("append", "put", "settle") else read)(
            fn, *args, **kwargs
        )

    stage.db.run = stage.db.read = counted  # type: ignore[method-assign]
    await alice.say(pub={"topic": BOB, "content": text})
    stage.db.run, stage.db.read = run, read  # type: ignore[method-assign]
    return called


async def test_nothing_is_spent_where_nobody_has_a_device(stage: Stage, alice: Actor) -> None:
    assert await writes(stage, alice, "off") == ["messages.append"]
    box = await push_to(stage)
    assert await writes(stage, alice, "nobody") == ["messages.append"]
    stage.hub.pushes.registered(ALICE)  # wrongly so: it is noticed, once
    assert (await writes(stage, alice, "who?"))[:2] == ["messages.append", "devices.of"]
    assert await writes(stage, alice, "nobody again") == ["messages.append"]
    assert box.letters == []


async def test_a_device_registered_later_counts(stage: Stage, alice: Actor) -> None:
    """D26: from then on, and one that is replaced or removed no more."""
    box = await push_to(stage)
    bob = await stage.device()
    bob.session.uid = BOB
    await bob.says({"hi": {"id": "1", "dev": "phone"}})
    await alice.say(pub={"topic": BOB, "content": "x"})
    assert box.told().keys() == {"phone"}
    await bob.says({"hi": {"id": "2", "dev": "other"}})
    await alice.say(pub={"topic": BOB, "content": "x"})
    assert box.told().keys() == {"other"}
    await bob.says({"hi": {"id": "3", "dev": "\u2421"}})
    await alice.say(pub={"topic": BOB, "content": "x"})
    assert box.told() == {}


async def test_what_the_store_does_not_take_is_kept(stage: Stage, alice: Actor) -> None:
    """D13: until it does; what was taken without a word is not sent twice."""
    box = await push_to(stage, BOB)
    await alice.say(pub={"topic": BOB, "content": "0"})
    for mood in ("lost", "unsure"):
        box.told()
        box.moods = ["later"]  # so that it stays in the store
        stage.db.moods = ["", mood]
        await alice.say(pub={"topic": BOB, "content": mood})
        await stage.elapse(pushes.RETRY_S + 0.1)
        assert await stage.db.read(stored.count) == 1
        await stage.elapse(5)
        assert [letter.push.data["content"] for letter in box.letters] == [mood]


async def test_too_many_are_dropped(
    stage: Stage, alice: Actor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(pushes, "WAITING_MAX", 1)
    box = await push_to(stage, BOB)
    for _ in range(3):
        stage.hub.post(alice.request(pub={"topic": BOB, "content": "x"}))
    await stage.quiet()
    assert len(box.letters) == 1
    assert [record.message for record in caplog.records] == ["pushes_full"] * 2


async def test_suspended_people_are_told_nothing(stage: Stage, alice: Actor) -> None:
    box = await push_to(stage, BOB)
    await stage.db.run(users.update, BOB, {"state": int(State.SUSPENDED)})
    await alice.say(pub={"topic": BOB, "content": "x"})
    assert box.told() == {}
    await stage.db.run(users.update, BOB, {"state": int(State.OK)})
    await alice.say(pub={"topic": BOB, "content": "x"})
    assert box.told().keys() == {BOB}
    assert await stage.db.read(devices.holders) == {BOB}


async def test_several_carry_the_same(stage: Stage, alice: Actor) -> None:
    """What one of them cannot do now does not concern the other."""
    box = await push_to(stage, BOB)
    other = type(box)()
    stage.services.sinks["other"] = other  # type: ignore[index]
    other.moods = ["later"]
    await alice.say(pub={"topic": BOB, "content": "x"})
    assert (len(box.letters), len(other.letters)) == (1, 0)
    await stage.elapse(5)
    assert (len(box.letters), len(other.letters)) == (1, 1)


async def test_long_messages_are_looked_into_elsewhere(stage: Stage, alice: Actor) -> None:
    box = await push_to(stage, BOB)
    await alice.say(pub={"topic": BOB, "content": "\U0001f468" * 3000})
    assert box.told()[BOB]["content"] == "\U0001f468" * 128 + "…"
