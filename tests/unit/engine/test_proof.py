"""Who somebody is. Source: specification 04, paragraph 3.4, steps 3 to 6."""

import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import Level, State
from chinwag.engine import proof
from chinwag.plugins.auth_base import AuthBase
from chinwag.ports import Identity
from chinwag.store import users
from chinwag.wire import ctrl
from stage import ALICE, BOB, Stage


class Says(AuthBase):
    """An authenticator that says what it is told to say."""

    name = "says"

    def __init__(self, identity: Identity) -> None:
        self.identity = identity

    async def authenticate(self, secret: bytes, address: str) -> Identity:
        """What it was told."""
        return self.identity


async def refused(stage: Stage, identity: Identity) -> Refused:
    """How it is refused."""

    async def asks() -> None:
        found = await proof.identify(stage.services, Says(identity), b"", "")
        await proof.account_of(stage.services, found)

    with pytest.raises(Refused) as error:
        await asks()
    return error.value


async def test_an_account_in_good_standing(stage: Stage) -> None:
    identity = await proof.identify(stage.services, Says(Identity(ALICE, Level.AUTH)), b"", "")
    assert (await proof.account_of(stage.services, identity)).uid == ALICE


async def test_a_challenge_comes_before_everything_else(stage: Stage) -> None:
    """DEFECT-37: an authenticator that returned nothing but a challenge ended the process."""
    error = await refused(stage, Identity("", Level.NONE, challenge=b"what?"))
    assert (error.reply, error.params) == (ctrl.CHALLENGE, {"challenge": "d2hhdD8="})


async def test_both_states_count(stage: Stage) -> None:
    """DEFECT D-35: with a service elsewhere a local suspension had no effect."""
    await stage.db.run(users.set_state, ALICE, State.SUSPENDED, stage.now())
    for uid, state in ((ALICE, State.OK), (BOB, State.SUSPENDED)):
        error = await refused(stage, Identity(uid, Level.AUTH, state=state))
        assert error.reply == ctrl.PERMISSION_DENIED


async def test_nobody_is_nobody(stage: Stage) -> None:
    """DEFECT D-35: a service that named no user logged in user zero."""
    assert (await refused(stage, Identity("", Level.AUTH))).reply == ctrl.USER_NOT_FOUND


async def test_a_secret_that_was_ended(stage: Stage) -> None:
    """DEFECT D-33."""
    ended = Identity(ALICE, Level.AUTH, ended=lambda _user: True)
    assert (await refused(stage, ended)).reply == ctrl.AUTH_FAILED


async def test_schemes_are_found_in_any_case_of_letters(stage: Stage) -> None:
    assert proof.scheme_of(stage.services, "Basic") is proof.scheme_of(stage.services, "basic")
    assert proof.scheme_of(stage.services, "nosuch") is None
