"""Requests of programs that are not connected."""

import pytest
from msgspec import Raw

from chinwag.core.errors import Refused
from chinwag.engine import errand
from chinwag.engine.errand import Program
from chinwag.ports import Frame
from chinwag.wire import ctrl
from chinwag.wire.messages import Pub
from stage import BOB, CAROL, Actor, Stage, new_group


async def test_who_asks_learns_what_became_of_it(stage: Stage, alice: Actor) -> None:
    tea = await new_group(alice)
    await stage.actor(BOB).ask(sub={"topic": tea})
    await errand.run(stage.hub, BOB, Pub(topic=tea, content=Raw(b'"hello"')))
    assert alice.heard[-1]["data"]["content"] == "hello"
    with pytest.raises(Refused) as refused:
        await errand.run(stage.hub, CAROL, Pub(topic=tea, content=Raw(b'"hello"')))
    assert refused.value.reply == ctrl.PERMISSION_DENIED


@pytest.mark.parametrize("mood", ["lost", "conflict"])
async def test_it_is_answered_when_the_store_fails(stage: Stage, alice: Actor, mood: str) -> None:
    tea = await new_group(alice)
    stage.db.moods = [mood, mood, mood]
    with pytest.raises(Refused) as refused:
        await errand.run(stage.hub, alice.uid, Pub(topic=tea, content=Raw(b'"hello"')))
    assert refused.value.reply == ctrl.UNAVAILABLE
    stage.db.moods = []


async def test_it_is_answered_while_the_server_stops(stage: Stage, alice: Actor) -> None:
    tea = await new_group(alice)
    stage.hub.stopping = True
    with pytest.raises(Refused) as refused:
        await errand.run(stage.hub, alice.uid, Pub(topic=tea, content=Raw(b"1")))
    assert refused.value.reply == ctrl.UNAVAILABLE


def test_nobody_listens() -> None:
    program = Program(BOB)
    assert not program.send(Frame(b""))
    assert not program.send_all([Frame(b"")])
