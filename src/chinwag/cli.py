"""The command line: starts the server, manages accounts, explains settings.

The server is imported only by the commands that need it: `--help` answers at once.
"""

import asyncio
import gc
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple, NoReturn

import typer
from typer.exceptions import TyperException

from chinwag import cli_bench, cli_bots, cli_chat, cli_hooks, loop, telemetry
from chinwag.config import CannotStart, Config
from chinwag.settings import load, reference

if TYPE_CHECKING:
    from chinwag.accounts import Desk
    from chinwag.app import Place

app = typer.Typer(
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    help="An instant-messaging server that Tinode clients use unchanged.\n\n"
    "Start with `chinwag serve --demo` and open the printed address.",
)
user_app = typer.Typer(
    invoke_without_command=True,
    help="Make and manage accounts. The server must not be running on the same data folder.",
)
app.add_typer(user_app, name="user")
app.add_typer(cli_bots.app, name="bot")
app.add_typer(cli_hooks.app, name="hook")
app.command("bench")(cli_bench.bench)
app.command("chat")(cli_chat.chat)

Data = Annotated[Path, typer.Option("--data", help="Folder for database, secrets and uploads.")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings, a TOML file; see config-reference.")
]
Login = Annotated[str, typer.Argument(help="Log-in name.")]
Password = Annotated[
    str | None, typer.Option("--password", help="Password; made up and printed if not given.")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="Database, as the setting database.url."),
]
_DATA = Path("data")


class LogLevel(StrEnum):
    """What is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


def main() -> None:
    """Run the command line; every expected failure is one sentence and exit status 2."""
    gc.disable()  # imports make a multitude of objects and no garbage; `run` turns it on again
    try:
        app(prog_name="chinwag", standalone_mode=False)
    except CannotStart as error:
        fail(str(error))
    except TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "chinwag"
        fail(f"{error.format_message().rstrip('.')}: see `{command} --help`.")
    except (KeyboardInterrupt, typer.Abort):
        raise SystemExit(130) from None


def fail(sentence: str) -> NoReturn:
    """Say what is wrong and end with status 2."""
    typer.echo(f"chinwag: {sentence}", err=True)
    raise SystemExit(2)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` on the fastest loop there is."""
    gc.freeze()  # what has been imported stays: it need not be looked through again and again
    gc.enable()
    loop.run(work)


