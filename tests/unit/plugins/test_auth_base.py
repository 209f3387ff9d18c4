"""What an authenticator does unless it says otherwise. Source: specification 04, paragraph 4."""

import pytest

from chinwag.core.errors import Refused
from chinwag.core.state import User
from chinwag.plugins.auth_base import AuthBase
from chinwag.ports import Applicant
from chinwag.wire import ctrl
from stage import ALICE

ALICIA = User(ALICE, 0, 0)


async def test_it_makes_and_changes_nothing() -> None:
    base = AuthBase()
    for call, params in (
        (base.check_new(b"", ""), {"what": "auth"}),
        (base.enrol(Applicant(ALICIA, None, b"", "")), {"what": "auth"}),
        (base.change(ALICIA, b"", ""), None),
    ):
        with pytest.raises(Refused) as refused:
            await call
        assert (refused.value.reply, refused.value.params) == (ctrl.NOT_IMPLEMENTED, params)


async def test_it_keeps_nothing() -> None:
    base = AuthBase()
    assert base.subject(b"secret") == ""
    assert await base.log_in_name(ALICE) is None
    await base.forget(ALICE)
    await base.close()
