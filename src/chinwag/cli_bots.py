"""The commands for bots: `chinwag bot …`.

The SDK is imported by the commands only: it needs packages that a server does without.
"""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from chinwag import cli_hooks, loop, telemetry
from chinwag.config import CannotStart
from chinwag.settings import load

if TYPE_CHECKING:
    from chinwag.accounts import Bounds, Desk
    from chinwag.bots import Bot

app = typer.Typer(invoke_without_command=True, help="Make bots, run them, and talk to them.")

Login = Annotated[str, typer.Argument(help="Log-in name.")]
Data = Annotated[Path, typer.Option("--data", help="Folder of the server.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="Its settings.")]
DatabaseUrl = Annotated[str | None, typer.Option("--database", metavar="URL")]
OfTopics = Annotated[list[str] | None, typer.Option(help="A topic it may touch; again for more.")]
Rate = Annotated[int, typer.Option(help="Messages a minute [as many as everybody].")]
_DATA = Path("data")
File = Annotated[Path, typer.Argument(help="A Python file that says `bot = Bot()`.")]


@contextlib.contextmanager
def _sdk() -> Iterator[None]:
    """What cannot be done is said in one sentence. Raises CannotStart."""
    try:
        from chinwag.bots.errors import CannotRun  # noqa: PLC0415 - not everybody has its packages
    except ImportError as error:
        raise CannotStart(
            f"Bots need more packages ({error.name}): pip install 'chinwag[bots]'."
        ) from None
    try:
        yield
    except CannotRun as error:
        raise CannotStart(str(error)) from None


@app.callback()
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="Name of the bot, a word in small letters.")],
    folder: Annotated[Path, typer.Option("--folder", help="Where to write it.")] = Path(),
) -> None:
    """Write a bot and its test."""
    with _sdk():
        from chinwag.bots import loading  # noqa: PLC0415 - as above

        bot, test = loading.make(folder, name)
    typer.echo(f"Wrote {bot} and {test}. Next: `chinwag bot shell {bot}`.")


class _At(NamedTuple):
    """Where the accounts are."""

    data: Path
    config: Path | None
    database: str | None

    def desk(self, work: "Callable[[Desk], Awaitable[None]]", *, make: bool = False) -> None:
        """Do `work` with them; `make`: a fresh folder will do."""
        from chinwag.accounts import open_desk  # noqa: PLC0415 - the server, for such commands only

        settings = load(self.config)
        if self.database is not None:
            settings.database.url = self.database

        async def session() -> None:
            async with open_desk(self.data, settings, make=make) as desk:
                await work(desk)

        asyncio.run(session())


def _bounds(topics: list[str] | None, rate: int) -> "Bounds":
    from chinwag.accounts import Bounds  # noqa: PLC0415 - as above

    return Bounds.of(topics, rate)


@app.command("account")
def account(  # noqa: PLR0913 - one parameter for each option
    login: Login,
    *,
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
    name: Annotated[str | None, typer.Option(help="Name shown to people.")] = None,
    topic: OfTopics = None,
    rate: Rate = 0,
    password: Annotated[
        bool, typer.Option("--password", help="Print a password too, for programs without tokens.")
    ] = False,
    renew: Annotated[
        bool, typer.Option("--renew", help="End its log-ins; print what it logs in with now.")
    ] = False,
) -> None:
    """Make an account that people see to be a bot, and print the token it logs in with.

    The token is good for the topics that --topic names, usr…, grp…, p2p, grp, fnd, new, or for
    all, until it is revoked. The server must not be running on the same data folder.
    """
    bounds, at = _bounds(topic, rate), _At(data, config, database)
    if renew:
        at.desk(lambda desk: desk.renew_bot(login, bounds, password=password))
    else:
        shown = name or login
        at.desk(lambda desk: desk.add_bot(login, shown, bounds, password=password), make=True)


@app.command("token")
def token(
    login: Login,
    *,
    data: Data = _DATA,
    config: ConfigFile = None,
    topic: OfTopics = None,
    rate: Rate = 0,
    server: cli_hooks.Server = None,
) -> None:
    """Make one more token of a bot, and print it; see `chinwag bot account`.

    With --server, CHINWAG_ROOT is NAME:PASSWORD of an administrator; without it the server must not
    be running on the data folder.
    """
    at = cli_hooks.At(data, config, server)
    made = at.order("token.new", account=login, topics=topic or [], rate=rate)
    typer.echo(f"Token {made['id']} is good for {_described(made)}.")
    typer.echo(f"CHINWAG_BOT_TOKEN={made['secret']}")


@app.command("tokens")
def tokens(data: Data = _DATA, config: ConfigFile = None, server: cli_hooks.Server = None) -> None:
    """Print all tokens of bots: id, whose, since when, what they are good for."""
    for each in cli_hooks.At(data, config, server).order("token.list")["tokens"]:
        typer.echo(f"{each['id']}  {each['account']}  {each['created'][:10]}  {_described(each)}")


@app.command("revoke")
def revoke(
    id: Annotated[str, typer.Argument(help="Id of a token; see `chinwag bot tokens`.")],
    data: Data = _DATA,
    config: ConfigFile = None,
    server: cli_hooks.Server = None,
) -> None:
    """End a token of a bot, and the sessions that have it."""
    cli_hooks.At(data, config, server).order("token.revoke", id=id)
    typer.echo(f"Token {id} is revoked.")


def _described(token: dict[str, Any]) -> str:
    """What a token is good for, in words."""
    topics = ", ".join(token["topics"]) or "all topics of the bot"
    return f"{topics}, {token['rate']} messages a minute" if token["rate"] else topics


@app.command("run")
def run(
    file: File,
    *,
    server: Annotated[str | None, typer.Option(help="Address of the server.")] = None,
    memory: Annotated[bool, typer.Option("--memory", help="Forget everything in the end.")] = False,
) -> None:
    """Run a bot until it is told to stop (Ctrl-C or SIGTERM).

    Who it is, CHINWAG_BOT_LOGIN (name:password) or CHINWAG_BOT_TOKEN say. What it remembers is kept
    in a file beside it, unless it has a storage of its own.
    """
    telemetry.configure("WARNING")
    with _sdk():
        from chinwag.bots import MemoryStorage, SqliteStorage, loading  # noqa: PLC0415 - as above
        from chinwag.bots.address import Address  # noqa: PLC0415 - as above

        bot = loading.load(file)
        if server is not None:
            bot.line.address = Address.parse(server)
        if isinstance(bot.storage, MemoryStorage) and not memory:
            bot.storage = SqliteStorage(file.with_suffix(".db"))
        loop.run(_serve(bot))


async def _serve(bot: "Bot") -> None:
    """Serve until a signal comes. Raises CannotRun."""
    serving = asyncio.ensure_future(bot.serve())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, serving.cancel)
    telling = asyncio.ensure_future(_tell(bot))
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await serving
    finally:
        telling.cancel()


async def _tell(bot: "Bot") -> None:
    await bot.ready.wait()
    typer.echo(f"{bot.uid} listens on {bot.line.address}")
    sys.stdout.flush()


@app.command("shell")
def shell(file: File) -> None:
    """Talk to a bot here, on a server that is gone in the end (Ctrl-D)."""
    telemetry.configure("ERROR")
    with _sdk():
        from chinwag.bots import loading  # noqa: PLC0415 - as above
        from chinwag.bots.shell import Shell  # noqa: PLC0415 - as above

        bot = loading.load(file)
        asyncio.run(Shell(sys.stdin, typer.echo).talk(bot))
