"""A visit to a server: who comes, and what for."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from chinwag.bots.address import API_KEY, Address
from chinwag.bots.credentials import Credentials
from chinwag.bots.errors import CannotRun
from chinwag.bots.line import Line
from chinwag.chat.keep import Keep, folder
from chinwag.chat.terminal import read_secret

LOGIN: Final = "CHINWAG_CHAT_LOGIN"  # in the environment: NAME:PASSWORD
TOKEN: Final = "CHINWAG_CHAT_TOKEN"  # noqa: S105 - the name of a variable, not a token


class Visit:
    """Somebody who comes to a server."""

    def __init__(self, server: str, api_key: str | None, user: str, keep: Keep | None) -> None:
        self.address = Address.parse(server, api_key or API_KEY)
        self.user = user
        self.credentials: Credentials | None = None
        self._keep = keep
        self._from_last_time = False

    def choose(self, environ: Mapping[str, str]) -> None:
        """Find out what to log in with. Raises CannotRun."""
        login = environ.get(LOGIN)
        if token := environ.get(TOKEN):
            self.credentials = Credentials.token(token)
        elif login and self.user in ("", login.partition(":")[0]):
            self.credentials = Credentials.basic(login)
        elif not self.user:
            raise CannotRun(
                f"Who are you? Say --user NAME, or set {LOGIN} to NAME:PASSWORD; --no-login is for "
                "making an account."
            )
        elif self._keep is not None and (kept := self._keep.token(self._server, self.user)):
            self.credentials, self._from_last_time = kept, True
        else:
            self._ask()

    @property
    def _server(self) -> str:
        return str(self.address)

    def _ask(self) -> None:
        password = read_secret(f"Password of {self.user} at {self.address}: ")
        self.credentials = Credentials.basic(f"{self.user}:{password}")

    def try_again(self) -> bool:
        """After NotKnown: whether there are other credentials now. Raises CannotRun."""
        if not self._from_last_time or self._keep is None:
            return False
        self._from_last_time = False
        self._keep.keep(self._server, self.user, "")
        self._ask()
        return True

    def entered(self, line: Line) -> None:
        """Keep the log-in for the next time."""
        if self._keep is not None and self.user and line.token:
            self._keep.keep(self._server, self.user, line.token)

    @property
    def history(self) -> Path | None:
        """The file of what was typed; None: nothing is kept."""
        return self._keep.history if self._keep is not None else None


def keep_of(environ: Mapping[str, str]) -> Keep:
    """What the person at this machine keeps."""
    return Keep(folder(environ))
