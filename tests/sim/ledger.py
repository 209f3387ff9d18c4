"""What is stored, read past the program's own store functions."""

import json
from typing import Any, NamedTuple

from chinwag.core import ids, modes
from chinwag.core.state import State
from chinwag.testing.db import Disk

_SAID = (  # whatever was ever stored, and what its author might do at that moment
    "CREATE TEMP TABLE said (topic, seq, sender, ts_ms, mode, alive, head, content)",
    f"""CREATE TEMP TRIGGER say AFTER INSERT ON messages BEGIN
        INSERT INTO said VALUES (new.topic, new.seq, new.sender, new.ts_ms,
        (SELECT want & given FROM subs WHERE topic = new.topic AND uid = new.sender
            AND deleted_ms IS NULL),
        (SELECT state <> {State.DELETED:d} FROM topics WHERE name = new.topic),
        new.head, new.content); END""",
    "CREATE INDEX temp.said_at ON said (topic, seq)",
)


def _stands(row: str) -> str:
    """The condition that the topic of a `row` of subscriptions is there."""
    return f"""EXISTS (SELECT 1 FROM topics WHERE state <> {State.DELETED:d}
        AND name = CASE substr({row}.topic, 1, 3) WHEN 'chn' THEN 'grp' || substr({row}.topic, 4)
            ELSE {row}.topic END)"""


_ENDED = (  # which topics were there, and the modes that were stored in each while it was
    "CREATE TEMP TABLE ended (topic, owner)",
    f"""CREATE TEMP TRIGGER mark AFTER UPDATE OF state ON topics
        WHEN new.state = {State.DELETED:d} AND old.state <> {State.DELETED:d}
        BEGIN INSERT INTO ended VALUES (old.name, old.owner); END""",
    f"""CREATE TEMP TRIGGER erase AFTER DELETE ON topics WHEN old.state <> {State.DELETED:d}
        BEGIN INSERT INTO ended VALUES (old.name, old.owner); END""",
    "CREATE TEMP TABLE allowed (topic, uid, want, given)",
    f"""CREATE TEMP TRIGGER join_ AFTER INSERT ON subs WHEN {_stands("new")}
        BEGIN INSERT INTO allowed VALUES (new.topic, new.uid, new.want, new.given); END""",
    f"""CREATE TEMP TRIGGER change AFTER UPDATE OF want, given, deleted_ms ON subs
        WHEN new.deleted_ms IS NULL AND {_stands("new")}
        BEGIN INSERT INTO allowed VALUES (new.topic, new.uid, new.want, new.given); END""",
    "CREATE INDEX temp.allowed_in ON allowed (topic, uid)",
    "CREATE TEMP TABLE struck (topic, del_id)",
    f"""CREATE TEMP TRIGGER strike AFTER INSERT ON deletions WHEN {_stands("new")}
        BEGIN INSERT INTO struck VALUES (new.topic, new.del_id); END""",
)


class Said(NamedTuple):
    """A message when it was stored."""

    ts_ms: int
    sender: str
    mode: int  # what its author might do
    alive: bool  # False: the topic had been deleted, with somebody's account
    head: bytes | None
    content: bytes | None

    @property
    def signed(self) -> str:
        """The `sender` in the head: who wrote it in somebody's name."""
        return str(json.loads(self.head or b"{}").get("sender", ""))


class Row(NamedTuple):
    """A stored message."""

    seq: int
    sender: str
    content: bytes | None
    erased: int
    ts_ms: int


class Sub(NamedTuple):
    """A stored subscription."""

    want: int
    given: int
    read: int
    recv: int
    clear: int
    created_ms: int
    updated_ms: int
    deleted_ms: int | None

    @property
    def eff(self) -> int:
        """The effective mode."""
        return 0 if self.deleted_ms is not None else self.want & self.given


