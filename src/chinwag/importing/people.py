"""Accounts with what belongs to them: tags, passwords, addresses, devices.

Source: specification 05, paragraphs 5.2 to 5.6 and 7.
"""

import unicodedata
from collections import defaultdict
from typing import Any, Final

import msgspec
import phonenumbers
import sqlalchemy as sa

from chinwag.core import creds, ids, modes
from chinwag.core import tags as tag_rules
from chinwag.core.state import Level, State
from chinwag.importing.job import Job
from chinwag.importing.references import files_in
from chinwag.importing.report import Unreadable
from chinwag.importing.rows import Address, Device, Person, Secret
from chinwag.importing.source import column
from chinwag.importing.values import access_of, json_of, object_of, state_of, texts_of
from chinwag.store import imports, schema
from chinwag.store.imports import Portion

TAGS_MAX: Final = 1000  # of one account or group
DEVICE_MAX: Final = 512
ADDRESS_MAX: Final = 255
METHOD_MAX: Final = 16
_ROOT_NAME: Final = "ROOT "
_ID, _USERID, _TOPIC = column("id"), column("userid"), column("topic")


# --- accounts --------------------------------------------------------------------------------


class People:
    """Carries accounts over."""

    kind = Person

    def __init__(self, job: Job) -> None:
        self._job = job
        self._twins: dict[int, str] | None = None
        self._authors: set[int] = set()

    async def take(self, rows: list[Person]) -> Portion:
        """What `rows` become."""
        if self._twins is None:
            self._twins = await twins(self._job)
            self._authors = await deleted_authors(self._job)
        tagged = await tags_of(self._job, "usertags", "userid", [row.id for row in rows])
        made = self._job.each("users", rows, lambda row: self._row(row, tagged.get(row.id, ())))
        own = await self._own_subs([row for row, _ in made])
        return {
            schema.users: [each for _, each in made],
            schema.tags: index(each for _, each in made),
            schema.subs: own,
            schema.file_links: [
                {"fid": fid, "holder": each["uid"], "seq": 0}
                for _, each in made
                for fid in files_in(each["public"])
            ],
        }

    def _row(self, row: Person, more: tuple[str, ...] | list[str]) -> dict[str, Any] | None:
        assert self._twins is not None
        report, clock = self._job.report, self._job.clock
        uid, state = self._job.uid(row.id), state_of(row.state)
        if row.id in self._twins:
            report.leave_out("users", "empty twin of an administrator", uid)
            return None
        if state is State.DELETED and not self._kept(row):
            report.leave_out("users", "deleted", uid)
            return None
        auth, anon = access_of(row.access)
        at = row.stateat if state is State.DELETED and row.stateat else row.updatedat
        return {
            "uid": uid,
            "created_ms": clock.ms(row.createdat),
            "updated_ms": clock.ms(at),
            "state": int(state),
            "auth": auth,
            "anon": anon,
            "public": json_of(row.public),
            "trusted": json_of(row.trusted),
            "tags": united(self._job, "users", uid, texts_of(row.tags), more),
            "seen_ms": clock.ms_or_none(row.lastseen),
            "ua": row.useragent or "",
            "tokens_void_s": 0,
            "tokens_kept_s": 0,
            "secret_changed_s": 0,
        }

    def _kept(self, row: Person) -> bool:
        return self._job.settings.every_account or row.id in self._authors

    async def _own_subs(self, rows: list[Person]) -> list[dict[str, Any]]:
        """`me` and `fnd` of accounts that lack theirs."""
        names = {name: row for row in rows for name in own_names(self._job.cipher.uid(row.id))}
        query = sa.select(_TOPIC).select_from(sa.table("subscriptions"))
        found = {r.topic.rstrip(" ") for r in await self._job.source.among(query, "topic", names)}
        made = []
        for name, row in names.items():
            if name in found or row.state == State.DELETED:
                continue
            self._job.report.add("subscriptions", "made: their accounts lacked them", name)
            at_ms = self._job.clock.ms(row.createdat)
            made.append(own_sub(name, self._job.cipher.uid(row.id), at_ms))
        return made


def own_names(uid: str) -> tuple[str, str]:
    """The topics that every account has."""
    return uid, ids.fnd_name(uid)


def own_sub(name: str, uid: str, at_ms: int) -> dict[str, Any]:
    """The subscription to a topic of one's own."""
    numbers = dict.fromkeys(("seq_read", "seq_recv", "clear"), 0)
    times = {"created_ms": at_ms, "updated_ms": at_ms, "deleted_ms": None}
    mode = {"want": modes.MEFND, "given": modes.MEFND}
    return {"topic": name, "uid": uid, **mode, **numbers, "private": None, **times}


