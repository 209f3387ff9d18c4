"""What happens to a bot."""

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from chinwag.bots.messages import Message, Topic
from chinwag.bots.state import State

if TYPE_CHECKING:
    from chinwag.bots.bot import Bot

MESSAGE: Final = "message"
EDITED: Final = "edited"
JOINED: Final = "joined"
LEFT: Final = "left"


@dataclass(slots=True)
class Event:
    """One thing that happens, and everything handlers may ask for by name."""

    kind: str
    bot: "Bot"
    topic: Topic
    sender: str  # who did it
    state: State
    message: Message | None = None
    found: dict[str, Any] = field(default_factory=dict)  # added by filters and middlewares
    provided: dict[str, Any] = field(default_factory=dict)  # given to the bot when it was made

    def words(self) -> dict[str, Any]:
        """What a handler gets, by the names of its parameters."""
        logger = logging.getLogger("chinwag.bots.handlers")
        where = {"topic": self.topic.name, "sender": self.sender}
        return {
            **self.provided,
            "event": self,
            "bot": self.bot,
            "topic": self.topic,
            "sender": self.sender,
            "state": self.state,
            "message": self.message,
            "log": logging.LoggerAdapter(logger, where),
            "args": [],
            **self.found,
        }
