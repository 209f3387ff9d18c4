"""Groups, channels, conversations and notebooks, and who is subscribed to them.

Source: specification 05, paragraphs 5.7 and 5.8.
"""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from chinwag.core import ids
from chinwag.core.state import State
from chinwag.importing import people
from chinwag.importing.job import Job
from chinwag.importing.references import files_in
from chinwag.importing.report import Unreadable
from chinwag.importing.rows import Sub, Topic
from chinwag.importing.source import column
from chinwag.importing.values import access_of, json_of, mode_of, name_of, state_of, texts_of
from chinwag.store import imports, schema
from chinwag.store.imports import Place, Portion

_KINDS: Final = ("grp", "p2p", "slf", "sys")
_TOPIC, _DELID, _SEQID = column("topic"), column("delid"), column("seqid")
_MESSAGES, _DELLOG, _SUBS = sa.table("messages"), sa.table("dellog"), sa.table("subscriptions")
_ENDS = (
    sa.select(_TOPIC, sa.func.max(_SEQID).label("seq"), sa.func.max(_DELID).label("erased"))
    .select_from(_MESSAGES)
    .group_by(_TOPIC)
)
_CLEARS = (
    sa.select(
        _TOPIC,
        sa.func.max(_DELID).label("any"),
        sa.func.max(sa.case((column("deletedfor") == 0, _DELID), else_=0)).label("hard"),
    )
    .select_from(_DELLOG)
    .group_by(_TOPIC)
)
_OWNERS = (
    sa.select(_TOPIC, column("userid"))
    .select_from(_SUBS)
    .where(
        column("deletedat").is_(None),
        column("modewant").like("%O%"),
        column("modegiven").like("%O%"),
    )
    .order_by(column("id"))
)


@dataclass(slots=True)
class _Known:
    """What other tables say of a topic."""

    seq: int = 0
    clear: int = 0
    clear_hard: int = 0
    owners: tuple[int, ...] = ()


class Topics:
    """Carries topics over."""

    kind = Topic

    def __init__(self, job: Job) -> None:
        self._job = job

    async def take(self, rows: list[Topic]) -> Portion:
        """What `rows` become."""
        names = [row.name for row in rows]
        known = await self._known(names)
        tagged = await people.tags_of(self._job, "topictags", "topic", names)
        made = [
            each
            for _, each in self._job.each(
                "topics",
                rows,
                lambda row: self._row(row, known[row.name], tagged.get(row.name, [])),
            )
        ]
        return {
            schema.topics: made,
            schema.tags: people.index(each for each in made if each["name"].startswith("grp")),
            schema.file_links: [
                {"fid": fid, "holder": each["name"], "seq": 0}
                for each in made
                for fid in files_in(each["public"])
            ],
        }

    async def _known(self, names: list[str]) -> dict[str, _Known]:
        found = {name: _Known() for name in names}
        among = self._job.source.among
        for row in await among(_ENDS, "topic", names):
            if known := found.get(row.topic.rstrip(" ")):
                known.seq, known.clear = row.seq, row.erased or 0
                known.clear_hard = known.clear
        for row in await among(_CLEARS, "topic", names):
            if known := found.get(row.topic.rstrip(" ")):
                known.clear = max(known.clear, row.any)
                known.clear_hard = max(known.clear_hard, int(row.hard))
        for row in await among(_OWNERS, "topic", names):
            if known := found.get(row.topic.rstrip(" ")):
                known.owners += (row.userid,)
        return found

    def _row(self, row: Topic, known: _Known, more: list[str]) -> dict[str, Any]:
        name, state = name_of(row.name), state_of(row.state)
        if name[:3] not in _KINDS:
            raise Unreadable(f"{name} is no topic of its own")
        if name == "sys" and state is not State.OK:
            self._job.report.mend("topics", "suspended or deleted by mistake", name)
            state = State.OK
        clock, updated_ms = self._job.clock, self._job.clock.ms(row.updatedat)
        auth, anon = access_of(row.access)
        touched_ms = clock.ms_or_none(row.touchedat)
        return {
            "name": name,
            "created_ms": clock.ms(row.createdat),
            "updated_ms": updated_ms,
            "touched_ms": updated_ms if touched_ms is None else touched_ms,
            "state": int(state),
            "owner": self._owner(row, known),
            "auth": auth,
            "anon": anon,
            "is_channel": row.usebt,
            "seq": self._newest(name, "seqid", row.seqid, known.seq),
            "clear": self._newest(name, "delid", row.delid, known.clear),
            "clear_hard": known.clear_hard,
            "call_seq": 0,
            "public": json_of(row.public),
            "trusted": json_of(row.trusted),
            "aux": json_of(row.aux),
            "tags": people.united(self._job, "topics", name, texts_of(row.tags), more),
            "epoch": 0,
        }

    def _owner(self, row: Topic, known: _Known) -> str | None:
        """Who owns a topic: the subscription says it, the topic has a copy only."""
        number = row.owner or 0
        if row.name.startswith("grp") and known.owners and number not in known.owners:
            self._job.report.mend("topics", "with another owner than they say", row.name)
            number = known.owners[0]
        return self._job.uid(number) if number else None

    def _newest(self, name: str, column: str, said: int, found: int) -> int:
        if found > said:
            self._job.report.mend("topics", f"with a {column} that is too low", name)
        return max(said, found)


