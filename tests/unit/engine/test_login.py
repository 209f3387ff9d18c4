"""Log-in. Source: specification 04, paragraph 3.4; specification 01, paragraph 6.3."""

import asyncio
import base64
import json
from typing import Any

import pytest

from chinwag.core.state import AuthRecord, Level, State
from chinwag.engine import credentials
from chinwag.engine.services import Services
from chinwag.store import auth, users
from chinwag.wire import codec
from stage import ALICE, BOB, CAROL, START_MS, Device, Stage


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    """A server on which Alice, Bob and Carol have passwords; Carol's ends in a minute."""
    for uid, name in ((ALICE, "alice"), (BOB, "bob_"), (CAROL, "carol")):
        hashed = await stage.passwords.hash(name + "123")
        ends = START_MS + 60_000 if uid == CAROL else None
        record = AuthRecord("basic", name, uid, Level.AUTH, hashed, ends)
        await stage.db.run(auth.add, record)
    return stage


async def log_in(device: Device, secret: str) -> tuple[int, dict[str, Any]]:
    """Log in by password."""
    return await device.asks(login={"scheme": "basic", "secret": secret})


async def by_token(device: Device, token: str) -> tuple[int, dict[str, Any]]:
    """Log in by token."""
    said = (await device.says({"login": {"scheme": "token", "secret": token}}))[0]["ctrl"]
    return said["code"], said.get("params") or {}


async def test_by_password_and_then_by_token(stage: Stage) -> None:
    code, params = await log_in(await stage.device(), "alice:alice123")
    assert (code, params["user"], params["authlvl"]) == (200, ALICE, "auth")
    stage.clock.ms += 3_000_000
    code, fresh = await by_token(await stage.device(), params["token"])
    assert (code, fresh["user"]) == (200, ALICE)
    stage.clock.ms += 3_000_000  # the first one has ended, the second one is a fresh one
    assert (await by_token(await stage.device(), params["token"]))[0] == 401
    assert (await by_token(await stage.device(), fresh["token"]))[0] == 200


@pytest.mark.parametrize("secret", ["alice:wrong", "nobody:alice123", "alice:", "ALICÉ:alice123"])
async def test_wrong_secrets_look_alike(stage: Stage, secret: str) -> None:
    """DEFECT D-15: alicé was taken for alice."""
    assert await log_in(await stage.device(), secret) == (401, {})


async def test_a_suspended_account(stage: Stage) -> None:
    """04 §3.4, step 5; 01 §12.2 (23)."""
    device = await stage.device()
    _, params = await log_in(await stage.device(), "alice:alice123")
    await stage.db.run(users.set_state, ALICE, State.SUSPENDED, stage.now())
    assert await log_in(device, "alice:alice123") == (403, {})
    assert await by_token(device, params["token"]) == (403, {})


async def test_an_account_that_is_no_more(stage: Stage) -> None:
    """QUIRK-29: 404 by token, 401 by password."""
    device = await stage.device()
    _, params = await log_in(await stage.device(), "alice:alice123")
    await stage.db.run(users.delete, ALICE, hard=True, now_ms=stage.now())
    assert await log_in(device, "alice:alice123") == (401, {})
    assert await by_token(device, params["token"]) == (404, {})


async def test_a_token_does_not_outlive_the_password(stage: Stage) -> None:
    """DEFECT D-41."""
    code, params = await log_in(await stage.device(), "carol:carol123")
    assert (code, params["expires"]) == (200, codec.stamp(START_MS + 60_000))
    stage.clock.ms += 60_000
    assert await log_in(await stage.device(), "carol:carol123") == (401, {})


async def test_unknown_schemes(stage: Stage) -> None:
    """DEFECT-36, D-31: one that is there but not in use is unknown as well."""
    device = await stage.device()
    for scheme in ("", "nosuch", "rest"):
        said = await device.ctrl({"login": {"scheme": scheme, "secret": ""}})
        assert said[:2] == (401, "unknown authentication scheme")
    assert (await device.asks(login={"scheme": "anonymous", "secret": ""}))[0] == 501