async def twins(job: Job) -> dict[int, str]:
    """Empty accounts that stand beside administrators made on the command line (DEFECT, 7)."""
    uname, public = column("uname"), job.source.column("public")
    auth, users = sa.table("auth"), sa.table("users")
    broken = sa.select(_USERID, uname).select_from(auth).where(column("scheme") == "")
    names = {r.userid: r.uname.partition(":")[2] for r in await job.source.ask(broken)}
    created = sa.select(_ID, column("createdat"), public).select_from(users)
    born = {r.createdat: names[r.id] for r in await job.source.among(created, "id", names)}
    found: dict[int, str] = {}
    for row in await job.source.among(created, "createdat", born):
        called = object_of(row.public)
        if row.id not in names and called == {"fn": _ROOT_NAME + born.get(row.createdat, "")}:
            found[row.id] = born[row.createdat]
    used = await _used(job, found)
    return {number: login for number, login in found.items() if number not in used}


async def _used(job: Job, numbers: dict[int, str]) -> set[int]:
    """Those of the accounts that have a password, or are subscribed to anything."""
    uid = job.cipher.uid
    auth = sa.select(_USERID).select_from(sa.table("auth"))
    used = {row.userid for row in await job.source.among(auth, "userid", numbers)}
    subs = sa.select(_USERID, _TOPIC).select_from(sa.table("subscriptions"))
    for row in await job.source.among(subs, "userid", numbers):
        if row.topic.rstrip(" ") not in own_names(uid(row.userid)):
            used.add(row.userid)
    return used


async def deleted_authors(job: Job) -> set[int]:
    """Deleted accounts of which messages are left."""
    users = sa.table("users", column("id"), column("state"))
    said = sa.table("messages", column("from"))
    joined = users.join(said, said.c["from"] == users.c.id)
    query = sa.select(users.c.id).select_from(joined).where(users.c.state == int(State.DELETED))
    return {row.id for row in await job.source.ask(query.distinct())}


async def tags_of(job: Job, table: str, key: str, holders: list[Any]) -> dict[Any, list[str]]:
    """The tags by which accounts or groups are found in the old database."""
    query = sa.select(column(key), column("tag")).select_from(sa.table(table))
    found: dict[Any, list[str]] = defaultdict(list)
    for row in await job.source.among(query, key, holders):
        found[row[0].rstrip(" ") if isinstance(row[0], str) else row[0]].append(row.tag)
    return found


def united(
    job: Job, table: str, holder: str, own: list[str], more: tuple[str, ...] | list[str]
) -> bytes:
    """All tags of a holder, clean; where the two places differ it is reported (5.3)."""
    mine, others = ({tag.strip().lower() for tag in each} for each in (own, more))
    if others - mine:
        told = f"{holder}: {', '.join(sorted(others - mine))}"
        job.report.mend(table, "with tags in the index only", told)
    tags = tag_rules.normalise([t.replace("\0", "\ufffd") for t in mine | others], TAGS_MAX) or []
    return msgspec.json.encode(tags)


def index(rows: Any) -> list[dict[str, Any]]:
    """The rows of the search index for accounts and groups."""
    return [
        {"tag": tag, "holder": row.get("uid") or row["name"]}
        for row in rows
        if row["state"] != State.DELETED
        for tag in msgspec.json.decode(row["tags"])
    ]


# --- passwords -------------------------------------------------------------------------------


class Secrets:
    """Carries passwords over."""

    kind = Secret

    def __init__(self, job: Job) -> None:
        self._job = job

    async def take(self, rows: list[Secret]) -> Portion:
        """What `rows` become."""
        made = [each for _, each in self._job.each("auth", rows, self._row)]
        known = await self._job.db.read(imports.people, {each["uid"] for each in made})
        taken = await self._job.db.read(imports.logins, {each["unique_text"] for each in made})
        kept = [each for each in made if self._fits(each, known, taken)]
        return {schema.auth: kept}

    def _row(self, row: Secret) -> dict[str, Any]:
        scheme, colon, login = row.uname.partition(":")
        if not colon or not login:
            raise Unreadable(f"{row.uname!r} names no log-in")
        if not row.secret.startswith("$2"):
            raise Unreadable(f"the password of {row.uname!r} is no bcrypt hash")
        if row.authlvl not in (Level.ANON, Level.AUTH, Level.ROOT):
            raise Unreadable(f"there is no level {row.authlvl}")
        if not scheme:
            self._job.report.mend("auth", "administrators who could not log in", login)
        return {
            "scheme": "basic",
            "unique_text": unicodedata.normalize("NFC", login.lower()),
            "uid": self._job.uid(row.userid),
            "level": row.authlvl,
            "secret": row.secret.encode(),
            "expires_ms": self._job.clock.ms_or_none(row.expires),
        }

    def _fits(self, each: dict[str, Any], known: dict[str, State], taken: dict[str, str]) -> bool:
        login, uid = each["unique_text"], each["uid"]
        if known.get(uid, State.DELETED) is State.DELETED:
            self._job.report.leave_out("auth", "of no account", f"{login} of {uid}")
            return False
        if taken.setdefault(login, uid) != uid:
            self._job.report.leave_out("auth", "log-in taken", f"{login} of {uid}")
            return False
        return True


