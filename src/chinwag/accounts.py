"""Accounts from the command line, on a data folder that no server is using."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import msgspec
import typer

from chinwag.app import offline_services
from chinwag.config import CannotStart, Config
from chinwag.core import ids, modes
from chinwag.core.errors import Refused
from chinwag.core.scope import RATE_MAX, Scope, Topics
from chinwag.core.scope import topics as topics_of
from chinwag.core.state import AuthRecord, Level, State, User
from chinwag.engine.programs import BADGE, Programs, is_bot
from chinwag.engine.services import Services
from chinwag.plugins.auth_basic import BasicAuth
from chinwag.ports import Applicant
from chinwag.store import auth, users
from chinwag.wire import ctrl

_LEVELS: Final = {None: "-", Level.ANON: "guest", Level.AUTH: "user", Level.ROOT: "root"}
_STATES: Final = {State.OK: "ok", State.SUSPENDED: "suspended", State.DELETED: "deleted"}
BOT_NOTE: Final = "A bot."
_PAGE: Final = 1000


@asynccontextmanager
async def open_desk(data: Path, config: Config, *, make: bool) -> AsyncIterator["Desk"]:
    """A desk for the accounts in `data`; `make`: a fresh folder will do. Raises CannotStart."""
    async with offline_services(data, config, make=make) as services:
        yield Desk(services)


class Bounds(NamedTuple):
    """What a token of a bot is to be good for."""

    topics: Topics = Topics()
    rate: int = 0  # messages a minute; 0: as everybody

    @classmethod
    def of(cls, words: list[str] | None, rate: int) -> "Bounds":
        """As the command line has it. Raises CannotStart."""
        if not 0 <= rate <= RATE_MAX:
            raise CannotStart(f"A token is good for 1 to {RATE_MAX} messages a minute.")
        try:
            return cls(topics_of(words or []), rate)
        except ValueError as error:
            raise CannotStart(f"{error}.") from None


class Desk:
    """Where accounts are made and managed."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._programs = Programs(services)
        found = [a for a in services.authenticators.values() if isinstance(a, BasicAuth)]
        if not found:
            raise CannotStart("The setting auth.schemes does not name basic: nobody has a log-in.")
        self._basic = found[0]

    async def add(self, login: str, name: str, password: str | None, *, root: bool) -> None:
        """Make an account; prints its id and a password that was made up."""
        chosen = password or _made_up()
        user, record = await self.prepared(login, name, chosen)
        record.level = Level.ROOT if root else Level.AUTH
        await self._create(user, record)
        typer.echo(f"Made {login}: {user.uid}")
        if not password:
            typer.echo(f"Password: {chosen}")

    async def _create(self, user: User, record: AuthRecord) -> None:
        await self._services.db.run(
            users.create, user, private=None, auth=record, now_ms=user.created_ms
        )

    async def add_bot(
        self, login: str, name: str, bounds: Bounds, *, password: bool = False
    ) -> None:
        """Make an account that people see to be a bot; prints its id and what it logs in with.

        That is a token; `password`: a password too, which knows no bounds. Clients show the badge
        and the note. Source: specification 07, paragraphs 5 and 17.
        """
        secret = _made_up()
        user, record = await self.prepared(login, name, secret)
        user.public = msgspec.json.encode({"fn": name, "note": BOT_NOTE})
        user.trusted = BADGE
        await self._create(user, record)
        typer.echo(f"Made {login}: {user.uid}")
        await self._print_token(user.uid, bounds)
        if password:
            typer.echo(f"CHINWAG_BOT_LOGIN={login}:{secret}")

    async def _print_token(self, uid: str, bounds: Bounds) -> None:
        secret, token = await self._programs.new_token(uid, bounds.topics, bounds.rate)
        typer.echo(f"Token {token.id} is good for {described(token.scope)}.")
        typer.echo(f"CHINWAG_BOT_TOKEN={secret}")

    async def renew_bot(self, login: str, bounds: Bounds, *, password: bool = False) -> None:
        """Make void what a bot has logged in with so far; prints what it logs in with from now."""
        user = await self._bot(login)
        for token in await self._programs.tokens(user.uid):
            await self._programs.revoke_token(token.id)
        secret = _made_up()
        await self._basic.change(user, f":{secret}".encode(), "")
        await self._end_log_ins(user.uid)
        await self._print_token(user.uid, bounds)
        if password:
            typer.echo(f"CHINWAG_BOT_LOGIN={login}:{secret}")

    async def _bot(self, login: str) -> User:
        """The account of a bot. Raises CannotStart."""
        user = await self._services.db.read(users.get, (await self._record(login)).uid)
        if user is None or not is_bot(user):
            raise CannotStart(f"{login} is no bot: people get passwords by `chinwag user passwd`.")
        return user

    async def prepared(self, login: str, name: str, password: str) -> tuple[User, AuthRecord]:
        """An account that is not stored yet. Raises CannotStart."""
        services = self._services
        secret = f"{login}:{password}".encode()
        uid = ids.uid_text(services.entropy.number())
        try:
            await self._basic.check_new(secret, "")
            now_ms = services.clock.now_ms()
            user = User(uid, now_ms, now_ms, public=msgspec.json.encode({"fn": name}))
            enrolled = await self._basic.enrol(Applicant(user, None, secret, ""))
        except Refused as refused:
            raise CannotStart(self._why(login, refused)) from None
        user.tags = enrolled.tags
        user.auth = modes.cp2p(services.limits.p2p_delete) | modes.PUBLIC
        assert enrolled.record is not None
        return user, enrolled.record

    def _why(self, login: str, refused: Refused) -> str:
        if refused.reply == ctrl.DUPLICATE_CREDENTIAL:
            return f"There is a user {login} already: choose another name."
        return (
            f"The name or password is not acceptable: names have {self._basic.login_min} to 32 "
            f"letters, digits, dots and underscores, passwords at least {self._basic.password_min} "
            "characters."
        )

    async def passwd(self, login: str, password: str | None) -> None:
        """Give an account a new password; its earlier log-ins end."""
        uid = (await self._record(login)).uid
        user = await self._services.db.read(users.get, uid)
        assert user is not None
        chosen = password or _made_up()
        try:
            await self._basic.change(user, f":{chosen}".encode(), "")
        except Refused as refused:
            raise CannotStart(self._why(login, refused)) from None
        await self._end_log_ins(uid)
        typer.echo(f"{login} has a new password; earlier log-ins have ended.")
        if not password:
            typer.echo(f"Password: {chosen}")

    async def _record(self, login: str) -> AuthRecord:
        record = await self._services.db.read(auth.by_unique, self._basic.name, login.lower())
        if record is None:
            raise CannotStart(f"There is no user {login}: see `chinwag user list`.")
        return record

    async def _end_log_ins(self, uid: str) -> None:
        user = await self._services.db.read(users.get, uid)
        assert user is not None
        await self._services.db.run(users.update, uid, self._services.tokens.void(user))

    async def listing(self) -> None:
        """Print all accounts: id, log-in name, level, state, when last seen."""
        offset = 0
        while found := await self._services.db.read(
            users.page, _PAGE, offset, scheme=self._basic.name
        ):
            for row in found:
                level, state = _LEVELS[row.level], _STATES[row.state]
                typer.echo(f"{row.uid}  {row.login or '-':20} {level:6} {state:10} {_seen(row)}")
            offset += len(found)

    async def root(self, login: str, *, revoke: bool) -> None:
        """Make an account an administrator, or take it back; its earlier log-ins end."""
        record = await self._record(login)
        record.level = Level.AUTH if revoke else Level.ROOT
        await self._services.db.run(auth.change, record)
        await self._end_log_ins(record.uid)
        typer.echo(f"{login} is {'no administrator any more' if revoke else 'an administrator'}.")

    async def suspend(self, login: str, *, restore: bool) -> None:
        """Keep an account from logging in, or let it in again."""
        record = await self._record(login)
        state = State.OK if restore else State.SUSPENDED
        if not restore:
            await self._end_log_ins(record.uid)
        now_ms = self._services.clock.now_ms()
        await self._services.db.run(users.set_state, record.uid, state, now_ms)
        typer.echo(f"{login} is {'restored' if restore else 'suspended'}.")

    async def delete(self, login: str, *, hard: bool) -> None:
        """Delete an account with the groups it owns."""
        record = await self._record(login)
        now_ms = self._services.clock.now_ms()
        await self._services.db.run(users.delete, record.uid, hard=hard, now_ms=now_ms)
        typer.echo(f"{login} is deleted.")


def described(scope: Scope) -> str:
    """What a token is good for, in words."""
    topics = ", ".join(sorted(scope.topics.names)) or "all topics of the bot"
    return f"{topics}, {scope.rate} messages a minute" if scope.rate else topics


def _made_up() -> str:
    return secrets.token_urlsafe(9)


def _seen(row: users.Listed) -> str:
    if row.seen_ms is None:
        return "never"
    return datetime.fromtimestamp(row.seen_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
