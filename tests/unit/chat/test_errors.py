"""What is wrong with a line is one sentence."""

from chinwag.bots.errors import BotError
from chinwag.chat.errors import BadCommand


def test_it_is_caught_with_everything_else() -> None:
    assert issubclass(BadCommand, BotError)
