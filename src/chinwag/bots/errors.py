"""What can go wrong between a bot and its server."""


class BotError(Exception):
    """Something a bot can do nothing about; its text is one sentence."""


class CannotRun(BotError):
    """The bot cannot work at all: nothing gets better by trying again."""


class NotKnown(CannotRun):
    """The server does not let in who logs in."""


class Lost(BotError):
    """The connection is gone; nobody knows what became of a request that was under way."""


class Refusal(BotError):
    """The server said no."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"The server refuses: {text} ({code}).")
        self.code = code
        self.text = text
