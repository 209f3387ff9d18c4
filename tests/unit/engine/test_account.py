"""{hi} and {acc}. Source: specification 01, paragraphs 6.1 and 6.2; specification 04, 3.6."""

from typing import Any

import pytest

from chinwag.core.state import AuthRecord, Level, State, User
from chinwag.plugins.auth_basic import BasicAuth
from chinwag.store import auth, users
from stage import ALICE, BOB, Device, Stage


@pytest.fixture
async def alice(stage: Stage) -> Device:
    """Alice, logged in by password."""
    hashed = await stage.passwords.hash("alice123")
    await stage.db.run(auth.add, AuthRecord("basic", "alice", ALICE, Level.AUTH, hashed))
    device = await stage.device()
    assert (await log_in(device, "alice:alice123"))[0] == 200
    return device


async def log_in(device: Device, secret: str) -> tuple[int, dict[str, Any]]:
    """Log in by password."""
    return await device.asks(login={"scheme": "basic", "secret": secret})


async def by_token(stage: Stage, token: str) -> int:
    """Log in by token."""
    device = await stage.device()
    said = await device.says({"login": {"scheme": "token", "secret": token}})
    code: int = said[0]["ctrl"]["code"]
    return code


async def change(device: Device, secret: str, **more: Any) -> int:
    """Change what one logs in with."""
    return (await device.asks(acc={"scheme": "basic", "secret": secret, **more}))[0]


async def test_the_own_password(stage: Stage, alice: Device) -> None:
    assert await change(alice, ":fresh123") == 200
    assert (await log_in(await stage.device(), "alice:alice123"))[0] == 401
    assert (await log_in(await stage.device(), "alice:fresh123"))[0] == 200
    assert (await alice.asks(sub={"topic": "me"}))[0] == 200


async def test_a_change_ends_other_log_ins_but_not_the_own(stage: Stage, alice: Device) -> None:
    """DEFECT-10, D-34, D-33: nothing ended."""
    other = await stage.device()
    theirs = (await log_in(other, "alice:alice123"))[1]["token"]
    stage.clock.ms += 2000
    own = await stage.device()
    mine = (await log_in(own, "alice:alice123"))[1]["token"]
    assert await change(own, ":fresh123") == 200
    assert other.wire.heard[-1] == alice.wire.heard[-1] == "closed"
    assert await by_token(stage, theirs) == 401
    assert await by_token(stage, mine) == 200


async def test_another_name_changes_the_tag_at_once(stage: Stage, alice: Device) -> None:
    """DEFECT-40: a loaded `me` went on answering the old one."""
    await alice.asks(sub={"topic": "me"})
    await alice.says({"acc": {"scheme": "basic", "secret": "YWxpY2lhOmZyZXNoMTIz"}})
    answer = await alice.says({"get": {"topic": "me", "what": "tags"}})
    assert answer[0]["meta"]["tags"] == ["alice", "basic:alicia"]


@pytest.mark.parametrize(
    ("secret", "code"),
    [("alice", 400), (":x", 422), ("a-b:fresh123", 422), ("x" * 33 + ":fresh123", 422)],
)
async def test_what_changes_nothing(stage: Stage, alice: Device, secret: str, code: int) -> None:
    """01 §6.2, U7. DEFECT D-16, D-17: long names broke the database, then the process."""
    assert await change(alice, secret) == code
    assert await change(alice, "y" * 32 + ":fresh123") == 200
    assert (await log_in(await stage.device(), "y" * 32 + ":fresh123"))[0] == 200


async def test_a_name_that_is_taken(stage: Stage, alice: Device) -> None:
    hashed = await stage.passwords.hash("bob123")
    await stage.db.run(auth.add, AuthRecord("basic", "bobby", BOB, Level.AUTH, hashed))
    assert await change(alice, "bobby:fresh123") == 409