# --- subscriptions ---------------------------------------------------------------------------


class Subs:
    """Carries subscriptions over."""

    kind = Sub

    def __init__(self, job: Job) -> None:
        self._job = job

    async def take(self, rows: list[Sub]) -> Portion:
        """What `rows` become."""
        made = self._job.each("subscriptions", rows, self._row)
        db = self._job.db
        known = await db.read(imports.people, {each["uid"] for _, each in made})
        there = await db.read(imports.places, {stored_name(each["topic"]) for _, each in made})
        members = await self._members([row for row, _ in made])
        kept = [each for row, each in made if self._fits(row, each, known, members)]
        return {schema.subs: [each for each in kept if self._mend(each, there)]}

    def _row(self, row: Sub) -> dict[str, Any]:
        name, uid = name_of(row.topic), self._job.uid(row.userid)
        clock, own = self._job.clock, row.topic[:3] in ("usr", "fnd")
        return {
            "topic": name,
            "uid": uid,
            "want": mode_of(row.modewant),
            "given": mode_of(row.modegiven),
            "seq_read": row.readseqid,
            "seq_recv": row.recvseqid,
            "clear": row.delid,
            "private": json_of(row.private),
            "created_ms": clock.ms(row.createdat),
            "updated_ms": clock.ms(row.updatedat),
            "deleted_ms": None if own else clock.ms_or_none(row.deletedat),
        }

    async def _members(self, rows: list[Sub]) -> set[tuple[str, int]]:
        """Which of the readers are members of the channel as well."""
        readers = {ids.grp_of(row.topic): row for row in rows if row.topic.startswith("chn")}
        query = sa.select(_TOPIC, column("userid")).select_from(_SUBS)
        query = query.where(column("deletedat").is_(None))
        uids = {row.userid for row in rows if row.topic.startswith("chn")}
        if not uids:
            return set()
        query = query.where(column("userid", sa.BigInteger).in_(sorted(uids)))
        found = await self._job.source.among(query, "topic", readers)
        return {(row.topic.rstrip(" "), row.userid) for row in found}

    def _fits(
        self,
        row: Sub,
        each: dict[str, Any],
        known: dict[str, State],
        members: set[tuple[str, int]],
    ) -> bool:
        """Whether there is somebody who has it, and it is not somebody else's."""
        name, uid = each["topic"], each["uid"]
        if uid not in known:
            why = "of no account"
        elif not _is_of(name, uid):
            why = "of somebody else's topic"
        elif name.startswith("chn") and (ids.grp_of(name), row.userid) in members:
            why = "of readers who are members"
        else:
            if known[uid] is State.DELETED and each["deleted_ms"] is None:
                each["deleted_ms"] = each["updated_ms"]
            return True
        self._job.report.leave_out("subscriptions", why, f"{name} of {uid}")
        return False

    def _mend(self, each: dict[str, Any], there: dict[str, Place]) -> bool:
        """Bring the numbers of a subscription into the bounds of its topic, if that is there."""
        name = each["topic"]
        if name[:3] in ("usr", "fnd"):
            return True
        place = there.get(stored_name(name))
        if place is None:
            self._job.report.leave_out("subscriptions", "of no topic", f"{name} of {each['uid']}")
            return False
        recv = min(max(each["seq_recv"], each["seq_read"], 0), place.seq)
        read = min(max(each["seq_read"], 0), recv)
        if (read, recv) != (each["seq_read"], each["seq_recv"]):
            told = f"{name} of {each['uid']}"
            self._job.report.mend("subscriptions", "with impossible counters", told)
        clear = min(max(each["clear"], 0), place.clear)
        each |= {"seq_read": read, "seq_recv": recv, "clear": clear}
        return True


def stored_name(name: str) -> str:
    """Under which name a topic is stored."""
    return ids.grp_of(name) if name.startswith("chn") else name


def _is_of(name: str, uid: str) -> bool:
    """Whether `uid` may have a subscription to `name` at all."""
    match name[:3]:
        case "usr" | "fnd" | "slf":
            return ids.owner_uid(name) == uid
        case "p2p":
            return uid in (ids.p2p_pair(name) or ())
        case _:
            return True