async def test_nobody_logs_in_twice(stage: Stage) -> None:
    device = await stage.device()
    assert (await log_in(device, "alice:alice123"))[0] == 200
    assert (await log_in(device, "alice:alice123"))[0] == 409


async def test_the_device_is_noted(stage: Stage) -> None:
    device = await stage.device()
    device.session.dev = "push-token"
    await log_in(device, "alice:alice123")

    def whose(tx: Any) -> Any:
        return tx.exec_driver_sql("SELECT device FROM devices").scalar()

    assert await stage.db.read(whose) == "push-token"


async def test_a_name_is_known_in_any_case_of_letters(stage: Stage) -> None:
    secret = base64.b64encode(b"Alice:alice123").decode()
    said = await (await stage.device()).says({"login": {"scheme": "BASIC", "secret": secret}})
    assert said[0]["ctrl"]["code"] == 200


async def test_a_silent_store_costs_nobody_the_log_in(stage: Stage) -> None:
    """07-08: at any 4xx the stock client forgets the token and erases what it has kept."""
    _, params = await log_in(await stage.device(), "alice:alice123")
    device = await stage.device()
    stage.db.silent = 1
    assert await by_token(device, params["token"]) == (503, {})
    assert (await by_token(device, params["token"]))[0] == 200


# --- what changes while somebody logs in ---


@pytest.mark.parametrize("end", ["suspend", "delete"])
async def test_an_account_that_ends_during_the_log_in(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    """D-33: a session that was let in just behind the eviction would have gone on for ever.

    07-08.
    """
    real = credentials.lacking
    root, device = await stage.device(), await stage.device()
    root.session.authenticated(CAROL, Level.ROOT)

    async def lacking(services: Services, uid: str, level: Level) -> list[str]:
        found = await real(services, uid, level)
        acc = {"acc": {"user": ALICE, "status": "susp"}}
        gone = {"del": {"what": "user", "user": ALICE}}
        root.session.feed(json.dumps(acc if end == "suspend" else gone).encode())
        while not (root.wire.heard and "ctrl" in root.wire.heard[-1]):
            await asyncio.sleep(0)
        return found

    root.wire.heard.clear()
    monkeypatch.setattr(credentials, "lacking", lacking)
    assert await log_in(device, "alice:alice123") == (503, {})
    assert device.session.uid == ""
    assert stage.sessions.of(ALICE) == set()
    monkeypatch.undo()
    code = 403 if end == "suspend" else 401
    assert await log_in(device, "alice:alice123") == (code, {})


async def test_a_password_that_is_changed_during_the_log_in(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEFECT-10: who knew the old one was let in after the others had been thrown out."""
    owner, thief = await stage.device(), await stage.device()
    owner.session.authenticated(ALICE, Level.AUTH)
    real = stage.passwords.verify

    async def verify(password: str, stored: bytes | None) -> bool:
        found = await real(password, stored)
        secret = base64.b64encode(b":another123").decode()
        owner.session.feed(json.dumps({"acc": {"scheme": "basic", "secret": secret}}).encode())
        while not (owner.wire.heard and "ctrl" in owner.wire.heard[-1]):
            await asyncio.sleep(0)
        return found

    owner.wire.heard.clear()
    monkeypatch.setattr(stage.passwords, "verify", verify)
    assert await log_in(thief, "alice:alice123") == (503, {})
    monkeypatch.undo()
    assert await log_in(thief, "alice:alice123") == (401, {})
    assert (await log_in(thief, "alice:another123"))[0] == 200


async def test_nobody_logs_in_while_the_account_changes(stage: Stage) -> None:
    """D-33: a token made in between would have ended later than what ends them all."""
    device = await stage.device()
    with stage.sessions.changing(ALICE), stage.sessions.changing(ALICE):
        assert await log_in(device, "alice:alice123") == (503, {})
        assert (await log_in(await stage.device(), "bob_:bob_123"))[0] == 200
    assert (await log_in(device, "alice:alice123"))[0] == 200
