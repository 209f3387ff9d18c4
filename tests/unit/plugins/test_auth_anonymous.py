"""Guests. Source: specification 04, paragraph 4.3."""

import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import Level, User
from chinwag.plugins.auth_anonymous import AnonymousAuth
from chinwag.ports import Applicant
from chinwag.wire import ctrl
from stage import ALICE

GUEST = User(ALICE, 0, 0)


async def test_anybody_may_be_a_guest_and_nobody_logs_in_as_one() -> None:
    guests = AnonymousAuth()
    await guests.check_new(b"whatever", "")
    enrolled = await guests.enrol(Applicant(GUEST, None, b"", ""))
    assert (enrolled.level, enrolled.record, enrolled.tags) == (Level.ANON, None, [])
    assert await guests.change(GUEST, b":x", "") is None
    with pytest.raises(Refused) as refused:
        await guests.authenticate(b"", "")
    assert refused.value.reply == ctrl.NOT_IMPLEMENTED
