"""Clients that do not say {hi}."""

from stage import Device, Stage


def expected(stage: Stage) -> Device:
    """A client that has just come."""
    device = Device(stage)
    stage.sessions.greetings.expect(device.session)
    return device


async def test_a_client_that_does_not_greet_is_closed(stage: Stage) -> None:
    """Probes and broken messages are no greeting."""
    greetings, within_s = stage.sessions.greetings, stage.sessions.rates.greeting_s
    silent, polite = expected(stage), expected(stage)
    await polite.says({"hi": {"ver": "0.25"}})
    assert len(greetings) == 1
    await stage.elapse(within_s / 2)
    later = expected(stage)
    await silent.says("1")
    await stage.elapse(within_s / 2)
    assert silent.wire.heard[-1] == "closed"
    assert "closed" not in polite.wire.heard + later.wire.heard
    await stage.elapse(within_s)
    assert later.wire.heard[-1] == "closed"
    assert "closed" not in polite.wire.heard
    assert len(greetings) == 0


async def test_deadlines_share_one_timer(stage: Stage) -> None:
    """There was one for each connection; close ones are looked at together."""
    greetings, within_s = stage.sessions.greetings, stage.sessions.rates.greeting_s
    crowd = [expected(stage)]
    timer = greetings._timer
    for _ in range(20):
        await stage.elapse(0.01)
        crowd.append(expected(stage))
    assert greetings._timer is timer
    await stage.elapse(within_s + 1)
    assert {device.wire.heard[-1] for device in crowd} == {"closed"}
    assert greetings._timer is None


async def test_who_is_gone_is_not_waited_for(stage: Stage) -> None:
    greetings = stage.sessions.greetings
    gone = expected(stage)
    gone.session.gone()
    assert len(greetings) == 0
    await stage.elapse(stage.sessions.rates.greeting_s + 1)
    assert "closed" not in gone.wire.heard
    assert greetings._timer is None
