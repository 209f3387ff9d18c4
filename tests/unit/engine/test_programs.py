"""Tokens of bots: what they let pass, and how they end."""

import pytest

from chinwag.core import ids, scope
from chinwag.core.scope import RATE_MAX
from chinwag.engine.programs import Programs
from chinwag.store.db import Unavailable
from stage import ALICE, BOB, CAROL, Actor, Device, Stage, new_group


@pytest.fixture
def programs(stage: Stage) -> Programs:
    """The tokens of the stage."""
    return Programs(stage.services, stage.sessions)


async def entered(stage: Stage, secret: str) -> Device:
    """A client that has logged in with a token."""
    device = await stage.device()
    (answer,) = await device.says({"login": {"id": "1", "scheme": "token", "secret": secret}})
    assert answer["ctrl"]["code"] == 200, answer
    assert answer["ctrl"]["params"]["token"] == secret  # what clients keep stays within bounds
    return device


async def refused(stage: Stage, secret: str) -> int:
    """The code with which a log-in is answered."""
    device = await stage.device()
    (answer,) = await device.says({"login": {"id": "1", "scheme": "token", "secret": secret}})
    code: int = answer["ctrl"]["code"]
    return code


async def test_a_bot_stays_within_the_topics_of_its_token(
    stage: Stage, programs: Programs, alice: Actor
) -> None:
    tea, coffee = await new_group(alice), await new_group(alice, "new2")
    secret, _ = await programs.new_token(BOB, scope.topics([tea, CAROL]))
    bot = await entered(stage, secret)
    assert (await bot.asks(sub={"topic": tea}))[0] == 200
    assert (await bot.asks(pub={"id": "2", "topic": tea, "content": "hello"}))[0] == 202
    assert (await bot.asks(sub={"topic": CAROL}))[0] == 200
    assert (await bot.asks(sub={"topic": "me"}))[0] == 200
    for packet in (
        {"sub": {"topic": coffee}},
        {"sub": {"topic": ALICE}},
        {"sub": {"topic": "new3"}},
        {"get": {"topic": coffee, "what": "desc"}},
        {"acc": {"user": BOB, "scheme": "basic", "secret": "bob:password"}},
        {"del": {"what": "user", "user": BOB}},
    ):
        assert (await bot.asks(**packet))[0] == 403, packet


async def test_a_token_cannot_give_its_bot_a_password(stage: Stage, programs: Programs) -> None:
    """Not even before the log-in, as one that came by mail could."""
    secret, _ = await programs.new_token(BOB, scope.topics([]))
    device = await stage.device()
    packet = {"user": BOB, "scheme": "basic", "secret": "eDp5", "tmpscheme": "token"}
    (answer,) = await device.says({"acc": {"id": "1", **packet, "tmpsecret": secret}})
    assert answer["ctrl"]["code"] == 403


async def test_a_revoked_token_ends_at_once_with_its_sessions(
    stage: Stage, programs: Programs
) -> None:
    secret, token = await programs.new_token(BOB, scope.topics([]))
    other, kept = await programs.new_token(BOB, scope.topics([]))
    bot, second = await entered(stage, secret), await entered(stage, other)
    assert await programs.revoke_token(token.id) is True
    assert bot.wire.heard[-1] == "closed"
    assert bot.session.closed
    assert not second.session.closed
    assert await refused(stage, secret) == 401
    assert await programs.revoke_token(token.id) is False
    assert await programs.tokens(BOB) == [kept] == await programs.tokens()


async def test_a_log_in_on_its_way_does_not_outlive_its_token(
    stage: Stage, programs: Programs
) -> None:
    secret, token = await programs.new_token(BOB, scope.topics([]))
    device = await stage.device()
    moment = stage.sessions.moment
    await programs.revoke_token(token.id)
    assert stage.sessions.evicted_since(moment, BOB)
    assert await refused(stage, secret) == 401
    assert device.session.uid == ""


async def test_sessions_end_too_when_the_store_does_not_answer(
    stage: Stage, programs: Programs
) -> None:
    secret, token = await programs.new_token(BOB, scope.topics([]))
    bot = await entered(stage, secret)
    stage.db.moods = ["unsure"]
    with pytest.raises(Unavailable):
        await programs.revoke_token(token.id)
    assert bot.session.closed


async def test_so_many_messages_a_minute(stage: Stage, programs: Programs, alice: Actor) -> None:
    """Those beyond are answered 503; other packets do not count, nor do other tokens."""
    tea = await new_group(alice)
    secret, _ = await programs.new_token(BOB, scope.topics([]), 2)
    free, _ = await programs.new_token(BOB, scope.topics([]))
    bot, other = await entered(stage, secret), await entered(stage, free)
    for each in (bot, other):
        assert (await each.asks(sub={"topic": tea}))[0] == 200
    codes = [(await bot.asks(pub={"id": str(n), "topic": tea, "content": n}))[0] for n in range(3)]
    assert codes == [202, 202, 503]
    assert "meta" in (await bot.says({"get": {"topic": tea, "what": "desc", "id": "9"}}))[0]
    assert (await other.asks(pub={"id": "1", "topic": tea, "content": "x"}))[0] == 202
    stage.clock.ms += 30_001
    assert (await bot.asks(pub={"id": "4", "topic": tea, "content": 4}))[0] == 202
    assert RATE_MAX >= 2


async def test_no_device_is_noted_that_would_be_told_of_other_topics(
    stage: Stage, programs: Programs
) -> None:
    secret, _ = await programs.new_token(BOB, scope.topics([ids.grp_name(1)]))
    device = Device(stage)
    await device.says({"hi": {"ver": "0.25", "dev": "phone"}})
    await device.says({"login": {"scheme": "token", "secret": secret}})
    assert device.session.uid == BOB
    assert not stage.hub.pushes.reaches(BOB)
