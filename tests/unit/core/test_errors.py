"""The one way in which a rule says no."""

from chinwag.core.errors import Refused
from chinwag.wire import ctrl


def test_a_refusal_tells_its_reply() -> None:
    refused = Refused(ctrl.PERMISSION_DENIED, {"what": "tags"})
    assert (refused.reply, refused.params) == (ctrl.PERMISSION_DENIED, {"what": "tags"})
    assert str(refused) == "permission denied"
    assert Refused(ctrl.MALFORMED).params is None