# --- addresses -------------------------------------------------------------------------------


class Addresses:
    """Carries e-mail addresses and telephone numbers over; the oldest confirmed ones first."""

    kind = Address
    order = (
        column("done").desc(),
        column("deletedat").is_not(None),
        column("createdat"),
        column("id"),
    )

    def __init__(self, job: Job) -> None:
        self._job = job

    async def take(self, rows: list[Address]) -> Portion:
        """What `rows` become."""
        made = self._job.each("credentials", rows, self._row)
        db, uids = self._job.db, {each["uid"] for _, each in made}
        known = await db.read(imports.people, uids)
        keys = [each["confirmed"] for _, each in made if each["confirmed"]]
        owners = await db.read(imports.confirmed, keys)
        held = await db.read(imports.held, uids)
        waiting = {key[:2]: key[2] for key, waits in held.items() if waits}
        kept = []
        for row, each in made:
            if known.get(each["uid"], State.DELETED) is State.DELETED:
                self._job.report.leave_out("credentials", "of no account", str(row.id))
                continue
            self._settle(each, owners, waiting)
            kept.append(each)
        return {schema.creds: self._once(kept, set(held))}

    def _row(self, row: Address) -> dict[str, Any]:
        value = self._normal(row.method, row.value)
        if len(value) > ADDRESS_MAX or len(row.method) > METHOD_MAX:
            raise Unreadable("it is too long")
        updated_ms = self._job.clock.ms(row.updatedat)
        return {
            "uid": self._job.uid(row.userid),
            "method": row.method,
            "value": value,
            "confirmed": creds.tag(row.method, value) if row.done else None,
            "active": row.done or row.deletedat is None,
            "code": None if row.done else b"",  # no answer is right: a new one must be asked for
            "code_until_ms": None if row.done else 0,
            "failures": 0 if row.done else row.retries or 0,
            "failed_ms": updated_ms,
            "created_ms": self._job.clock.ms(row.createdat),
            "updated_ms": updated_ms,
        }

    def _normal(self, method: str, value: str) -> str:
        if method == "email":
            return unicodedata.normalize("NFC", value).lower()
        if method != "tel":
            return value
        try:
            number = phonenumbers.parse(value, self._job.settings.country)
        except phonenumbers.NumberParseException:
            return value
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def _settle(
        self,
        each: dict[str, Any],
        owners: dict[str, str],
        waiting: dict[tuple[str, str], str],
    ) -> None:
        """Let an address be confirmed by one account, and one address of a kind wait."""
        uid, key = each["uid"], each["confirmed"]
        if key is not None and owners.setdefault(key, uid) != uid:
            self._job.report.mend("credentials", "confirmed twice, the older one stays", key)
            each |= {"confirmed": None, "code": b"", "code_until_ms": 0}
        if each["confirmed"] is None and each["active"]:
            first = waiting.setdefault((uid, each["method"]), each["value"])
            each["active"] = first == each["value"]

    def _once(
        self, rows: list[dict[str, Any]], held: set[tuple[str, str, str]]
    ) -> list[dict[str, Any]]:
        """`rows` without those that only differ in spelling from earlier or `held` ones."""
        found = []
        for each in rows:
            key = (each["uid"], each["method"], each["value"])
            if key in held:
                self._job.report.leave_out("credentials", "there already", ":".join(key))
                continue
            held.add(key)
            found.append(each)
        return found


# --- devices ---------------------------------------------------------------------------------


class Devices:
    """Carries over where notifications go."""

    kind = Device

    def __init__(self, job: Job) -> None:
        self._job = job

    async def take(self, rows: list[Device]) -> Portion:
        """What `rows` become."""
        made = self._job.each("devices", rows, self._row)
        uids = {each["uid"] for _, each in made}
        known = await self._job.db.read(imports.people, uids)
        kept = []
        for row, each in made:
            if known.get(each["uid"], State.DELETED) is State.DELETED:
                self._job.report.leave_out("devices", "of no account", str(row.id))
            else:
                kept.append(each)
        return {schema.devices: kept}

    def _row(self, row: Device) -> dict[str, Any]:
        if len(row.deviceid) > DEVICE_MAX:
            raise Unreadable(f"its name has more than {DEVICE_MAX} characters")
        return {
            "device": row.deviceid,
            "uid": self._job.uid(row.userid),
            "platform": row.platform or "",
            "lang": row.lang or "",
            "seen_ms": self._job.clock.ms(row.lastseen),
        }
