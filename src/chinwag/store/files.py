"""Uploaded files: their records, and what keeps them alive. Source: specification 04, 8."""

from collections.abc import Collection, Iterator
from typing import NamedTuple

import sqlalchemy as sa

from chinwag.core import ids
from chinwag.core.ranges import Range
from chinwag.store import schema
from chinwag.store.db import Tx
from chinwag.store.dialect import insert_new, portions

_F, _L, _S = schema.files, schema.file_links, schema.subs
_KNOWN = sa.select(_F.c.fid, _F.c.uid).where(_F.c.fid.in_(sa.bindparam("fids", expanding=True)))
_LINKS = sa.select(_L).where(_L.c.fid.in_(sa.bindparam("fids", expanding=True)))
_MINE = sa.select(_S.c.topic).where(
    _S.c.uid.in_(sa.bindparam("uids", expanding=True)),
    _S.c.topic.in_(sa.bindparam("names", expanding=True)),
    _S.c.deleted_ms.is_(None),
)
_UNLINK = sa.delete(_L).where(_L.c.holder == sa.bindparam("h"))
_UNLINK_ONE = _UNLINK.where(_L.c.seq == sa.bindparam("s"))
_UNLINK_SOME = _UNLINK.where(_L.c.seq >= sa.bindparam("l"), _L.c.seq < sa.bindparam("u"))
_UNLINK_FILE = sa.delete(_L).where(_L.c.fid == sa.bindparam("f"))
_REMOVE = sa.delete(_F).where(_F.c.fid == sa.bindparam("f"))
_BY_ID = sa.select(_F).where(_F.c.fid == sa.bindparam("f"))
_FINISH = (
    sa.update(_F)
    .where(_F.c.fid == sa.bindparam("f"))
    .values(
        finished=True,
        size_bytes=sa.bindparam("z"),
        etag=sa.bindparam("e"),
        location=sa.bindparam("p"),
        updated_ms=sa.bindparam("n"),
    )
)
_BEGIN = sa.insert(_F)
_PICTURES = (
    sa.select(_F.c.mime)
    .join(_L, _F.c.fid == _L.c.fid)
    .where(_L.c.fid == sa.bindparam("f"), _L.c.seq == 0)
)
_TOUCH = sa.update(_F).where(_F.c.fid == sa.bindparam("f")).values(updated_ms=sa.bindparam("n"))
_OWN = sa.update(_F).where(_F.c.fid == sa.bindparam("f")).values(uid=sa.bindparam("u"))
_OLD = (_F.c.updated_ms < sa.bindparam("n"), ~sa.exists().where(_L.c.fid == _F.c.fid))
_UNUSED = sa.select(_F.c.fid, _F.c.location).where(*_OLD).limit(sa.bindparam("l"))
_WHOLE = sa.select(_F.c.location, _F.c.size_bytes).where(_F.c.finished, _F.c.location != "")
_PORTION = 1000
_CLAIM = sa.delete(_F).where(_F.c.fid == sa.bindparam("f"), *_OLD)


class File(NamedTuple):
    """The record of an uploaded file."""

    fid: str
    uid: str | None
    mime: str
    size_bytes: int
    etag: str
    location: str
    updated_ms: int
    finished: bool


def begin(tx: Tx, fid: str, uid: str | None, mime: str, now_ms: int) -> None:
    """Note that an upload has begun."""
    row = {"fid": fid, "uid": uid, "created_ms": now_ms, "updated_ms": now_ms, "mime": mime}
    tx.execute(_BEGIN, {**row, "finished": False, "size_bytes": 0, "etag": "", "location": ""})


def finish(tx: Tx, fid: str, *, size: int, etag: str, location: str, now_ms: int) -> None:
    """Note that all bytes of a file are safe."""
    tx.execute(_FINISH, {"f": fid, "z": size, "e": etag, "p": location, "n": now_ms})


def find(tx: Tx, fid: str) -> File | None:
    """The record of a file whose bytes are all there."""
    row = tx.execute(_BY_ID, {"f": fid}).one_or_none()
    if row is None or not row.finished:
        return None
    return File(
        row.fid, row.uid, row.mime, row.size_bytes, row.etag, row.location, row.updated_ms, True
    )


