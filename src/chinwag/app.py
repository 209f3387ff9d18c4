"""Config in, running server out: build, start, drain, stop."""

import asyncio
import base64
import binascii
import errno
import hmac
import importlib.resources
import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aiohttp import web

from chinwag import __version__, website
from chinwag.config import GRPC_LISTEN, CannotStart, Config, split_address
from chinwag.core.limits import Limits
from chinwag.engine import credentials
from chinwag.engine.codes import Codes
from chinwag.engine.collect import Collector, Schedule
from chinwag.engine.guard import Guard
from chinwag.engine.hooks import Hooks
from chinwag.engine.hub import Hub
from chinwag.engine.ops import call, push
from chinwag.engine.orders import Orders
from chinwag.engine.services import Services
from chinwag.engine.session import Session
from chinwag.engine.sessions import Sessions
from chinwag.engine.tasks import Tasks
from chinwag.engine.tokens import Tokens
from chinwag.engine.uploads import FileDesk
from chinwag.machine import SystemClock, SystemEntropy, check_clock, compare_clock
from chinwag.plugins import load
from chinwag.plugins.letters import BadLetters, Letters
from chinwag.plugins.media_fs import FolderMedia
from chinwag.plugins.passwords import Argon2Passwords
from chinwag.plugins.webhook_teller import WebhookTeller
from chinwag.ports import Authenticator, Outbox, Peer, Validator
from chinwag.ports_hooks import Hook
from chinwag.store import imports, opening, topics
from chinwag.store.db import CannotOpen, Db, StoreError
from chinwag.transports import http
from chinwag.transports.arrivals import Arrivals
from chinwag.transports.listener import Door, Listener
from chinwag.transports.longpoll import LongPolling
from chinwag.transports.websocket import Wheel
from chinwag.wire import codec
from chinwag.wire.codec import Decoded

if TYPE_CHECKING:
    from grpc import aio as grpc_aio

log = logging.getLogger(__name__)

DRAIN_S: Final = 1.2  # for what is under way when the end is asked for, and again for the rest
DEPART_S: Final = 0.5  # for clients to close their connections
HTTP_S: Final = 1.0  # for uploads and downloads after that
SECRET_BYTES: Final = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where a server keeps its things, and what it serves to browsers."""

    data: Path
    web: Path | None = None


# --- building -------------------------------------------------------------------------------


def prepare_folder(data: Path) -> None:
    """Make the data folder, for its owner only. Raises CannotStart."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise CannotStart(
            f"The data folder {data} cannot be made ({error.strerror}): choose another one with "
            "--data, or mend the permissions."
        ) from None
    if not os.access(data, os.W_OK | os.X_OK):
        raise CannotStart(
            f"The data folder {data} is not writable: choose another one with --data, or mend "
            "its owner and permissions."
        )


def secret_file(path: Path) -> bytes:
    """The secret kept in `path`, made at first use, readable by the owner only.

    Raises CannotStart.
    """
    try:
        if not path.exists():
            _write_secret(path, secrets.token_bytes(SECRET_BYTES))
        secret = base64.b64decode(path.read_bytes(), validate=True)
    except (OSError, binascii.Error):
        secret = b""
    if len(secret) < SECRET_BYTES:
        raise CannotStart(
            f"The secret in {path} cannot be used: restore it, or remove it to end all log-ins."
        )
    return secret


