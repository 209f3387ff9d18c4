"""Databases as a Tinode server leaves them, in real PostgreSQL and MariaDB.

Source: specification 05, paragraphs 3 to 6.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple

from chinwag.core import ids
from chinwag.importing.cipher import Cipher
from databases import Server

KEY = "la6YsO+bNX/+XIkOqc5Svw=="
CIPHER = Cipher(base64.b64decode(KEY))
BORN = datetime(2026, 1, 5, 8, 0, 0, 250_000, tzinfo=UTC)
FIRST = 1598886558495150080  # alice's number in paragraph 4.3
Rows = list[dict[str, Any]]

_TABLES = """
CREATE TABLE kvmeta ({key} VARCHAR(64) PRIMARY KEY, createdat {ts3}, value TEXT);
CREATE TABLE users (id BIGINT PRIMARY KEY, createdat {ts3} NOT NULL, updatedat {ts3} NOT NULL,
  state SMALLINT NOT NULL DEFAULT 0, stateat {ts3} NULL, access {json}, lastseen {ts} NULL,
  useragent VARCHAR(255) DEFAULT '', public {json}, trusted {json}, tags {json});
CREATE TABLE usertags (id {serial}, userid BIGINT NOT NULL REFERENCES users(id),
  tag VARCHAR(96) NOT NULL, UNIQUE (userid, tag));
CREATE TABLE devices (id {serial}, userid BIGINT NOT NULL REFERENCES users(id),
  hash CHAR(16) NOT NULL UNIQUE, deviceid TEXT NOT NULL, platform VARCHAR(32),
  lastseen {ts} NOT NULL, lang VARCHAR(8));
CREATE TABLE auth (id {serial}, uname VARCHAR(32) NOT NULL UNIQUE, userid BIGINT NOT NULL
  REFERENCES users(id), scheme VARCHAR(16) NOT NULL, authlvl INT NOT NULL,
  secret VARCHAR(255) NOT NULL, expires {ts} NULL, UNIQUE (userid, scheme));
CREATE TABLE topics (id {serial}, createdat {ts3} NOT NULL, updatedat {ts3} NOT NULL,
  state SMALLINT NOT NULL DEFAULT 0, stateat {ts3} NULL, touchedat {ts3} NULL,
  name {name} NOT NULL UNIQUE, usebt {flag} DEFAULT {no}, owner BIGINT NOT NULL DEFAULT 0,
  access {json}, seqid INT NOT NULL DEFAULT 0, delid INT DEFAULT 0, public {json},
  trusted {json}, tags {json});
CREATE TABLE topictags (id {serial}, topic {name} NOT NULL REFERENCES topics(name),
  tag VARCHAR(96) NOT NULL, UNIQUE (topic, tag));
CREATE TABLE subscriptions (id {serial}, createdat {ts3} NOT NULL, updatedat {ts3} NOT NULL,
  deletedat {ts3} NULL, userid BIGINT NOT NULL REFERENCES users(id), topic {name} NOT NULL,
  delid INT DEFAULT 0, recvseqid INT DEFAULT 0, readseqid INT DEFAULT 0, modewant {mode},
  modegiven {mode}, private {json}, UNIQUE (topic, userid));
CREATE TABLE messages (id {serial}, createdat {ts3} NOT NULL, updatedat {ts3} NOT NULL,
  deletedat {ts3} NULL, delid INT DEFAULT 0, seqid INT NOT NULL, topic {name} NOT NULL
  REFERENCES topics(name), {from} BIGINT NOT NULL, head {json}, content {json},
  UNIQUE (topic, seqid));
CREATE TABLE dellog (id {serial}, topic {name} NOT NULL REFERENCES topics(name),
  deletedfor BIGINT NOT NULL DEFAULT 0, delid INT NOT NULL, low INT NOT NULL, hi INT NOT NULL);
CREATE TABLE credentials (id {serial}, createdat {ts3} NOT NULL, updatedat {ts3} NOT NULL,
  deletedat {ts3} NULL, method VARCHAR(16) NOT NULL, value VARCHAR(128) NOT NULL,
  synthetic VARCHAR(192) NOT NULL UNIQUE, userid BIGINT NOT NULL REFERENCES users(id),
  resp VARCHAR(255), done {flag} NOT NULL DEFAULT {no}, retries INT NOT NULL DEFAULT 0);
CREATE TABLE fileuploads (id BIGINT PRIMARY KEY, createdat {ts3} NOT NULL,
  updatedat {ts3} NOT NULL, userid BIGINT NULL, status INT NOT NULL,
  mimetype VARCHAR(255) NOT NULL, size BIGINT NOT NULL, location VARCHAR(2048) NOT NULL);