async def test_schemes_without_a_secret_of_ones_own(alice: Device) -> None:
    for scheme, code in (("token", 501), ("code", 501), ("anonymous", 200), ("nosuch", 400)):
        assert (await alice.asks(acc={"scheme": scheme, "secret": ":fresh123"}))[0] == code
    assert (await alice.asks(acc={}))[0] == 400


async def test_an_unknown_temporary_scheme(stage: Stage) -> None:
    """DEFECT-01, D-30, 07-12: it ended the process, and anybody could do it."""
    device = await stage.device()
    acc = {"tmpscheme": "nosuch", "tmpsecret": "x", "scheme": "basic", "secret": ":fresh123"}
    said = await device.ctrl({"acc": {**acc, "secret": "", "tmpsecret": ""}})
    assert said[:2] == (401, "unknown authentication scheme")
    assert await device.says("1") == [0]


async def test_a_temporary_secret(stage: Stage, alice: Device) -> None:
    """01 §6.2, T1 to T3."""
    stranger = await stage.device()
    acc = {"scheme": "basic", "secret": ":fresh123", "tmpscheme": "basic"}
    wrong = {**acc, "tmpsecret": "alice:wrong"}
    assert await stranger.asks(acc=wrong) == (401, {"what": "auth"})
    right = {**acc, "secret": ":fresh123", "tmpsecret": "alice:alice123"}
    assert await alice.asks(acc=dict(right)) == (409, {})
    assert await stranger.asks(acc=dict(right)) == (200, {})


async def test_an_administrator_suspends_and_restores(stage: Stage, alice: Device) -> None:
    """04 §3.6."""
    root = await stage.device()
    root.session.authenticated(BOB, Level.ROOT)
    token = (await log_in(await stage.device(), "alice:alice123"))[1]["token"]
    for status, code in (("weird", 400), ("susp", 200), ("susp", 304)):
        assert (await root.asks(acc={"user": ALICE, "status": status}))[0] == code
    assert alice.wire.heard[-1] == "closed"
    assert (await log_in(await stage.device(), "alice:alice123"))[0] == 403
    assert (await root.asks(acc={"user": ALICE, "status": "ok"}))[0] == 200
    assert await by_token(stage, token) == 401
    assert (await log_in(await stage.device(), "alice:alice123"))[0] == 200


async def test_a_suspension_during_a_change_of_the_password_ends_every_token(
    stage: Stage, alice: Device, monkeypatch: pytest.MonkeyPatch
) -> None:
    """D-33: the change kept the token of its own session, which was good again after a while."""
    own = await stage.device()
    mine = (await log_in(own, "alice:alice123"))[1]["token"]
    real = BasicAuth.change

    async def slowly(self: BasicAuth, user: User, secret: bytes, addr: str) -> list[str] | None:
        changed = await real(self, user, secret, addr)
        await stage.db.run(users.set_state, ALICE, State.SUSPENDED, stage.clock.ms)
        return changed

    monkeypatch.setattr(BasicAuth, "change", slowly)
    assert await change(own, ":fresh123") == 200
    await stage.db.run(users.set_state, ALICE, State.OK, stage.clock.ms)
    assert await by_token(stage, mine) == 401


async def test_only_administrators_do(stage: Stage, alice: Device) -> None:
    assert (await alice.asks(acc={"status": "susp"}))[0] == 403
    assert (await alice.asks(acc={"user": BOB, "scheme": "basic", "secret": ":x"}))[0] == 403
    assert (await (await stage.device()).asks(acc={"scheme": "basic", "secret": ":x"}))[0] == 403


async def test_a_change_without_an_answer(stage: Stage, alice: Device) -> None:
    """It was made: others are out, and `me` knows the tag of the new name."""
    other = await stage.device()
    await log_in(other, "alice:alice123")
    await alice.asks(sub={"topic": "me"})
    stage.db.moods = ["unsure"]
    assert await change(alice, "alicia:fresh123") == 503
    assert other.wire.heard[-1] == "closed"
    answer = await alice.says({"get": {"topic": "me", "what": "tags"}})
    assert answer[0]["meta"]["tags"] == ["alice", "basic:alicia"]