def is_picture(tx: Tx, fid: str) -> bool:
    """Whether a file is an image, and somebody's or some group's picture.

    The case of letters does not matter in types, and databases differ in how they compare it.
    """
    mime = tx.execute(_PICTURES, {"f": fid}).scalars().first()
    return mime is not None and mime.lower().startswith("image/")


def link(tx: Tx, holder: str, seq: int, fids: tuple[str, ...], uids: Collection[str]) -> None:
    """Let a message keep files alive, as far as `uids` may give them away.

    Unknown ones are passed over (D-04).
    """
    _put(tx, holder, seq, _given(tx, fids, uids))


def _put(tx: Tx, holder: str, seq: int, fids: list[str]) -> None:
    insert_new(tx, _L, [{"fid": fid, "holder": holder, "seq": seq} for fid in fids])


def _given(tx: Tx, fids: tuple[str, ...], uids: Collection[str]) -> list[str]:
    """Those of `fids` that `uids` have uploaded, or have been given themselves (D-75)."""
    known = {row.fid: row.uid for row in portions(tx, _KNOWN, "fids", fids)}
    others = [fid for fid, uid in known.items() if uid is not None and uid not in uids]
    if not others:
        return list(known)
    links = list(portions(tx, _LINKS, "fids", others))
    names = {name for row in links for name in (row.holder, _as_reader(row.holder))}
    keys = {"uids": list(uids), "names": list(names)}
    mine = set(tx.execute(_MINE, keys).scalars())
    seen = {row.fid for row in links if row.seq == 0 or mine & {row.holder, _as_reader(row.holder)}}
    return [fid for fid in known if fid not in others or fid in seen]


def _as_reader(name: str) -> str:
    return ids.chn_of(name) if name.startswith("grp") else name


def link_picture(tx: Tx, holder: str, fids: tuple[str, ...], uids: Collection[str]) -> None:
    """Make the first of `fids` the picture of a user or topic, in place of an earlier one.

    One that is there already stays, whoever uploaded it.
    """
    given = _given(tx, fids[:1], uids)
    tx.execute(_UNLINK_ONE, {"h": holder, "s": 0})
    _put(tx, holder, 0, given)


def unlink(tx: Tx, holder: str) -> None:
    """A topic or user is erased: it keeps nothing alive any more."""
    tx.execute(_UNLINK, {"h": holder})


def unlink_messages(tx: Tx, topic: str, ranges: list[Range]) -> None:
    """Messages are erased: they keep nothing alive any more."""
    tx.execute(_UNLINK_SOME, [{"h": topic, "l": low, "u": high} for low, high in ranges])


def touch(tx: Tx, fid: str, now_ms: int) -> None:
    """An upload goes on: it is not forgotten meanwhile."""
    tx.execute(_TOUCH, {"f": fid, "n": now_ms})


def own(tx: Tx, fid: str, uid: str) -> None:
    """Note who has uploaded a file, where that was not known at first."""
    tx.execute(_OWN, {"f": fid, "u": uid})


def unused(tx: Tx, older_than_ms: int, limit: int) -> list[tuple[str, str]]:
    """Files that nothing keeps alive: id and location."""
    keys = {"n": older_than_ms, "l": limit}
    return [(row.fid, row.location) for row in tx.execute(_UNUSED, keys)]


def forget_unused(tx: Tx, fid: str, older_than_ms: int) -> bool:
    """Forget a file if still nothing keeps it alive (D-74); whether it is forgotten."""
    return tx.execute(_CLAIM, {"f": fid, "n": older_than_ms}).rowcount == 1


def whole(tx: Tx) -> Iterator[tuple[str, int]]:
    """Where the bytes of every file are that is whole, and how many."""
    for row in tx.execute(_WHOLE, execution_options={"yield_per": _PORTION}):
        yield row.location, row.size_bytes


def known(tx: Tx, fids: list[str]) -> set[str]:
    """Those of `fids` there are records of."""
    return {row.fid for row in portions(tx, _KNOWN, "fids", fids)}


def remove(tx: Tx, fid: str) -> None:
    """Forget a file."""
    tx.execute(_UNLINK_FILE, {"f": fid})
    tx.execute(_REMOVE, {"f": fid})
