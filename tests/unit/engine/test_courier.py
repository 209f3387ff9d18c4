"""Pushes on their way to devices: specification 03, DEFECT D13."""

import pytest

from chinwag.core import backoff
from chinwag.engine import courier
from chinwag.engine.pushes import Pushes
from chinwag.ports import Carried
from chinwag.store import devices, pushes
from pushbox import PushBox, push_to
from stage import ALICE, BOB, CAROL, Actor, Stage


@pytest.fixture
async def alice(stage: Stage) -> Actor:
    """Alice, in conversation with Bob, who is away."""
    alice = stage.actor(ALICE)
    await alice.say(sub={"topic": BOB})
    return alice


@pytest.fixture
async def box(stage: Stage, alice: Actor) -> PushBox:
    """Where pushes to Bob go."""
    return await push_to(stage, BOB)


async def waiting(stage: Stage) -> int:
    """How many pushes are in the store."""
    return await stage.db.read(pushes.count)


@pytest.mark.parametrize("mood", ["later", "broken"])
async def test_what_fails_is_tried_again(
    stage: Stage, alice: Actor, box: PushBox, mood: str
) -> None:
    """D13: later each time."""
    box.moods = [mood] * 3
    await alice.say(pub={"topic": BOB, "content": "x"})
    for tried in range(3):
        assert (len(box.letters), await waiting(stage)) == (0, 1)
        await stage.elapse(0.7 * backoff.FIRST_S * 2**tried)
        assert (len(box.moods), await waiting(stage)) == (2 - tried, 1)
        await stage.elapse(0.6 * backoff.FIRST_S * 2**tried)
    assert (len(box.letters), await waiting(stage)) == (1, 0)
    assert box.letters[0].push.data["content"] == "x"


async def test_not_earlier_than_asked_for(stage: Stage, alice: Actor, box: PushBox) -> None:
    box.moods, box.after_s = ["later"], 90.0
    await alice.say(pub={"topic": BOB, "content": "x"})
    await stage.elapse(80)
    assert box.letters == []
    await stage.elapse(11)
    assert len(box.letters) == 1


async def test_only_where_it_failed(stage: Stage, alice: Actor, box: PushBox) -> None:
    """D13: the other devices are not told twice."""
    await stage.db.run(devices.put, BOB, "pad", platform="web", lang="", now_ms=stage.now())
    real = box.send

    async def send(letter):  # type: ignore[no-untyped-def]
        carried = await real(letter)
        return Carried(later=frozenset({"pad"})) if len(box.letters) == 1 else carried

    box.send = send  # type: ignore[method-assign]
    await alice.say(pub={"topic": BOB, "content": "x"})
    await stage.elapse(5)
    told = [{target.device for target in letter.push.to} for letter in box.letters]
    assert told == [{"pad", BOB}, {"pad"}]
    assert box.letters[0].id == box.letters[1].id


async def test_nobody_wants_to_know_it_for_ever(
    stage: Stage, alice: Actor, box: PushBox, caplog: pytest.LogCaptureFixture
) -> None:
    """D13: pushes end with their time."""
    box.moods = ["later"] * 99
    await alice.say(pub={"topic": BOB, "content": "x"})
    for _ in range(20):
        await stage.elapse(700)
    assert await waiting(stage) == 0
    assert 5 < 99 - len(box.moods) < 30
    assert caplog.records[-1].message == "push_expired"


async def test_dead_devices_are_forgotten(stage: Stage, alice: Actor, box: PushBox) -> None:
    """UNREGISTERED: specification 03, paragraph 8.4."""
    box.moods = ["gone"]
    await alice.say(pub={"topic": BOB, "content": "x"})
    assert await stage.db.read(devices.holders) == set()
    assert await waiting(stage) == 0


async def test_a_device_in_other_hands_is_told_nothing(
    stage: Stage, alice: Actor, box: PushBox
) -> None:
    """Nor is it forgotten because it failed for whoever had it before."""
    box.moods = ["later"]
    await alice.say(pub={"topic": BOB, "content": "private"})
    await stage.db.run(devices.put, CAROL, BOB, platform="ios", lang="", now_ms=stage.now())
    await stage.elapse(5)
    assert (box.letters, await waiting(stage)) == ([], 0)
    await stage.db.run(devices.forget, [(BOB, BOB)])
    assert await stage.db.read(devices.holders) == {CAROL}


async def test_the_number_left_is_the_one_of_then(stage: Stage, alice: Actor, box: PushBox) -> None:
    """D14c, also where it was tried before; and D13: unknown is no reason to wait."""
    box.moods = ["later"]
    await alice.say(pub={"topic": BOB, "content": "1"})
    bob = stage.actor(BOB)
    await bob.say(sub={"topic": ALICE})
    await bob.say(note={"topic": ALICE, "what": "read", "seq": 1})
    box.letters.clear()
    await stage.elapse(5)
    assert box.told()[BOB]["unread"] == "0"
    totals = stage.hub.pushes.courier._unread
    read = stage.db.read

    async def silent(*args, **kwargs):  # type: ignore[no-untyped-def]
        stage.db.silent = 1
        return await totals(*args, **kwargs)

    stage.hub.pushes.courier._unread = silent  # type: ignore[method-assign]
    await alice.say(pub={"topic": BOB, "content": "2"})
    assert box.told()[BOB]["unread"] == "?"
    assert read == stage.db.read


async def test_after_a_restart_what_waits_is_sent(stage: Stage, alice: Actor, box: PushBox) -> None:
    box.moods = ["later"]
    await alice.say(pub={"topic": BOB, "content": "x"})
    stage.hub.pushes.stop()
    assert await waiting(stage) == 1
    stage.hub.pushes = Pushes(stage.services, stage.hub.marks)
    await stage.hub.pushes.open()
    await stage.elapse(5)
    assert (len(box.letters), await waiting(stage)) == (1, 0)


@pytest.mark.parametrize("mood", ["lost", "unsure"])
async def test_a_store_that_fails_after_the_push(
    stage: Stage, alice: Actor, box: PushBox, mood: str
) -> None:
    """It is not sent again while the server lives."""
    stage.db.moods = ["", "", mood]  # the message, the push, its end
    await alice.say(pub={"topic": BOB, "content": "x"})
    await stage.elapse(2)
    assert (len(box.letters), await waiting(stage)) == (1, 0)


async def test_a_sink_that_is_no_more(stage: Stage, alice: Actor, box: PushBox) -> None:
    """What was meant for it is forgotten."""
    box.moods = ["later"]
    await alice.say(pub={"topic": BOB, "content": "x"})
    del stage.services.sinks["box"]  # type: ignore[attr-defined]
    await stage.elapse(5)
    assert await waiting(stage) == 0


async def test_many_go_at_once_and_all_arrive(
    stage: Stage, alice: Actor, box: PushBox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(courier, "FLYING_MAX", 3)
    for n in range(20):
        stage.hub.post(alice.request(pub={"topic": BOB, "content": str(n)}))
    await stage.quiet()
    told = {int(letter.push.data["content"]) for letter in box.letters}
    assert told == set(range(20))
    assert len(box.letters) == 20
    assert await waiting(stage) == 0
