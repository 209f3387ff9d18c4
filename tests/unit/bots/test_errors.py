"""Errors are sentences."""

from chinwag.bots.errors import BotError, Refusal


def test_a_refusal_tells_what_the_server_says() -> None:
    refusal = Refusal(403, "permission denied")
    assert isinstance(refusal, BotError)
    assert str(refusal) == "The server refuses: permission denied (403)."
