"""Accounts from the command line, on a data folder that no server is using."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import typer

from chinwag.app import CannotStart, Place, make_services, open_database
from chinwag.config import Config
from chinwag.core import ids, modes
from chinwag.core.errors import Refused
from chinwag.core.state import AuthRecord, Level, State, User
from chinwag.engine.services import Services
from chinwag.plugins.auth_basic import BasicAuth
from chinwag.store import auth, users

_LEVELS = {None: "-", Level.ANON: "guest", Level.AUTH: "user", Level.ROOT: "root"}
_STATES = {State.OK: "ok", State.SUSPENDED: "suspended", State.DELETED: "deleted"}


async def with_desk(
    kind: "type[Desk]", data: Path, config: Config, work: "Callable[[Desk], Awaitable[None]]"
) -> None:
    """Do `work` at a desk for the accounts in `data`. Raises CannotStart."""
    db = await open_database(data)
    try:
        await work(kind(make_services(config, Place(data), db, config.to_limits())))
    finally:
        await db.close()


class Desk:
    """Where accounts are made and managed."""

    def __init__(self, services: Services) -> None:
        self._services = services
        basic = services.authenticators["basic"]
        assert isinstance(basic, BasicAuth)
        self._basic = basic

    async def add(self, login: str, name: str, password: str | None, *, root: bool) -> None:
        """Make an account; prints its id and a password that was made up."""
        uid = await self.create(login, name, password or self._made_up(password), root=root)
        typer.echo(f"Made {login}: {uid}")

    def _made_up(self, password: str | None) -> str:
        made = password or secrets.token_urlsafe(9)
        typer.echo(f"Password: {made}")
        return made

    async def create(self, login: str, name: str, password: str, *, root: bool = False) -> str:
        """Make an account; its id. Raises CannotStart."""
        services = self._services
        secret = f"{login}:{password}".encode()
        uid = ids.uid_text(services.entropy.number())
        try:
            await self._basic.check_new(secret)
            record = await self._basic.prepare(uid, secret)
        except Refused as refused:
            raise CannotStart(self._why(login, refused)) from None
        if root:
            record.level = Level.ROOT
        now_ms = services.clock.now_ms()
        p2p = modes.cp2p(services.limits.p2p_delete)
        user = User(uid, now_ms, now_ms, auth=p2p | modes.PUBLIC)
        user.public = msgspec.json.encode({"fn": name})
        user.tags = self._basic.tags(record)
        await services.db.run(users.create, user, private=None, auth=record, now_ms=now_ms)
        return uid

    def _why(self, login: str, refused: Refused) -> str:
        if refused.reply.code == 409:  # noqa: PLR2004 - taken
            return f"There is a user {login} already: choose another name."
        return (
            f"The name or password is not acceptable: names have {self._basic.login_min} to 32 "
            f"letters, digits, dots and underscores, passwords at least {self._basic.password_min} "
            "characters."
        )

    async def passwd(self, login: str, password: str | None) -> None:
        """Give an account a new password."""
        record = await self._record(login)
        fresh = password or self._made_up(password)
        try:
            await self._basic.change(record.uid, f":{fresh}".encode())
        except Refused as refused:
            raise CannotStart(self._why(login, refused)) from None
        mark = {"tokens_void_s": self._services.tokens.void_mark()}
        await self._services.db.run(users.update, record.uid, mark)
        typer.echo(f"{login} has a new password; earlier log-ins have ended.")

    async def _record(self, login: str) -> AuthRecord:
        record = await self._services.db.read(auth.by_unique, "basic", login.lower())
        if record is None:
            raise CannotStart(f"There is no user {login}: see `chinwag user list`.")
        return record

    async def listing(self) -> None:
        """Print all accounts."""
        offset = 0
        while found := await self._services.db.read(users.page, 1000, offset):
            for row in found:
                seen = "never"
                if row.seen_ms is not None:
                    seen = datetime.fromtimestamp(row.seen_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
                level, state = _LEVELS[row.level], _STATES[row.state]
                typer.echo(f"{row.uid}  {row.login or '-':20} {level:6} {state:10} {seen}")
            offset += len(found)

    async def root(self, login: str, *, revoke: bool) -> None:
        """Make an account an administrator, or take it back."""
        record = await self._record(login)
        record.level = Level.AUTH if revoke else Level.ROOT
        await self._services.db.run(auth.change, record)
        mark = {"tokens_void_s": self._services.tokens.void_mark()}
        await self._services.db.run(users.update, record.uid, mark)
        typer.echo(f"{login} is {'no administrator any more' if revoke else 'an administrator'}.")

    async def suspend(self, login: str, *, restore: bool) -> None:
        """Keep an account from logging in, or let it in again."""
        record = await self._record(login)
        state = State.OK if restore else State.SUSPENDED
        now_ms = self._services.clock.now_ms()
        await self._services.db.run(users.set_state, record.uid, state, now_ms)
        typer.echo(f"{login} is {'restored' if restore else 'suspended'}.")

    async def delete(self, login: str, *, hard: bool) -> None:
        """Delete an account with the groups it owns."""
        record = await self._record(login)
        now_ms = self._services.clock.now_ms()
        await self._services.db.run(users.delete, record.uid, hard=hard, now_ms=now_ms)
        typer.echo(f"{login} is deleted.")
