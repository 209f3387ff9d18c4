"""The command line: starts the server, manages accounts, explains settings."""

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any

import typer

from chinwag import telemetry
from chinwag.config import BadConfig, Config, load, reference

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="An instant-messaging server that Tinode clients use unchanged.\n\n"
    "Start with `chinwag serve --demo` and open the printed address.",
)
user_app = typer.Typer(no_args_is_help=True, help="Make and manage accounts.")
app.add_typer(user_app, name="user")

Data = Annotated[Path, typer.Option("--data", help="Folder for database, secrets and uploads.")]
ConfigFile = Annotated[
    Path | None, typer.Option("--config", help="Settings, a TOML file; see config-reference.")
]
_DATA = Path("data")


def main() -> None:
    """Run the command line; every expected failure is one sentence and exit status 2."""
    from chinwag.app import CannotStart  # noqa: PLC0415 - `--help` need not load the server
    from chinwag.store.db import StoreError  # noqa: PLC0415

    try:
        app(standalone_mode=True)
    except (BadConfig, CannotStart, StoreError) as error:
        fail(str(error))


def fail(sentence: str) -> None:
    """Say what is wrong and end with status 2."""
    typer.echo(f"chinwag: {sentence}", err=True)
    raise SystemExit(2)


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run `work` on the fastest loop there is."""
    try:
        import uvloop  # noqa: PLC0415 - not there on every system
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


# --- the server -----------------------------------------------------------------------------


@app.command()
def serve(  # noqa: PLR0913 - one parameter for each option
    listen: Annotated[
        str | None, typer.Option(help="Address to listen on, HOST:PORT [127.0.0.1:6060].")
    ] = None,
    data: Data = _DATA,
    config: ConfigFile = None,
    web: Annotated[Path | None, typer.Option(help="Folder of another web client.")] = None,
    no_web: Annotated[bool, typer.Option("--no-web", help="Serve no web client.")] = False,  # noqa: FBT002
    demo: Annotated[
        bool, typer.Option("--demo", help="Make sample people, groups and conversations, once.")
    ] = False,  # noqa: FBT002
    log_level: Annotated[str, typer.Option(help="DEBUG, INFO, WARNING or ERROR.")] = "WARNING",
) -> None:
    """Run the server until it is told to stop (Ctrl-C or SIGTERM)."""
    from chinwag.app import Place, packaged_web  # noqa: PLC0415

    telemetry.configure(log_level.upper())
    settings = load(config)
    if listen is not None:
        settings.server.listen = listen
    if web is not None and not (web / "index.html").is_file():
        fail(f"There is no web client in {web}: it should hold an index.html.")
    client = None if no_web else (web or packaged_web())
    run(_serve(settings, Place(data, client), demo=demo))


async def _serve(settings: Config, place: Any, *, demo: bool) -> None:  # noqa: ANN401 - app.Place
    from chinwag.app import Server, make_services, open_database, split_address  # noqa: PLC0415

    split_address(settings.server.listen)
    db = await open_database(place.data)
    services = make_services(settings, place, db, settings.to_limits())
    server = Server(settings, place, services)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        if demo:
            from chinwag.demo import make_demo  # noqa: PLC0415

            typer.echo(await make_demo(services))
        await server.start()
    except BaseException:
        await db.close()
        raise
    typer.echo(f"chinwag ready on {server.address}")
    sys.stdout.flush()
    await stop.wait()
    await server.stop()


# --- settings -------------------------------------------------------------------------------


@app.command()
def init(data: Data = _DATA) -> None:
    """Make the data folder with an empty database and fresh secrets."""
    run(_init(data))
    typer.echo(f"Made {data}. Next: chinwag user add NAME --data {data}; chinwag serve --data {data}")


async def _init(data: Path) -> None:
    from chinwag.app import TOKEN_KEY_BYTES, open_database, secret_file  # noqa: PLC0415

    db = await open_database(data)
    secret_file(data / "token.key", TOKEN_KEY_BYTES)
    await db.close()


@app.command("check-config")
def check_config(
    path: Annotated[Path, typer.Argument(help="The TOML file to check.")],
) -> None:
    """Check a file of settings; exit status 2 if it cannot be used."""
    from chinwag.app import split_address  # noqa: PLC0415

    split_address(load(path).server.listen)
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
    """Make an API key, or check one. The salt goes into server.api_key_salt."""
    import base64  # noqa: PLC0415
    import secrets  # noqa: PLC0415

    from chinwag.core import apikey  # noqa: PLC0415

    raw = secrets.token_bytes(32) if salt is None else _salt(salt)
    if validate is None:
        typer.echo(f"API key: {apikey.make(raw, sequence, root=bool(isroot))}")
        typer.echo(f"Salt: {base64.b64encode(raw).decode()}")
        return
    if salt is None:
        fail("Checking a key needs its salt: add --salt.")
    if not apikey.valid(validate, raw):
        typer.echo("chinwag: This key was not made with this salt.", err=True)
        raise SystemExit(1)
    kind = "root" if apikey.is_root(validate) else "ordinary"
    typer.echo(f"Valid: version 1, sequence {apikey.sequence_of(validate)}, {kind}")


def _salt(text: str) -> bytes:
    import base64  # noqa: PLC0415
    import binascii  # noqa: PLC0415

    try:
        return base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except (binascii.Error, ValueError):
        fail("The salt is no valid base64.")
        raise


# --- accounts -------------------------------------------------------------------------------

Login = Annotated[str, typer.Argument(help="Log-in name.")]


def _with_accounts(data: Path, config: Path | None, work: Callable[[Any], Any]) -> None:
    from chinwag.accounts import Desk, with_desk  # noqa: PLC0415

    desk: type[Desk] = Desk
    run(with_desk(desk, data, load(config), work))


@user_app.command("add")
def user_add(
    login: Login,
    data: Data = _DATA,
    config: ConfigFile = None,
    name: Annotated[str | None, typer.Option(help="Name shown to others.")] = None,
    password: Annotated[
        str | None, typer.Option(help="Password; made up and printed if not given.")
    ] = None,
    root: Annotated[bool, typer.Option("--root", help="An administrator.")] = False,  # noqa: FBT002
) -> None:
    """Make an account and print its id."""
    _with_accounts(data, config, lambda d: d.add(login, name or login, password, root=root))


@user_app.command("passwd")
def user_passwd(
    login: Login,
    data: Data = _DATA,
    config: ConfigFile = None,
    password: Annotated[
        str | None, typer.Option(help="Password; made up and printed if not given.")
    ] = None,
) -> None:
    """Give an account a new password and end its log-ins."""
    _with_accounts(data, config, lambda d: d.passwd(login, password))


@user_app.command("list")
def user_list(data: Data = _DATA, config: ConfigFile = None) -> None:
    """Print all accounts: id, log-in name, level, state, when last seen."""
    _with_accounts(data, config, lambda d: d.listing())


@user_app.command("root")
def user_root(
    login: Login,
    data: Data = _DATA,
    config: ConfigFile = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take it back.")] = False,  # noqa: FBT002
) -> None:
    """Make an account an administrator."""
    _with_accounts(data, config, lambda d: d.root(login, revoke=revoke))


@user_app.command("suspend")
def user_suspend(
    login: Login,
    data: Data = _DATA,
    config: ConfigFile = None,
    restore: Annotated[bool, typer.Option("--restore", help="Let it in again.")] = False,  # noqa: FBT002
) -> None:
    """Keep an account from logging in."""
    _with_accounts(data, config, lambda d: d.suspend(login, restore=restore))


@user_app.command("delete")
def user_delete(
    login: Login,
    data: Data = _DATA,
    config: ConfigFile = None,
    hard: Annotated[bool, typer.Option("--hard", help="Erase it for good.")] = False,  # noqa: FBT002
) -> None:
    """Delete an account with the groups it owns."""
    _with_accounts(data, config, lambda d: d.delete(login, hard=hard))


if __name__ == "__main__":
    main()
