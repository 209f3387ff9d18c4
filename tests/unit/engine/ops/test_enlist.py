"""The account as which a webhook posts becomes a member."""

import pytest

from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.engine import errand
from chinwag.wire import ctrl
from chinwag.wire.messages import Sub
from stage import ALICE, BOB, Actor, Open, Stage, new_group


async def test_it_writes_and_does_not_read(stage: Stage, alice: Actor) -> None:
    tea = await new_group(alice)
    await errand.run(stage.hub, BOB, Sub(topic=tea))
    state = stage.hub.topics[tea].state
    assert state is not None
    member = state.members[BOB]
    assert (member.want, member.given) == (5, 5)  # JW; memory and store agree, as the stage checks
    assert not stage.hub.topics[tea].attached.keys() - {alice}


async def test_there_must_be_room(open_stage: Open) -> None:
    stage = await open_stage(Limits(max_subscriber_count=1))
    tea = await new_group(stage.actor(ALICE))
    with pytest.raises(Refused) as refused:
        await errand.run(stage.hub, BOB, Sub(topic=tea))
    assert refused.value.reply == ctrl.POLICY


async def test_there_must_be_a_group(stage: Stage) -> None:
    with pytest.raises(Refused) as refused:
        await errand.run(stage.hub, BOB, Sub(topic="grpAAAAAAAAAAA"))
    assert refused.value.reply == ctrl.TOPIC_NOT_FOUND
