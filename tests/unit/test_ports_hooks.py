"""What plug-ins outside are asked and told; that what we ship fits is tested with the seams."""

import pytest

from chinwag.core.state import Level
from chinwag.ports_hooks import Action, Asked, Ruling, SearchRuling, Verdict
from chinwag.wire import codec


def test_nothing_said_is_go_on() -> None:
    """A plug-in that answers with nothing changes nothing."""
    assert Ruling(Verdict.CONTINUE).decoded is None
    assert SearchRuling(Verdict.CONTINUE).found == []


def test_what_was_asked_cannot_be_changed() -> None:
    """Several plug-ins are asked the same: one may not alter what the next one sees."""
    decoded = codec.decode(b'{"hi":{"ver":"0.25"}}')
    asked = Asked(
        decoded, sid="s", uid="", level=Level.NONE, remote_addr="", ua="", dev="", lang=""
    )
    with pytest.raises(AttributeError):
        asked.uid = "usrX"  # type: ignore[misc]


def test_the_words_for_what_happened_are_apart() -> None:
    assert len({action.value for action in Action}) == len(Action)
