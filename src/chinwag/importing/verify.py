"""Whether what has arrived is what was sent. Source: specification 05, paragraphs 4.5 and 10."""

from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from chinwag.core import ids
from chinwag.core import ranges as rng
from chinwag.importing.cipher import Cipher
from chinwag.importing.history import Messages
from chinwag.importing.job import Job
from chinwag.importing.report import CannotImport, Unreadable
from chinwag.importing.rows import Gone, Said, Sub, Topic
from chinwag.importing.source import ID, Source, column
from chinwag.store import imports, messages

SAMPLE: Final = 1000  # messages that are compared
KEYS: Final = 50  # subscriptions by which the key is tried
READERS: Final = 100  # subscriptions whose history is compared
HISTORY: Final = messages.PAGE_MAX
PAGE: Final = 500  # topics
# Tables here and there; what was deleted is not comparable row by row.
_TABLES: Final = {
    "users": "users",
    "auth": "auth",
    "credentials": "creds",
    "devices": "devices",
    "topics": "topics",
    "subscriptions": "subs",
    "messages": "messages",
    "fileuploads": "files",
}
_TOPIC, _USERID, _SEQID = column("topic"), column("userid"), column("seqid")
_LIVE: Final = (sa.func.coalesce(column("delid"), 0) == 0, column("deletedat").is_(None))
_ENDS: Final = (
    sa.select(_TOPIC, sa.func.count().label("count"), sa.func.max(_SEQID).label("last"))
    .select_from(sa.table("messages"))
    .where(*_LIVE)
    .group_by(_TOPIC)
)


class Count(NamedTuple):
    """How many rows there are on both sides, and how many were left out or made on the way."""

    table: str
    there: int
    left: int
    made: int
    here: int

    @property
    def agrees(self) -> bool:
        """Whether all that was to come has come."""
        return self.there - self.left + self.made == self.here


async def check_key(source: Source, cipher: Cipher) -> None:
    """See that the key is that of the database: ids are encrypted with it. Raises CannotImport."""
    for prefix in ("usr", "p2p"):
        query = sa.select(_USERID, _TOPIC).select_from(sa.table("subscriptions"))
        rows = await source.ask(query.where(_TOPIC.like(prefix + "%")).order_by(ID).limit(KEYS))
        if not rows:
            continue
        if any(_fits(cipher.uid(row.userid), row.topic.rstrip(" ")) for row in rows):
            return
        raise CannotImport(
            f"The key does not fit the database: by it the account {rows[0].userid} would be "
            f"{cipher.uid(rows[0].userid)}, which {rows[0].topic} is not of; give "
            "store_config.uid_key of the server that has written it."
        )


def _fits(uid: str, name: str) -> bool:
    return name == uid or uid in (ids.p2p_pair(name) or ())


async def compare(job: Job) -> list[Count]:
    """The counts of both sides; what does not agree is noted in the report."""
    here = await job.db.read(imports.counts)
    left = job.report.left
    counts = [
        Count(table, await job.source.count(table), left[table], left["+" + table], here[name])
        for table, name in _TABLES.items()
    ]
    for count in counts:
        if not count.agrees:
            job.report.wrong.append(f"{count.table}: {count.here:,} have arrived")
    await _compare_topics(job)
    await _compare_messages(job)
    await _compare_histories(job)
    return counts


async def _compare_topics(job: Job) -> None:
    """Each topic shows as many messages as it did, up to the same one."""
    lacking = 0
    async for page in job.source.pages(Topic, imports.BEFORE_ALL, PAGE):
        names = [row.name for row in page.rows]
        known = await job.db.read(imports.places, names)
        here = await job.db.read(imports.ends, known)
        for row in await job.source.among(_ENDS, "topic", known):
            name = row.topic.rstrip(" ")
            count, last = here.get(name, (0, 0))
            lacking += row.count - count
            if not job.report.left["messages"] and (count, last) != (row.count, row.last):
                job.report.wrong.append(
                    f"{name}: {count} messages up to {last}, not {row.count} up to {row.last}"
                )
    if lacking > job.report.left["messages"]:
        job.report.wrong.append(f"{lacking:,} messages are shown less than before")


async def _compare_messages(job: Job) -> None:
    """Some messages, spread over all of them, are what they were."""
    convert = Messages(job)
    for row in await _sample(job, Said, SAMPLE):
        try:
            portion = await convert.take([row])
        except (CannotImport, Unreadable):
            continue
        for sent in next(iter(portion.values())):
            found = await job.db.read(imports.message, sent["topic"], sent["seq"])
            columns = ("topic", "seq", "sender", "head", "content")
            if found != tuple(sent[c] for c in columns):
                job.report.wrong.append(f"{sent['topic']}: the message {sent['seq']} is another")


async def _sample(job: Job, kind: type[Any], size: int) -> list[Any]:
    """At most `size` rows of a table, spread over all of them."""
    query = sa.select(sa.func.min(ID), sa.func.max(ID)).select_from(sa.table(kind.table))
    ((first, last),) = await job.source.ask(query)
    if first is None:
        return []
    every = (last - first) // size + 1
    return await job.source.rows(kind, list(range(first, last + 1, every))[:size])


async def _compare_histories(job: Job) -> None:
    """Some people see just the messages they saw."""
    for row in await _sample(job, Sub, READERS):
        name = row.topic.rstrip(" ")
        if row.deletedat is not None or name[:3] not in ("p2p", "grp", "slf"):
            continue
        uid = job.cipher.uid(row.userid)
        if name not in await job.db.read(imports.places, [name]):
            continue
        there = await _visible(job, name, row.userid)
        here = [m.seq for m in await job.db.read(messages.page, name, uid)]
        if here != there and not job.report.left["messages"]:
            job.report.wrong.append(f"{name}: {uid} does not see the messages seen before")


async def _visible(job: Job, name: str, number: int) -> list[int]:
    """The newest messages that somebody saw, newest first, as many as are read at a time."""
    hidden = sa.select(column("low"), column("hi")).select_from(sa.table(Gone.table))
    whom = column("deletedfor", sa.BigInteger) == number
    ranges = rng.merge(
        tuple(r) for r in await job.source.ask(hidden.where(_TOPIC.in_([name]), whom))
    )
    query = sa.select(_SEQID).select_from(sa.table(Said.table)).where(_TOPIC.in_([name]), *_LIVE)
    most = HISTORY + rng.count(ranges)
    found = await job.source.ask(query.order_by(_SEQID.desc()).limit(most))
    return [r.seqid for r in found if not rng.contains(ranges, r.seqid)][:HISTORY]
