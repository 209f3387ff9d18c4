"""Log-in with a name and a password. Source: specification 04, paragraph 4.2."""

import unicodedata
from dataclasses import dataclass, replace
from typing import Final

from chinwag.core.errors import Refused
from chinwag.core.state import AuthRecord, Level, User
from chinwag.plugins.auth_base import WHAT, AuthBase
from chinwag.ports import Applicant, Clock, Enrolled, Identity, Passwords
from chinwag.store import auth
from chinwag.store.db import Db, Duplicate
from chinwag.wire import ctrl

LOGIN_MAX: Final = 32
PASSWORD_MAX: Final = 1024


@dataclass(frozen=True, slots=True)
class BasicAuth(AuthBase):
    """Names and passwords kept in the database."""

    db: Db
    passwords: Passwords
    clock: Clock
    login_min: int = 4
    password_min: int = 6
    add_to_tags: bool = True
    alias_ns: str = "alias"
    name: str = "basic"

    def subject(self, secret: bytes) -> str:
        """The name is what somebody tries passwords for."""
        try:
            return parse(secret)[0]
        except Refused:
            return ""

    async def authenticate(self, secret: bytes, address: str) -> Identity:
        """Who has this name and password; an unknown name takes just as long (DEFECT-08)."""
        login, password = parse(secret)
        record = await self.db.read(auth.by_unique, self.name, login)
        stored = None if record is None else record.secret
        if not await self.passwords.verify(password, stored) or record is None:
            raise Refused(ctrl.AUTH_FAILED)
        now_ms = self.clock.now_ms()
        if record.expires_ms is not None and record.expires_ms <= now_ms:
            raise Refused(ctrl.AUTH_FAILED)
        if self.passwords.outdated(record.secret):
            fresh = replace(record, secret=await self.passwords.hash(password))
            await self.db.run(auth.change, fresh, alias_ns=self.alias_ns)
        return Identity(record.uid, record.level, expires_ms=record.expires_ms)

    async def check_new(self, secret: bytes, address: str) -> None:
        """Let the name be one of a new account."""
        try:
            login, _ = parse(secret)
            self._check_login(login)
        except Refused as refused:
            raise Refused(refused.reply, WHAT) from None
        if await self.db.read(auth.by_unique, self.name, login) is not None:
            raise Refused(ctrl.DUPLICATE_CREDENTIAL, WHAT)

    async def enrol(self, applicant: Applicant) -> Enrolled:
        """The record of a new account, and the tag by which its log-in name is found."""
        login, password = parse(applicant.secret)
        self._check_password(password)
        hashed = await self.passwords.hash(password)
        record = AuthRecord(self.name, login, applicant.user.uid, Level.AUTH, hashed)
        tags = [self._tag(login)] if self.add_to_tags else []
        return Enrolled(record.level, record, tags)

    async def change(self, user: User, secret: bytes, address: str) -> list[str] | None:
        """Replace the password, and the name if another one is given; all tags of the user."""
        login, password = parse(secret)
        record = await self.db.read(auth.by_user, self.name, user.uid)
        if record is None:
            raise Refused(ctrl.NOT_FOUND)
        login = login or record.unique
        if login != record.unique:
            self._check_login(login)
            if await self.db.read(auth.by_unique, self.name, login) is not None:
                raise Refused(ctrl.DUPLICATE_CREDENTIAL)
        self._check_password(password)
        hashed = await self.passwords.hash(password)
        return await self._store(replace(record, unique=login, secret=hashed), record.unique)

    async def _store(self, record: AuthRecord, old_login: str) -> list[str]:
        tagged = self.add_to_tags
        try:
            return await self.db.run(
                auth.change,
                record,
                old_tag=self._tag(old_login) if tagged else "",
                new_tag=self._tag(record.unique) if tagged else "",
                alias_ns=self.alias_ns,
            )
        except Duplicate:
            raise Refused(ctrl.DUPLICATE_CREDENTIAL) from None

    async def log_in_name(self, uid: str) -> str | None:
        """The name of `uid`, to be told in a mail about a new password."""
        record = await self.db.read(auth.by_user, self.name, uid)
        return None if record is None else record.unique

    def _tag(self, login: str) -> str:
        return f"{self.name}:{login}"

    def _check_login(self, login: str) -> None:
        inner = login.replace(".", "").replace("_", "")
        fits = self.login_min <= len(login) <= LOGIN_MAX and len(login) > 1
        if not fits or not all(_wordy(c) for c in inner + login[:1] + login[-1:]):
            raise Refused(ctrl.POLICY)

    def _check_password(self, password: str) -> None:
        if not self.password_min <= len(password) <= PASSWORD_MAX:
            raise Refused(ctrl.POLICY)


def _wordy(char: str) -> bool:
    return unicodedata.category(char)[0] in "LN"


def parse(secret: bytes) -> tuple[str, str]:
    """Name in lower case and password, split at the first colon. Raises Refused."""
    try:
        login, colon, password = secret.decode("utf-8").partition(":")
    except UnicodeDecodeError:
        raise Refused(ctrl.MALFORMED) from None
    if not colon:
        raise Refused(ctrl.MALFORMED)
    return unicodedata.normalize("NFC", login.lower()), password
