"""What outlives a conversation: the token of the last log-in, and what was typed.

Both lie in a folder that nobody else can read; tokens end by themselves after some weeks.
"""

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from chinwag.bots.credentials import Credentials


def folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Where it is kept."""
    state = environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "chinwag"


class Keep:
    """What is kept in a folder."""

    def __init__(self, place: Path) -> None:
        self._place = place

    @property
    def history(self) -> Path:
        """The file of what was typed."""
        self._make()
        return self._place / "chat-history"

    def token(self, server: str, user: str) -> Credentials | None:
        """The last log-in of `user` at `server`."""
        tokens = self._tokens()
        found = tokens.get(f"{user}@{server}")
        return Credentials.token(found) if isinstance(found, str) and found else None

    def keep(self, server: str, user: str, token: str) -> None:
        """Keep a log-in; an empty token removes it."""
        tokens = self._tokens()
        tokens[f"{user}@{server}"] = token
        tokens = {key: one for key, one in tokens.items() if one}
        self._make()
        fresh = self._place / f"chat-tokens.json.{os.getpid()}"
        with contextlib.suppress(OSError):  # then a password is asked for next time
            fresh.touch(0o600)
            fresh.write_text(json.dumps(tokens), encoding="utf-8")
            fresh.replace(self._file)

    @property
    def _file(self) -> Path:
        return self._place / "chat-tokens.json"

    def _tokens(self) -> dict[str, str]:
        try:
            found = json.loads(self._file.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _make(self) -> None:
        with contextlib.suppress(OSError):
            self._place.mkdir(mode=0o700, parents=True, exist_ok=True)