CREATE TABLE filemsglinks (id {serial}, createdat {ts3} NOT NULL, fileid BIGINT NOT NULL
  REFERENCES fileuploads(id), msgid INT NULL REFERENCES messages(id), topic {name} NULL
  REFERENCES topics(name), userid BIGINT NULL REFERENCES users(id));
"""
# What later versions have added, in the places in which upgrades put it: at the end.
_LATER = {
    114: "ALTER TABLE topics ADD aux {json}; ALTER TABLE fileuploads ADD etag VARCHAR(128);",
    116: "ALTER TABLE topics ADD subcnt INT DEFAULT 0;",
    117: "ALTER TABLE messages DROP COLUMN updatedat;"
    "CREATE TABLE reactions (topic {name}, mrrid INT, seqid INT, userid BIGINT,"
    " content VARCHAR(32), createdat {ts3}, PRIMARY KEY (topic, mrrid));",
}
_TYPES = {
    "mysql": {
        "ts3": "DATETIME(3)", "ts": "DATETIME", "json": "JSON", "flag": "TINYINT", "no": "0",
        "serial": "INT AUTO_INCREMENT PRIMARY KEY", "name": "CHAR(25)", "mode": "CHAR(8)",
        "key": "`key`", "from": "`from`",
    },
    "postgres": {
        "ts3": "TIMESTAMP(3)", "ts": "TIMESTAMP", "json": "JSON", "flag": "BOOLEAN", "no": "FALSE",
        "serial": "SERIAL PRIMARY KEY", "name": "VARCHAR(25)", "mode": "VARCHAR(8)",
        "key": "key", "from": '"from"',
    },
}  # fmt: skip
_PART = 2000  # rows in one statement


class Tinode:
    """A database of the old server, on `server`."""

    def __init__(self, server: Server, version: int = 116) -> None:
        self.server = server
        if server.product == "mysql":  # with the loose collation that such databases have
            self.url = server.new_database()
            name = self.url.rpartition("/")[2]
            server.execute(
                f"ALTER DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
            )
        else:
            self.url = server.new_database()
        self.name = self.url.rpartition("/")[2]
        self.execute(_TABLES)
        for number, statements in _LATER.items():
            if number <= version:
                self.execute(statements)
        self.insert("kvmeta", [{"key": "version", "value": str(version)}])

    def execute(self, statements: str) -> str:
        """Run statements in which types may stand in braces."""
        for name, spelled in _TYPES[self.server.product].items():
            statements = statements.replace("{" + name + "}", spelled)
        return self.server.execute(statements, self.name)

    def insert(self, table: str, rows: Iterable[dict[str, Any]]) -> None:
        """Put rows with the same columns into a table."""
        every = list(rows)
        columns = ", ".join(self._quoted(name) for name in every[0])
        for start in range(0, len(every), _PART):
            part = every[start : start + _PART]
            values = ",\n".join(f"({', '.join(map(self._literal, r.values()))})" for r in part)
            self.server.execute(f"INSERT INTO {table} ({columns}) VALUES {values};", self.name)

    def _quoted(self, name: str) -> str:
        reserved = name in ("key", "from")
        return _TYPES[self.server.product][name] if reserved else name

    def _literal(self, value: object) -> str:
        match value:
            case None:
                return "NULL"
            case bool():
                return str(value).upper()
            case int():
                return str(value)
            case datetime():
                return f"'{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}'"
            case dict() | list():
                return self._literal(json.dumps(value, ensure_ascii=False))
        text = str(value).replace("'", "''")
        return "'" + (text.replace("\\", "\\\\") if self.server.product == "mysql" else text) + "'"


def later(seconds: float) -> datetime:
    """A moment after everything began."""
    return BORN + timedelta(seconds=seconds)


def uid(number: int) -> str:
    """The user id of a number."""
    return CIPHER.uid(number)


def text_of(number: int) -> str:
    """The public text of a number."""
    return uid(number)[3:]


def user(number: int, name: str, **other: Any) -> dict[str, Any]:
    """An account."""
    row = {
        "id": number, "createdat": later(0), "updatedat": later(0), "state": 0, "stateat": None,
        "access": {"Auth": "JRWPAS", "Anon": "N"}, "lastseen": None, "useragent": "",
        "public": {"fn": name}, "trusted": None, "tags": [f"basic:{name.lower()}"],
    }  # fmt: skip
    return {**row, **other}


def topic(name: str, **other: Any) -> dict[str, Any]:
    """A topic."""
    row = {
        "createdat": later(0), "updatedat": later(0), "touchedat": later(0), "state": 0,
        "stateat": None, "name": name, "usebt": False, "owner": 0,
        "access": {"Auth": "JRWPS", "Anon": "N"}, "seqid": 0, "delid": 0, "public": None,
        "trusted": None, "tags": None,
    }  # fmt: skip
    return {**row, **other}


def sub(name: str, number: int, mode: str | None = "JRWPS", **other: Any) -> dict[str, Any]:
    """A subscription."""
    row = {
        "createdat": later(0), "updatedat": later(0), "deletedat": None, "userid": number,
        "topic": name, "delid": 0, "recvseqid": 0, "readseqid": 0, "modewant": mode,
        "modegiven": mode, "private": None,
    }  # fmt: skip
    return {**row, **other}


def own_subs(number: int) -> Rows:
    """The topics that every account has."""
    return [sub(kind + text_of(number), number, "JPS") for kind in ("usr", "fnd")]


def said(name: str, seq: int, number: int, content: object, **other: Any) -> dict[str, Any]:
    """A message; without a head it is a JSON null, as the server writes it."""
    row = {
        "createdat": later(seq), "updatedat": later(seq), "deletedat": None, "delid": 0,
        "seqid": seq, "topic": name, "from": number, "head": "null",
        "content": json.dumps(content, ensure_ascii=False),
    }  # fmt: skip
    return {**row, **other}


def erased(name: str, seq: int, delid: int) -> dict[str, Any]:
    """Where a message was that has been deleted for everybody."""
    emptied = {"deletedat": later(99), "delid": delid, "head": None, "content": None}
    return {**said(name, seq, 0, None), **emptied}


def gone(name: str, delid: int, low: int, hi: int, whom: int = 0) -> dict[str, Any]:
    """Messages [low, hi) were deleted."""
    return {"topic": name, "deletedfor": whom, "delid": delid, "low": low, "hi": hi}


def secret(login: str, number: int, hashed: str, **other: Any) -> dict[str, Any]:
    """A password."""
    row = {"uname": f"basic:{login}", "userid": number, "scheme": "basic", "authlvl": 20}
    return {**row, "secret": hashed, "expires": None, **other}


def cred(method: str, value: str, number: int, *, done: bool, **other: Any) -> dict[str, Any]:
    """An address."""
    synthetic = f"{method}:{value}" if done else f"{text_of(number)}:{method}:{value}"
    row = {
        "createdat": later(0), "updatedat": later(0), "deletedat": None, "method": method,
        "value": value, "synthetic": synthetic, "userid": number, "resp": "123456", "done": done,
        "retries": 0,
    }  # fmt: skip
    return {**row, **other}


def pair(one: int, two: int) -> str:
    """The name of a conversation."""
    return ids.p2p_name(uid(one), uid(two))


class Crowd(NamedTuple):
    """How much there is in a large database."""

    people: int
    groups: int
    messages: int


def fill(old: Tinode, size: Crowd) -> None:
    """Many people, groups of ten and messages, spread over the groups."""
    numbers = [FIRST + n * 4096 for n in range(size.people)]
    old.insert("users", (user(n, f"P{i}") for i, n in enumerate(numbers)))
    old.insert("subscriptions", (row for n in numbers for row in own_subs(n)))
    groups = ["grp" + text_of(FIRST + n * 4096 + 1) for n in range(size.groups)]
    each = size.messages // size.groups
    members = {name: [numbers[(i * 7 + k) % size.people] for k in range(10)]
               for i, name in enumerate(groups)}  # fmt: skip
    old.insert("topics", (topic(g, seqid=each, owner=members[g][0]) for g in groups))
    rows = (sub(g, n, "JRWPASDO" if k == 0 else "JRWPS", readseqid=each // 2, recvseqid=each // 2)
            for g in groups for k, n in enumerate(members[g]))  # fmt: skip
    old.insert("subscriptions", rows)
    for part in _parts(_talk(groups, members, each), 20_000):
        old.insert("messages", part)


def _talk(groups: list[str], members: dict[str, list[int]], each: int) -> Iterator[dict[str, Any]]:
    serial = count(1)
    for seq in range(1, each + 1):
        for name in groups:
            n = next(serial)
            yield said(name, seq, members[name][n % 10], f"The message number {n} says — hello 😀")


def _parts(rows: Iterator[dict[str, Any]], size: int) -> Iterator[Rows]:
    part: Rows = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part
