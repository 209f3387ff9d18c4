"""Config in, running server out: build, start, drain, stop."""

import asyncio
import base64
import binascii
import importlib.resources
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from chinwag import __version__
from chinwag.config import BadConfig, Config
from chinwag.core.limits import Limits
from chinwag.engine.hub import Hub
from chinwag.engine.services import Services
from chinwag.engine.session import Session
from chinwag.engine.sessions import Sessions
from chinwag.engine.tasks import Tasks
from chinwag.engine.tokens import Tokens
from chinwag.engine.uploads import FileDesk
from chinwag.plugins.auth_anonymous import AnonymousAuth
from chinwag.plugins.auth_basic import BasicAuth
from chinwag.plugins.auth_code import CodeAuth
from chinwag.plugins.auth_token import TokenAuth
from chinwag.plugins.media_fs import FolderMedia
from chinwag.plugins.passwords import Argon2Passwords
from chinwag.ports import Authenticator, Clock, Outbox, Peer
from chinwag.store import topics
from chinwag.store.db import CannotOpen, Db
from chinwag.store.sqlite import SqliteDb
from chinwag.transports import http
from chinwag.transports.files import Files
from chinwag.transports.listener import Door, Listener
from chinwag.transports.websocket import Wheel

DRAIN_S: Final = 3.0
TOKEN_KEY_BYTES: Final = 32


class CannotStart(Exception):
    """The server cannot start; the message says why and what to do."""


class SystemClock:
    """The machine's clock; it never goes backwards."""

    def __init__(self) -> None:
        self._last_ms = 0

    def now_ms(self) -> int:
        """Milliseconds since 1970, UTC, rounded."""
        self._last_ms = max(self._last_ms, (time.time_ns() + 500_000) // 1_000_000)
        return self._last_ms


class SystemEntropy:
    """The system's random numbers."""

    def number(self) -> int:
        """A fresh unsigned 64-bit number, never 0."""
        return secrets.randbits(64) or self.number()

    def token(self) -> str:
        """A fresh URL-safe text of 128 random bits."""
        return secrets.token_urlsafe(16)


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


def secret_file(path: Path, size: int) -> bytes:
    """The secret kept in `path`, made at first use, readable by the owner only."""
    try:
        return base64.b64decode(path.read_text(encoding="ascii"), validate=True)
    except FileNotFoundError:
        fresh = secrets.token_bytes(size)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(base64.b64encode(fresh).decode())
            file.flush()
            os.fsync(handle)
        return fresh
    except (OSError, ValueError, binascii.Error):
        raise CannotStart(
            f"The secret in {path} cannot be read: restore it, or remove it to end all log-ins."
        ) from None


def packaged_web() -> Path:
    """The web client that came with the package. Raises CannotStart."""
    folder = Path(str(importlib.resources.files("chinwag"))) / "web"
    if not (folder / "index.html").is_file():
        raise CannotStart(
            "The web client is not installed: run `make setup`, give its folder with --web, or "
            "start with --no-web."
        )
    return folder


async def open_database(data: Path) -> SqliteDb:
    """The database in the data folder. Raises CannotStart."""
    prepare_folder(data)
    try:
        return await SqliteDb.open(data / "chinwag.db")
    except CannotOpen as error:
        raise CannotStart(str(error)) from None


def make_services(config: Config, place: Place, db: Db, limits: Limits) -> Services:
    """The ports of a server."""
    clock = SystemClock()
    key = secret_file(place.data / "token.key", TOKEN_KEY_BYTES)
    tokens = Tokens(key, config.auth.token_serial, config.auth.token_life_s, clock)
    return Services(
        db=db,
        clock=clock,
        entropy=SystemEntropy(),
        tasks=Tasks(),
        limits=limits,
        tokens=tokens,
        authenticators=authenticators(config, db, clock, tokens),
        build=f"chinwag:v{__version__}",
    )


def authenticators(
    config: Config, db: Db, clock: Clock, tokens: Tokens
) -> dict[str, Authenticator]:
    """The ways to log in, by name."""
    basic = BasicAuth(
        db,
        Argon2Passwords(),
        clock,
        login_min=config.auth.login_min,
        password_min=config.auth.password_min,
        alias_ns=config.tags.alias,
    )
    found: list[Authenticator] = [basic, TokenAuth(tokens.read), CodeAuth()]
    if config.auth.anonymous:
        found.append(AnonymousAuth())
    return {each.name: each for each in found}


# --- running --------------------------------------------------------------------------------


class Server:
    """One running server."""

    def __init__(self, config: Config, place: Place, services: Services) -> None:
        self._config = config
        self._place = place
        self._services = services
        self._sessions = Sessions()
        self._hub = Hub(services)
        self._draining = False
        self._wheel: Wheel | None = None
        self._listening: asyncio.Server | None = None
        self._http: web.AppRunner | None = None
        self.address = ""

    async def start(self) -> None:
        """Accept connections. Raises CannotStart."""
        services = self._services
        await services.db.run(topics.ensure_sys, services.clock.now_ms())
        settings = self._config.server
        self._wheel = Wheel(
            size_max=services.limits.max_message_size,
            backlog_max=settings.backlog_max,
            ping_s=settings.ping_s,
            dead_s=settings.dead_s,
        )
        salt = base64.b64decode(settings.api_key_salt)
        self._http = web.AppRunner(self._site(salt), access_log=None, handle_signals=False)
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
        )
        await self._listen(door, settings.listen)

    def _site(self, salt: bytes) -> web.Application:
        services = self._services
        files = None
        if services.limits.max_file_size:
            media = FolderMedia(self._place.data / "uploads")
            media.sweep()
            desk = FileDesk(services, media)
            prefix = self._config.server.api_path + "v0/file/s/"
            now_ms = services.clock.now_ms
            files = Files(desk, salt, services.limits.max_file_size, prefix, now_ms)
        return http.make_app(
            http.Site(
                web=self._place.web,
                ready=services.db.ping,
                files=files,
                now_ms=services.clock.now_ms,
                api_path=self._config.server.api_path,
            )
        )

    async def _listen(self, door: Door, listen: str) -> None:
        host, port = split_address(listen)
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(
                lambda: Listener(door), host, port, backlog=4096
            )
        except OSError as error:
            raise CannotStart(
                f"Cannot listen on {listen} ({error.strerror or error}): another program may be "
                "using the port; stop it or choose another one with --listen."
            ) from None
        bound = self._listening.sockets[0].getsockname()
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        self.address = f"http://{shown}:{bound[1]}"

    def _accept(self, outbox: Outbox, peer: Peer) -> Session | None:
        if self._draining:
            return None
        session = Session(outbox, peer, self._hub, self._sessions)
        self._sessions.open(session)
        return session

    async def stop(self) -> None:
        """Stop accepting, tell clients, finish what is under way, close."""
        self._draining = True
        if self._listening is not None:
            self._listening.close()
        self._hub.stopping = True
        await self._services.tasks.drain(DRAIN_S / 2)
        self._sessions.shut_down()
        await asyncio.sleep(0)  # let the last frames be written
        if self._wheel is not None:
            for connection in list(self._wheel.connections):
                connection.go_away()
            self._wheel.stop()
        await self._services.tasks.drain(DRAIN_S / 2)
        if self._http is not None:
            await self._http.cleanup()
        await self._services.tasks.cancel()
        await self._services.db.close()


def split_address(listen: str) -> tuple[str, int]:
    """Host and port of HOST:PORT. Raises BadConfig."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the highest port
        raise BadConfig(f"The address {listen} is not usable: write HOST:PORT, as 127.0.0.1:6060.")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 - asked for by leaving it out
