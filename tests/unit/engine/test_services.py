"""Plugins are opened and closed with the server."""

from typing import cast

from chinwag.engine.services import Services
from chinwag.plugins.auth_base import AuthBase
from chinwag.store.sqlite import SqliteDb
from stage import Postbox, Stage


class Plugin(AuthBase):
    """It remembers what was done to it."""

    def __init__(self) -> None:
        self.said: list[str] = []

    async def open(self) -> None:
        """Opened."""
        self.said.append("open")

    async def close(self) -> None:
        """Closed."""
        self.said.append("close")


class Closing(Postbox, Plugin):
    """A validator that remembers too."""

    close = Plugin.close

    def __init__(self) -> None:
        Postbox.__init__(self)
        Plugin.__init__(self)


class Base:
    """A database that is only closed."""

    closed = False

    async def close(self) -> None:
        """Closed."""
        self.closed = True


async def test_plugins_come_and_go_with_the_server(stage: Stage) -> None:
    one, two, db = Plugin(), Closing(), Base()
    theirs = stage.services
    services = Services(
        cast("SqliteDb", db),
        theirs.clock,
        theirs.entropy,
        theirs.tasks,
        theirs.limits,
        theirs.tokens,
        theirs.codes,
        authenticators={"one": one},  # type: ignore[dict-item]
        validators={"two": two},
    )
    await services.open()
    await services.close()
    assert (one.said, two.said, db.closed) == (["open", "close"], ["close"], True)
