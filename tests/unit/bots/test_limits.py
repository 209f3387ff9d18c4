"""What a server allows."""

from chinwag.bots.limits import Limits
from chinwag.bots.packets import Ctrl


def test_a_greeting_tells_the_bounds() -> None:
    params = {"maxMessageSize": 1000, "maxFileUploadSize": 0, "build": "x:v1"}
    assert Limits.of(Ctrl(params=params)) == Limits(1000, 0, "x:v1")


def test_a_server_that_says_nothing_has_the_usual_ones() -> None:
    assert Limits.of(Ctrl()) == Limits()
    assert Limits.of(Ctrl(params={"maxMessageSize": "big", "maxFileUploadSize": -1})) == Limits()
