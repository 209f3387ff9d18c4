"""Who a bot is: a name with a password, or a token."""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chinwag.bots.errors import CannotRun

LOGIN: Final = "CHINWAG_BOT_LOGIN"  # in the environment: NAME:PASSWORD
TOKEN: Final = "CHINWAG_BOT_TOKEN"  # noqa: S105 - the name of a variable, not a token


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """What a bot logs in with; never shown."""

    scheme: str
    secret: str  # as it is sent: base64

    @classmethod
    def basic(cls, login: str) -> "Credentials":
        """From NAME:PASSWORD. Raises CannotRun."""
        name, _, password = login.partition(":")
        if not name or not password:
            raise CannotRun("A log-in of a bot is NAME:PASSWORD.")
        return cls("basic", base64.b64encode(login.encode()).decode())

    @classmethod
    def token(cls, token: str) -> "Credentials":
        """From a token, as a log-in answers it."""
        return cls("token", token)

    @classmethod
    def choose(
        cls, login: str | None, token: str | None, environ: Mapping[str, str] = os.environ
    ) -> "Credentials":
        """From what is given, else from the environment. Raises CannotRun."""
        if token := token or (None if login else environ.get(TOKEN)):
            return cls.token(token)
        if login := login or environ.get(LOGIN):
            return cls.basic(login)
        raise CannotRun(f"Who is the bot? Set {LOGIN} to NAME:PASSWORD, or {TOKEN} to a token.")

    @property
    def fingerprint(self) -> str:
        """Tells these credentials from others, and nothing else."""
        return hashlib.sha256(f"{self.scheme} {self.secret}".encode()).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Credentials({self.scheme})"
