"""What happens to a bot."""

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from chinwag.bots.forms import answer_of
from chinwag.bots.messages import Message, Topic
from chinwag.bots.packets import Modes
from chinwag.bots.state import State

if TYPE_CHECKING:
    from chinwag.bots.bot import Bot

HANDLERS: Final = "chinwag.bots.handlers"  # the log of handlers
MESSAGE: Final = "message"
EDITED: Final = "edited"
JOINED: Final = "joined"
LEFT: Final = "left"
FORM: Final = "form"
INVITED: Final = "invited"


@dataclass(slots=True)
class Event:
    """One thing that happens, and everything handlers may ask for by name."""

    kind: str
    bot: "Bot"
    topic: Topic
    sender: str  # who did it
    state: State  # of this person in this topic
    shared: State  # of all people in this topic
    message: Message | None = None
    found: dict[str, Any] = field(default_factory=dict)  # added by filters and middlewares
    provided: dict[str, Any] = field(default_factory=dict)  # given to the bot when it was made

    def words(self) -> dict[str, Any]:
        """What a handler gets, by the names of its parameters."""
        logger = logging.getLogger(HANDLERS)
        where = {"topic": self.topic.name, "sender": self.sender}
        return {
            **self.provided,
            "event": self,
            "bot": self.bot,
            "topic": self.topic,
            "sender": self.sender,
            "state": self.state,
            "shared": self.shared,
            "message": self.message,
            "log": logging.LoggerAdapter(logger, where),
            "args": [],
            **self.found,
        }


def kind_of_message(message: Message) -> str:
    """What sort of event a message is."""
    if message.replaces is not None:
        return EDITED
    return MESSAGE if answer_of(message) is None else FORM


def kind_of_change(dacs: Modes | None) -> str | None:
    """JOINED or LEFT, where a change of somebody's modes is that.

    Newcomers have whole modes, later changes are told as `+P` or `-W`.
    """
    if dacs is None or dacs.want[:1] in ("", "+", "-") or dacs.given[:1] in ("", "+", "-"):
        return None
    if dacs.want == "N" and dacs.given == "N":
        return LEFT
    return JOINED if "J" in dacs.want and "J" in dacs.given else None