@app.callback()
@user_app.callback()
def _help(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


# --- the server -----------------------------------------------------------------------------


@app.command()
def serve(  # noqa: PLR0913 - one parameter for each option
    *,
    listen: Annotated[
        str | None, typer.Option(help="Address to listen on, HOST:PORT [127.0.0.1:6060].")
    ] = None,
    grpc: Annotated[
        str | None, typer.Option(help="Address for gRPC, HOST:PORT [127.0.0.1:16060].")
    ] = None,
    no_grpc: Annotated[bool, typer.Option("--no-grpc", help="Offer no gRPC.")] = False,
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
    web: Annotated[Path | None, typer.Option(help="Folder of another web client.")] = None,
    no_web: Annotated[bool, typer.Option("--no-web", help="Serve no web client.")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Make sample people, groups and conversations, once.")
    ] = False,
    log_level: Annotated[LogLevel, typer.Option(help="What is logged.")] = LogLevel.WARNING,
) -> None:
    """Run the server until it is told to stop (Ctrl-C or SIGTERM).

    Prints `chinwag ready on http://HOST:PORT` when it accepts connections.
    """
    from chinwag import machine
    from chinwag.app import Place, web_client

    machine.use_one_heap()
    machine.open_more_files()
    telemetry.configure(log_level.name)
    settings = _settings(config, database)
    if listen is not None:
        settings.server.listen = listen
    if grpc is not None or no_grpc:
        settings.grpc.listen = "" if no_grpc or grpc is None else grpc
    run(_serve(settings, Place(data, None if no_web else web_client(web)), demo=demo))


async def _serve(settings: Config, place: "Place", *, demo: bool) -> None:
    from chinwag.app import Server, make_services, open_database

    stop = _stop_signal()
    db = await open_database(settings, place.data)
    try:
        services = make_services(settings, place, db, settings.to_limits())
        server = Server(settings, place, services)
        if demo:
            from chinwag.demo import make_demo

            typer.echo(await make_demo(services))
        await server.start()
    except BaseException:
        await db.close()
        raise
    typer.echo(f"chinwag ready on {server.address}")
    sys.stdout.flush()
    await stop.wait()
    await server.stop()


def _settings(config: Path | None, database: str | None) -> Config:
    """What the file and the environment say, and the command line above them."""
    settings = load(config)
    if database is not None:
        settings.database.url = database
    return settings


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


# --- settings -------------------------------------------------------------------------------


@app.command()
def init(data: Data = _DATA, config: ConfigFile = None, database: DatabaseUrl = None) -> None:
    """Make the data folder with fresh secrets, and the tables of an empty database."""
    run(_init(_settings(config, database), data))
    typer.echo(
        f"{data} is ready. Next: `chinwag user add NAME` and `chinwag serve`, with --data {data}"
    )


async def _init(settings: Config, data: Path) -> None:
    from chinwag.app import open_database, token_key

    db = await open_database(settings, data)
    try:
        token_key(data)
    finally:
        await db.close()


@app.command("check-config")
def check_config(
    path: Annotated[Path, typer.Argument(help="The TOML file to check.")],
) -> None:
    """Check a file of settings; exit status 2 if it cannot be used."""
    load(path)
    typer.echo(f"{path} is fine.")


@app.command("config-reference")
def config_reference() -> None:
    """Print every setting with its type, default and meaning, as Markdown."""
    typer.echo(reference(), nl=False)


@app.command()
def keygen(
    sequence: Annotated[int, typer.Option(min=1, max=65535, help="Number of the key.")] = 1,
    isroot: Annotated[int, typer.Option(min=0, max=1, help="Mark the key as a root key.")] = 0,
    salt: Annotated[str | None, typer.Option(help="Base64; a fresh one if not given.")] = None,
    validate: Annotated[str | None, typer.Option(help="Check this key; needs --salt.")] = None,
) -> None:
    """Make an API key, or check one. The salt goes into server.api_key_salt.

    Checking ends with status 1 if the key was not made with the salt.
    """
    from chinwag import keys

    if validate is None:
        typer.echo(keys.generate(salt, sequence, root=bool(isroot)))
        return
    if salt is None:
        fail("Checking a key needs its salt: add --salt.")
    found = keys.examine(validate, salt)
    if found is None:
        typer.echo("chinwag: The key was not made with this salt.", err=True)
        raise SystemExit(1)
    typer.echo(found)


# --- upkeep ---------------------------------------------------------------------------------


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to; it is made.")],
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Copy everything into a folder of its own, while the server goes on.

    DIR will hold all rows as an SQLite file, whatever the database, the uploaded files, the secret
    that signs log-ins, and the checksums of it all. It is there whole or not at all. Keep it as
    safe as the data folder: `chinwag backup /backup/$(date +%F)`.
    """
    from chinwag.upkeep import backup as task
    from chinwag.upkeep.progress import Progress

    with Progress() as progress:
        made = task.make(_settings(config, database), data, folder, progress, _now_ms())
    typer.echo(f"{folder} is a backup: {made.files_count:,} files, {made.size_bytes:,} bytes.")
    if made.lacking:
        typer.echo(f"chinwag: {made.lacking} files are missing: see `chinwag doctor`.", err=True)


@app.command()
def restore(
    *,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `backup` has made.")],
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of what is there.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only look whether it is sound.")] = False,
) -> None:
    """Put a backup into a data folder and its database; the server must not be running.

    Everything is checked before anything is touched. The database may be another one than that
    which the backup is from. With --replace what is in the data folder is kept beside it, under
    names that end with `.before-` and the time.
    """
    from chinwag.upkeep import archive, progress
    from chinwag.upkeep import restore as task

    with progress.Progress() as shown:
        if check:
            found = archive.check(folder, shown.of("checking"))
            typer.echo(f"{folder} is sound: made {found.made} by chinwag {found.program}.")
            return
        target = task.Target(_settings(config, database), data, replace)
        made = task.run(folder, target, shown, _now_ms())
    if made is None:
        typer.echo(f"An earlier restore of {data} had been cut short; now it is finished.")
    else:
        typer.echo(f"{data} is restored from {folder}: start the server.")


@app.command()
def doctor(data: Data = _DATA, config: ConfigFile = None, database: DatabaseUrl = None) -> None:
    """Look whether everything is well: settings, secrets, disk, database, clock, files.

    Changes nothing and works while the server runs. Every finding comes with its remedy. Exit
    status 0: all is well; 1: something is to be mended; 2: the server cannot run, or something is
    damaged or missing.
    """
    from chinwag.upkeep import doctor

    worst = 0
    for finding in doctor.examine(lambda: _settings(config, database), config, data, _now_ms()):
        typer.echo(str(finding))
        worst = max(worst, finding.grade)
    raise SystemExit(worst)


@app.command()
def export(
    *,
    user: Annotated[str, typer.Argument(help="Log-in name, id, or address as email:x@y.z.")],
    target: Annotated[Path, typer.Argument(help="A folder that is made, or a .tar, .tgz file.")],
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
) -> None:
    """Write all that is known of one person, while the server goes on.

    JSON lines of profile, credentials (no passwords), devices, subscriptions and messages, those of
    conversations they can read and their own ones elsewhere, and the files they have uploaded.
    """
    from chinwag.upkeep import export as task
    from chinwag.upkeep.progress import Progress

    with Progress() as progress:
        found = task.write(_settings(config, database), data, user, target, progress)
    typer.echo(f"{target} is all of {found.uid}: {found.messages:,} messages, {found.files} files.")


def _now_ms() -> int:
    from time import time_ns

    return time_ns() // 1_000_000


# --- moving in ------------------------------------------------------------------------------


class OnError(StrEnum):
    """What becomes of rows that cannot be read."""

    STOP = "stop"
    SKIP = "skip"


@app.command("import-tinode")
def import_tinode(  # noqa: PLR0913 - one parameter for each option
    *,
    url: Annotated[str, typer.Option("--from", metavar="URL", envvar="TINODE_DATABASE")],
    uid_key: Annotated[str, typer.Option(envvar="TINODE_UID_KEY", help="store_config.uid_key.")],
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
    files: Annotated[Path | None, typer.Option(help="Folder of the old server's uploads.")] = None,
    on_error: Annotated[OnError, typer.Option(help="At unreadable rows.")] = OnError.STOP,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Try it, keep nothing.")] = False,
    deleted: Annotated[bool, typer.Option("--deleted-accounts", help="Those too.")] = False,
    zone: Annotated[str | None, typer.Option("--time-zone", help="Of its times [UTC].")] = None,
) -> None:
    """Take over the accounts, messages and files of a Tinode server 0.22 to 0.25.

    From its database, mysql://… or postgresql://…, into an empty one that no server uses. If it is
    cut short, run it again. Exit status 1: the two sides do not agree in the end.
    """
    from chinwag.importing.command import Order, import_tinode

    skip = on_error is OnError.SKIP
    order = Order(url, uid_key, data, files, skip, dry_run, deleted, zone)
    settings = _settings(config, database)

    async def work() -> None:
        if not await import_tinode(order, settings):
            raise SystemExit(1)

    run(work())


# --- accounts -------------------------------------------------------------------------------


class _At(NamedTuple):
    """Which accounts."""

    data: Path
    config: Path | None
    database: str | None

    def desk(self, work: "Callable[[Desk], Awaitable[None]]", *, make: bool = False) -> None:
        """Do `work`; `make`: a fresh folder will do."""
        from chinwag.accounts import open_desk

        async def session() -> None:
            settings = _settings(self.config, self.database)
            async with open_desk(self.data, settings, make=make) as desk:
                await work(desk)

        run(session())


@user_app.command("add")
def user_add(  # noqa: PLR0913 - one parameter for each option
    *,
    login: Login,
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
    name: Annotated[str | None, typer.Option(help="Name shown to others.")] = None,
    password: Password = None,
    root: Annotated[bool, typer.Option("--root", help="An administrator.")] = False,
) -> None:
    """Make an account and print its id."""
    at = _At(data, config, database)
    at.desk(lambda desk: desk.add(login, name or login, password, root=root), make=True)


@user_app.command("passwd")
def user_passwd(
    login: Login,
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
    password: Password = None,
) -> None:
    """Give an account a new password and end its log-ins."""
    _At(data, config, database).desk(lambda desk: desk.passwd(login, password))


@user_app.command("list")
def user_list(data: Data = _DATA, config: ConfigFile = None, database: DatabaseUrl = None) -> None:
    """Print all accounts: id, log-in name, level, state, when last seen."""
    _At(data, config, database).desk(lambda desk: desk.listing())


@user_app.command("root")
def user_root(
    login: Login,
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take it back.")] = False,
) -> None:
    """Make an account an administrator."""
    _At(data, config, database).desk(lambda desk: desk.root(login, revoke=revoke))


@user_app.command("suspend")
def user_suspend(
    login: Login,
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
    restore: Annotated[bool, typer.Option("--restore", help="Let it in again.")] = False,
) -> None:
    """Keep an account from logging in."""
    _At(data, config, database).desk(lambda desk: desk.suspend(login, restore=restore))


@user_app.command("delete")
def user_delete(
    login: Login,
    data: Data = _DATA,
    config: ConfigFile = None,
    database: DatabaseUrl = None,
    hard: Annotated[bool, typer.Option("--hard", help="Erase it for good.")] = False,
) -> None:
    """Delete an account with the groups it owns."""
    _At(data, config, database).desk(lambda desk: desk.delete(login, hard=hard))


if __name__ == "__main__":
    main()
