"""What can be wrong with what somebody types."""

from chinwag.bots.errors import BotError


class BadCommand(BotError):
    """A line that means nothing; its text says why in one sentence."""