def _write_secret(path: Path, secret: bytes) -> None:
    """Write aside, make durable, then rename: there is never half a secret."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(base64.b64encode(secret))
        file.flush()
        os.fsync(handle)
    part.rename(path)


def token_key(data: Path) -> bytes:
    """The key that signs tokens. Raises CannotStart."""
    return secret_file(data / "token.key")


def web_client(chosen: Path | None) -> Path:
    """The folder of the web client: the chosen one, or that of the package. Raises CannotStart."""
    folder = chosen or Path(str(importlib.resources.files("chinwag"))) / "web"
    if (folder / "index.html").is_file():
        return folder
    if chosen is not None:
        raise CannotStart(f"There is no web client in {chosen}: it should hold an index.html.")
    raise CannotStart(
        "The web client is not installed: run `make setup`, give its folder with --web, or start "
        "with --no-web."
    )


async def open_database(
    config: Config, data: Path, *, make: bool = True, importing: bool = False
) -> Db:
    """Open the database that is asked for, or that in the data folder `data`. Raises CannotStart.

    `make`: it need not be there yet. `importing`: half an import will do.
    """
    try:
        file = opening.file_of(config.database.url, data)
        if not make and file is not None and not file.exists():
            raise CannotStart(
                f"There is no database in {file.parent}: give its folder with --data, or make one "
                "with `chinwag init`."
            )
        prepare_folder(data)
        limits = config.limits
        db = await opening.open_db(config.database.url, data, message_max=limits.max_message_size)
    except CannotOpen as error:
        raise CannotStart(str(error)) from None
    if not importing:
        await _check_whole(db)
    return db


async def _check_whole(db: Db) -> None:
    """See that no import was cut short. Raises CannotStart."""
    try:
        if not await db.read(imports.unfinished):
            return
        why = "An import into the database was cut short: run `chinwag import-tinode` again."
    except StoreError as error:
        why = f"The database cannot be read ({error}): check it and its disk."
    await db.close()
    raise CannotStart(why)


@asynccontextmanager
async def offline_services(data: Path, config: Config, *, make: bool) -> AsyncIterator[Services]:
    """The ports on a folder that no server uses; `make`: or a fresh one. Raises CannotStart."""
    db = await open_database(config, data, make=make)
    try:
        yield make_services(config, Place(data), db, config.to_limits())
    except StoreError as error:
        raise CannotStart(
            f"The database does not do it ({error}): check it and its disk."
        ) from None
    finally:
        await db.close()


def make_services(config: Config, place: Place, db: Db, limits: Limits) -> Services:
    """The ports of a server. Raises CannotStart."""
    clock, entropy, settings = SystemClock(), SystemEntropy(), config.auth
    key = token_key(place.data)
    tokens = Tokens(key, settings.token_serial, settings.token_life_s, clock, limits.reset_life_s)
    codes = Codes(
        db=db,
        clock=clock,
        entropy=entropy,
        key=hmac.digest(key, b"codes", "sha256"),
        length=limits.code_length,
        life_s=limits.reset_life_s,
        tries_max=limits.failures_max,
    )
    offered = {"db": db, "clock": clock, "alias_ns": limits.alias_ns, "country": limits.country}
    offered["restricted_ns"] = limits.restricted_ns
    try:
        validators = _validators(config, offered)
        sinks = load.sinks(config.push.adapters, {**offered, "push_webhook": config.push_webhook})
        authenticators = _authenticators(config, offered, tokens, codes, validators)
        hooks = _hooks(config, clock.now_ms)
    except (load.CannotLoad, BadLetters) as error:
        raise CannotStart(str(error)) from None
    tasks = Tasks()
    return Services(
        db=db,
        clock=clock,
        entropy=entropy,
        tasks=tasks,
        hooks=Hooks(hooks, tasks),
        limits=limits,
        tokens=tokens,
        codes=codes,
        authenticators=authenticators,
        validators=validators,
        guard=Guard(
            config.guard,
            guesses_max=settings.guesses_max,
            new_accounts_max=settings.new_accounts_max,
        ),
        sinks=sinks,
        teller=WebhookTeller(config.webhooks, clock),
        build=f"chinwag:v{__version__}",
    )


def _validators(config: Config, offered: Mapping[str, object]) -> dict[str, Validator]:
    """What confirms addresses, by method. Raises CannotLoad, BadLetters."""
    methods, confirm = config.methods(), config.confirm
    if not methods:
        return {}
    url = config.server.public_url
    mine: dict[str, object] = {**offered, "email": config.email, "tel": config.tel}
    mine |= {"public_url": url, "letters": Letters(url, confirm.templates, confirm.language)}
    if "tel" in methods:
        mine["sms"] = load.sms(config.tel.sms, mine)
    return load.validators(methods, mine)


def _hooks(config: Config, now_ms: Callable[[], int]) -> list[Hook]:
    """The plug-ins outside, in the order of the settings. Raises CannotLoad."""
    return [
        load.hook({"name": name, "settings": settings, "now_ms": now_ms})
        for name, settings in config.plugins.items()
        if settings.enabled
    ]


def _authenticators(
    config: Config,
    offered: Mapping[str, object],
    tokens: Tokens,
    codes: Codes,
    validators: Mapping[str, Validator],
) -> dict[str, Authenticator]:
    """The ways to log in, by the name that clients use. Raises CannotLoad."""
    settings = config.auth

    def normalise(subject: str) -> str:
        return credentials.normal_subject(validators, subject)

    mine = {
        **offered,
        "passwords": Argon2Passwords(),
        "read_token": tokens.read,
        "check_code": codes.check,
        "normalise": normalise,
        "login_min": settings.login_min,
        "password_min": settings.password_min,
        "add_to_tags": settings.add_to_tags,
        "rest": config.rest,
    }
    return load.authenticators(settings.visible(), mine)


# --- running --------------------------------------------------------------------------------


class Server:
    """One running server."""

    def __init__(self, config: Config, place: Place, services: Services) -> None:
        self._config = config
        self._place = place
        self._services = services
        self._sessions = Sessions(config.guard, config.server.connections_max)
        self._hub = Hub(services)
        self._draining = False
        self._wheel: Wheel | None = None
        self._listening: asyncio.Server | None = None
        self._http: web.AppRunner | None = None
        self._polling: LongPolling | None = None
        self._grpc: grpc_aio.Server | None = None
        self._files: FileDesk | None = None
        self._collector = self._make_collector()
        self.address = ""

    async def start(self) -> None:
        """Accept connections. Raises CannotStart."""
        services, settings = self._services, self._config.server
        check_clock(services.clock)
        services.tasks.spawn("clock", compare_clock(services.clock, services.db))
        try:
            await services.db.run(topics.ensure_sys, services.clock.now_ms())
            await call.settle_all(self._hub)
            await push.make_up(self._hub)
            await self._hub.feeds.open()
        except StoreError as error:
            why = f"The database cannot be written ({error}): check it and its disk."
            raise CannotStart(why) from None
        await services.open()
        self._wheel = Wheel(
            size_max=services.limits.max_message_size,
            backlog_max=settings.backlog_max,
            ping_s=settings.ping_s,
            dead_s=settings.dead_s,
        )
        salt = base64.b64decode(settings.api_key_salt)
        private = self._config.webhooks.private_targets
        orders = Orders(self._hub, self._sessions, private_targets=private)
        desk, shown = self._desk(), self._place.web
        made = website.make(self._config, shown, self._hub, desk, self._accept, orders)
        self._polling = made.polling
        self._http = web.AppRunner(
            http.make_app(made),
            access_log=None,
            handle_signals=False,
            keepalive_timeout=http.IDLE_S,
            shutdown_timeout=HTTP_S,
        )
        await self._http.setup()
        http_server = self._http.server
        assert http_server is not None
        door = Door(
            api_path=settings.api_path,
            salt=salt,
            accept=self._accept,
            http_protocol=http_server,
            wheel=self._wheel,
            now_ms=services.clock.now_ms,
            trusted_proxies=frozenset(settings.trusted_proxies),
            connections_max=settings.connections_max,
            arrivals=Arrivals(self._config.guard.address_connections_max, settings.connections_max),
        )
        await self._listen(door, settings.listen)
        self._collector.start()
        if self._config.grpc.listen:
            await self._serve_grpc(self._desk())

    def _make_collector(self) -> Collector:
        cleaning = self._config.cleaning
        schedule = Schedule(
            cleaning.period_s, cleaning.files_max, cleaning.unconfirmed_h, cleaning.erased_days
        )
        desk = self._desk() if self._services.limits.max_file_size else None
        return Collector(self._hub, self._sessions, desk, schedule)

    def _desk(self) -> FileDesk:
        """Where files are taken in and given out."""
        if self._files is None:
            media = FolderMedia(self._place.data / "uploads")
            media.sweep()
            self._files = FileDesk(self._services, media, self._user_of_session)
        return self._files

    def _user_of_session(self, sid: str) -> str | None:
        """Who has logged in to a session that polls: only those know their names (DEFECT-04)."""
        line = self._polling.lines.get(sid) if self._polling is not None else None
        session = None if line is None else line.receiver
        return session.uid or None if isinstance(session, Session) else None

    async def _listen(self, door: Door, listen: str) -> None:
        host, port = split_address(listen)
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(
                lambda: Listener(door), host, port, backlog=4096
            )
        except OSError as error:
            raise CannotStart(_cannot_listen(listen, error)) from None
        bound = self._listening.sockets[0].getsockname()
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        self.address = f"http://{shown}:{bound[1]}"

    def _accept(
        self, outbox: Outbox, peer: Peer, decode: Callable[[bytes], Decoded] = codec.decode
    ) -> Session | None:
        if self._draining or not self._sessions.admits(peer.remote_addr):
            return None
        session = Session(outbox, peer, self._hub, self._sessions, decode)
        self._sessions.open(session)
        self._sessions.greetings.expect(session)
        return session

    async def _serve_grpc(self, desk: FileDesk) -> None:
        """Accept programs too. Raises CannotStart."""
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it writes to standard error by itself
        from chinwag.transports import grpc  # noqa: PLC0415 - large, and not used everywhere
        from chinwag.wire import protobuf  # noqa: PLC0415 - as above

        def accept(outbox: Outbox, peer: Peer) -> Session | None:
            return self._accept(outbox, peer, protobuf.decode)

        settings = grpc.Settings(
            listen=self._config.grpc.listen,
            size_max=self._services.limits.max_message_size,
            backlog_max=self._config.server.backlog_max,
            file_max=self._services.limits.max_file_size,
            serve_prefix=self._config.server.api_path + "v0/file/s/",
            certificate=_pem(self._config.grpc.tls_cert),
            key=_pem(self._config.grpc.tls_key),
        )
        try:
            self._grpc = grpc.make_server(grpc.Node(accept, desk, settings), settings)
        except grpc.CannotListen:
            if self._config.grpc.listen == GRPC_LISTEN:  # nobody has asked for it in so many words
                log.warning("grpc_not_offered", extra={"port_in_use": GRPC_LISTEN})
                return
            raise CannotStart(
                f"Cannot listen for gRPC on {settings.listen}: another program uses the port, or "
                "this machine has no such address; choose another one with --grpc."
            ) from None
        await self._grpc.start()

    async def stop(self) -> None:
        """Stop accepting, finish what is under way, tell clients, close."""
        self._draining = True
        if self._listening is not None:
            self._listening.close()
        self._collector.stop()
        self._hub.stopping = True
        self._hub.pushes.stop()
        self._hub.feeds.stop()
        await self._services.tasks.drain(DRAIN_S)
        if self._wheel is not None:
            self._wheel.stopping = True
        self._sessions.shut_down()
        if self._wheel is not None:  # all sessions end before the store does
            await self._wheel.depart(DEPART_S)
        if self._polling is not None:
            self._polling.stop()
        if self._grpc is not None:
            await self._grpc.stop(HTTP_S)
        await self._services.tasks.drain(DRAIN_S)
        if self._http is not None:
            await self._http.cleanup()
        await self._services.tasks.cancel()
        await self._services.close()


def _pem(path: str) -> bytes:
    """A certificate or key; empty: none. Raises CannotStart."""
    if not path:
        return b""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CannotStart(f"The file {path} cannot be read: {error.strerror}.") from None


def _cannot_listen(listen: str, error: OSError) -> str:
    """Why nobody can listen there, and what to do."""
    match error.errno:
        case errno.EADDRINUSE:
            advice = "another program uses the port: stop it, or choose another one with --listen"
        case errno.EACCES:
            advice = "ports below 1024 are for administrators: choose another one with --listen"
        case _:
            advice = "this machine has no such address: choose another one with --listen"
    return f"Cannot listen on {listen}, {advice}."
