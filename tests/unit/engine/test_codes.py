"""Codes for a new password. Source: specification 04, paragraph 4.4."""

import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import Level, User
from chinwag.wire import ctrl
from stage import ALICE, START_MS, Stage

SUBJECT = "email:alice@example.com"


async def test_whom_a_code_stands_for(stage: Stage) -> None:
    codes = stage.services.codes
    code = await codes.issue(ALICE, SUBJECT)
    assert code is not None
    found = await codes.check(SUBJECT, code)
    assert (found.uid, found.level, found.no_login) == (ALICE, Level.NONE, True)
    assert found.expires_ms == stage.clock.ms + 900_000
    assert found.settle is not None
    await found.settle(ALICE)
    with pytest.raises(Refused) as refused:
        await codes.check(SUBJECT, code)
    assert refused.value.reply == ctrl.AUTH_FAILED


async def test_a_code_ends_with_a_change_of_password(stage: Stage) -> None:
    """DEFECT D-33."""
    code = await stage.services.codes.issue(ALICE, SUBJECT)
    found = await stage.services.codes.check(SUBJECT, code or "")
    alice = User(ALICE, START_MS, START_MS)
    assert found.ended is not None
    assert not found.ended(alice)
    alice.secret_changed_s = stage.clock.ms // 1000
    assert found.ended(alice)


async def test_a_second_code_has_to_wait(stage: Stage) -> None:
    assert await stage.services.codes.issue(ALICE, SUBJECT)
    assert await stage.services.codes.issue(ALICE, SUBJECT) is None
