"""What a server allows: what it said when it was greeted."""

from dataclasses import dataclass
from typing import Self

from chinwag.bots.packets import Ctrl


@dataclass(frozen=True, slots=True)
class Limits:
    """The bounds of a server; until it says so, those of the reference.

    Source: specification 01, paragraph 6.1.
    """

    message_bytes: int = 131072  # of one packet, everything counted
    file_bytes: int = 8388608  # of one uploaded file; 0: no uploads
    build: str = ""

    @classmethod
    def of(cls, greeting: Ctrl) -> Self:
        """The bounds in the answer to a {hi}."""
        usual = cls()
        message = greeting.param("maxMessageSize")
        file = greeting.param("maxFileUploadSize")
        return cls(
            message if isinstance(message, int) and message > 0 else usual.message_bytes,
            file if isinstance(file, int) and file >= 0 else usual.file_bytes,
            str(greeting.param("build") or ""),
        )
