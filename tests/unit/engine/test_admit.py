"""The way in. Source: specification 04, paragraph 3.4, step 8."""

import base64
from typing import cast

import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import Level, User
from chinwag.engine import admit
from chinwag.ports import Identity
from chinwag.wire import ctrl
from stage import ALICE, START_MS, Stage

NEVER = User(ALICE, START_MS, START_MS)
SOON_MS = START_MS + 10_000


async def token(stage: Stage, identity: Identity, lacking: list[str]) -> tuple[Identity, str]:
    """The token somebody gets, and who the session belongs to then."""
    device = await stage.device()
    _, params = await admit.let_in(device.session, NEVER, identity, lacking, 0)
    raw = base64.b64decode(cast("str", params["token"]))
    return stage.services.tokens.read(raw), device.session.uid


async def test_a_log_in_is_good_for_as_long_as_any(stage: Stage) -> None:
    """Sliding expiry: the token that was shown would have ended soon."""
    shown = Identity(ALICE, Level.AUTH, expires_ms=SOON_MS, renews=True)
    found, uid = await token(stage, shown, [])
    assert (uid, found.validated, found.no_login) == (ALICE, True, False)
    assert found.expires_ms == (stage.clock.ms // 1000 + 3600) * 1000


@pytest.mark.parametrize("lacking", [[], ["email"]])
async def test_a_password_that_ends_caps_the_token(stage: Stage, lacking: list[str]) -> None:
    """DEFECT D-41."""
    found, _ = await token(stage, Identity(ALICE, Level.AUTH, expires_ms=SOON_MS), lacking)
    assert found.expires_ms == SOON_MS


async def test_lacking_credentials_keep_a_session_outside(stage: Stage) -> None:
    shown = Identity(ALICE, Level.AUTH, mailed=True, expires_ms=SOON_MS, renews=True)
    found, uid = await token(stage, shown, ["email"])
    assert (uid, found.validated, found.mailed, found.expires_ms) == ("", False, True, SOON_MS)


async def test_what_is_no_log_in_makes_none(stage: Stage) -> None:
    """QUIRK-14: 200, with a token that ends with the secret."""
    device = await stage.device()
    shown = Identity(ALICE, Level.NONE, no_login=True, expires_ms=SOON_MS)
    reply, params = await admit.let_in(device.session, NEVER, shown, [], 0)
    assert (reply, params["authlvl"], device.session.uid) == (ctrl.OK, "", "")
    found, _ = await token(stage, shown, [])
    assert (found.no_login, found.validated, found.expires_ms) == (True, True, SOON_MS)


async def test_who_was_thrown_out_meanwhile_is_not_let_in(stage: Stage) -> None:
    device = await stage.device()
    stage.sessions.evict(ALICE)
    identity = Identity(ALICE, Level.AUTH)
    with pytest.raises(Refused):
        await admit.let_in(device.session, NEVER, identity, [], 0)
    reply, _ = await admit.let_in(device.session, NEVER, identity, [], stage.sessions.moment)
    assert (reply, device.session.uid) == (ctrl.OK, ALICE)