class Ledger:
    """Looks into the tables."""

    def __init__(self, disk: Disk) -> None:
        self._raw: Any = disk.raw
        for statement in (*_SAID, *_ENDED):
            self._raw.execute(statement)

    def _all(self, sql: str, *values: object) -> list[Any]:
        return list(self._raw.execute(sql, values))

    def topics(self) -> list[str]:
        """Names of all topics that are not deleted."""
        found = self._all("SELECT name FROM topics WHERE state <> ? ORDER BY name", State.DELETED)
        return [name for (name,) in found]

    def exists(self, name: str) -> bool:
        """Whether the topic is there."""
        return self.born(name) > 0

    def born(self, name: str) -> int:
        """When the topic was made; 0: it is not there."""
        found = self._all(
            "SELECT created_ms FROM topics WHERE name = ? AND state <> ?", name, State.DELETED
        )
        return found[0][0] if found else 0

    def ended_with(self, name: str) -> str:
        """Whose topic it was that is no more; empty: nobody's, or it is there."""
        sql = "SELECT owner FROM ended WHERE topic = ? ORDER BY rowid DESC LIMIT 1"
        found = [] if self.exists(name) else self._all(sql, name)
        return ids.uid_text(found[0][0] % (1 << 64)) if found and found[0][0] else ""

    def last_modes(self, name: str, uid: str) -> tuple[int, int] | None:
        """What `uid` wanted and was given, member or reader, when group or account ended."""
        sql = """SELECT want, given FROM allowed WHERE topic IN (?, ?) AND uid = ?
            ORDER BY rowid DESC LIMIT 1"""
        found = self._all(sql, name, ids.chn_of(name), signed(uid))
        return found[0] if found else None

    def struck(self, name: str, del_id: int) -> bool:
        """Whether a deletion with this number, or none, was noted while the topic was there."""
        sql = "SELECT 1 FROM struck WHERE topic = ? AND del_id = ?"
        return not del_id or bool(self._all(sql, name, del_id))

    def astray(self) -> list[str]:
        """Who is subscribed to what is no more."""
        found = self._all(
            f"""SELECT topic, uid FROM subs WHERE deleted_ms IS NULL
            AND substr(topic, 1, 3) NOT IN ('usr', 'fnd') AND NOT {_stands("subs")}"""
        )
        return [f"{ids.uid_text(uid % (1 << 64))} in {topic}" for topic, uid in found]

    def borne(self) -> list[str]:
        """Tags and aliases of people and groups that are no more."""
        found = self._all("SELECT tag, holder FROM tags UNION SELECT tag, holder FROM aliases")
        lives = {holder: self._lives(holder) for _, holder in found}
        return [f"{tag} of {holder}" for tag, holder in found if not lives[holder]]

    def _lives(self, holder: str) -> bool:
        if holder.startswith("usr"):
            return self.state(holder) is not State.DELETED
        return self.exists(holder)

    def numbers(self, name: str) -> tuple[int, int]:
        """Newest seq and newest deletion of a topic."""
        found = self._all("SELECT seq, clear FROM topics WHERE name = ?", name)
        return found[0] if found else (0, 0)

    def all_numbers(self) -> dict[str, int]:
        """Newest seq of every topic, deleted ones too."""
        return dict(self._all("SELECT name, seq FROM topics"))

    def seqs(self) -> dict[str, list[int]]:
        """Stored seqs by topic."""
        found: dict[str, list[int]] = {}
        for name, seq in self._all("SELECT topic, seq FROM messages ORDER BY topic, seq"):
            found.setdefault(name, []).append(seq)
        return found

    def message(self, name: str, seq: int) -> Row | None:
        """The message at `seq`."""
        sql = "SELECT seq, sender, content, erased, ts_ms FROM messages WHERE topic = ? AND seq = ?"
        found = self._all(sql, name, seq)
        return _row(found[0]) if found else None

    def said(self, name: str, seq: int) -> list[Said]:
        """Messages that were stored at `seq`, one in each life of the topic, oldest first."""
        found = self._all(
            """SELECT ts_ms, sender, mode, alive, head, content FROM said
            WHERE topic = ? AND seq = ? ORDER BY rowid""",
            name,
            seq,
        )
        return [
            Said(ms, ids.uid_text(u % (1 << 64)), m or 0, bool(a), *rest)
            for ms, u, m, a, *rest in found
        ]

    def sent(self) -> list[tuple[str, int, str, int]]:
        """Topic, seq, sender and time of every message of which a phone would be told for long."""
        found = self._all(
            """SELECT topic, seq, sender, ts_ms FROM messages WHERE erased = 0
            AND (head IS NULL OR CAST(head AS TEXT) NOT LIKE '%"started"%')"""
        )
        return [(t, s, ids.uid_text(u % (1 << 64)), ms) for t, s, u, ms in found]

    def state(self, uid: str) -> State:
        """What has become of an account; one that was erased is deleted."""
        found = self._all("SELECT state FROM users WHERE uid = ?", signed(uid))
        return State(found[0][0]) if found else State.DELETED

    def contents(self) -> list[tuple[str, bytes]]:
        """Topic and content of every message that is still there, but for those on calls."""
        return self._all(
            """SELECT topic, content FROM messages WHERE content IS NOT NULL
            AND (head IS NULL OR CAST(head AS TEXT) NOT LIKE '%"replace"%')"""
        )

    def calls(self) -> list[str]:
        """Conversations in which a call goes on."""
        return [name for (name,) in self._all("SELECT name FROM topics WHERE call_seq <> 0")]

    def visible(self, name: str, uid: str) -> list[int]:
        """Seqs that `uid` may see."""
        sql = """SELECT seq FROM messages AS m WHERE topic = ? AND erased = 0 AND NOT EXISTS (
            SELECT 1 FROM deletions AS d WHERE d.topic = m.topic AND d.uid = ?
            AND d.low <= m.seq AND d.high > m.seq) ORDER BY seq"""
        return [seq for (seq,) in self._all(sql, name, signed(uid))]

    def deletion(self, name: str, del_id: int) -> bool:
        """Whether a deletion with this number is noted."""
        sql = "SELECT 1 FROM deletions WHERE topic = ? AND del_id = ?"
        return bool(self._all(sql, name, del_id))

    def sub(self, name: str, uid: str) -> Sub | None:
        """The subscription of `uid`, live or not; `name` as it is stored."""
        sql = """SELECT want, given, seq_read, seq_recv, clear, created_ms, updated_ms, deleted_ms
            FROM subs WHERE topic = ? AND uid = ?"""
        found = self._all(sql, name, signed(uid))
        return Sub(*found[0]) if found else None

    def members(self, name: str) -> dict[str, Sub]:
        """Live subscriptions of a topic."""
        sql = """SELECT uid, want, given, seq_read, seq_recv, clear, created_ms, updated_ms,
            deleted_ms FROM subs WHERE topic = ? AND deleted_ms IS NULL ORDER BY uid"""
        return {ids.uid_text(uid % (1 << 64)): Sub(*rest) for uid, *rest in self._all(sql, name)}

    def unread(self, uid: str) -> int:
        """How many messages `uid` may see and has not read, counted one by one (D12, D-22)."""
        found = self._all(
            "SELECT topic, want & given, seq_read FROM subs WHERE uid = ? AND deleted_ms IS NULL",
            signed(uid),
        )
        total = 0
        for topic, eff, read in found:
            name = ids.grp_of(topic) if topic[:3] == "chn" else topic
            if eff & modes.R and self.exists(name):
                total += sum(seq > read for seq in self.visible(name, uid))
        return total

    def marks(self) -> dict[tuple[str, int, int], tuple[int, int]]:
        """Read and received numbers by topic, user and life of the subscription."""
        sql = "SELECT topic, uid, created_ms, seq_read, seq_recv FROM subs"
        return {(t, u, c): (read, recv) for t, u, c, read, recv in self._all(sql)}

    @property
    def busy(self) -> bool:
        """Whether a transaction is open."""
        return bool(self._raw.in_transaction)


def _row(found: tuple[int, int, bytes | None, int, int]) -> Row:
    seq, sender, content, erased, ts_ms = found
    return Row(seq, ids.uid_text(sender % (1 << 64)), content, erased, ts_ms)


def signed(uid: str) -> int:
    """A user id as it is stored."""
    number = ids.uid_number(uid)
    return number - (1 << 64) if number >> 63 else number
