"""All that is known of one person, in files that they and other programs can read."""

import mimetypes
import os
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from chinwag.config import CannotStart, Config
from chinwag.core import ids, modes
from chinwag.core.state import Level, State
from chinwag.plugins.media_fs import PART, sync
from chinwag.store import belongings, opening, snapshot
from chinwag.store.belongings import Place, Row, Said
from chinwag.store.db import CannotOpen, Tx
from chinwag.upkeep import archive, aside
from chinwag.upkeep.progress import Progress
from chinwag.wire import codec

TARS: Final = {".tar": "w", ".tgz": "w:gz", ".gz": "w:gz"}
_FILES: Final = "files"


class Exported(NamedTuple):
    """How much it is."""

    uid: str
    messages: int
    files: int


def write(config: Config, data: Path, who: str, target: Path, progress: Progress) -> Exported:
    """Write what is known of `who` to the folder or archive `target`. Raises CannotStart.

    A server may be running; all is of one moment.
    """
    ending = TARS.get(target.suffix)
    if ending is None:
        with aside.fresh_folder(target) as folder:
            return _collect(config, data, who, folder, progress)
    if os.path.lexists(target):
        raise CannotStart(f"There is a file {target} already: name one that is not there.")
    with (
        aside.told(f"The file {target} cannot be written"),
        tempfile.TemporaryDirectory(dir=target.absolute().parent, prefix=".export-") as folder,
    ):
        found = _collect(config, data, who, Path(folder), progress)
        _pack(Path(folder), target, ending)
        return found


def _pack(folder: Path, target: Path, mode: str) -> None:
    """Make an archive of `folder`; it is there whole or not at all."""
    part = folder / (target.name + PART)
    names = sorted(os.listdir(folder))
    with aside.create(part) as file:
        with tarfile.open(fileobj=file, mode=mode) as tar:  # type: ignore[call-overload]
            for name in names:
                tar.add(folder / name, f"{target.name.partition('.')[0]}/{name}")
        file.flush()
        os.fsync(file.fileno())
    part.rename(target)
    sync(target.absolute().parent)


def _collect(config: Config, data: Path, who: str, folder: Path, progress: Progress) -> Exported:
    def look(tx: Tx) -> Exported:
        snapshot.check_current(tx)
        uid = belongings.find(tx, who)
        if uid is None:
            raise CannotStart(
                f"There is no user {who}: give a log-in name or an id, see `chinwag user list`."
            )
        with aside.told(f"The folder {folder} cannot be written"):
            return _Writer(tx, uid, folder, progress).all_of(data / archive.UPLOADS)

    try:
        return opening.look(config.database.url, data, look)
    except CannotOpen as error:
        raise CannotStart(str(error)) from None


class _Writer:
    """Writes the files about one person."""

    def __init__(self, tx: Tx, uid: str, folder: Path, progress: Progress) -> None:
        self._tx = tx
        self._uid = uid
        self._folder = folder
        self._progress = progress

    def all_of(self, uploads: Path) -> Exported:
        """Write everything."""
        tx, uid = self._tx, self._uid
        with aside.create(self._folder / "README.txt") as file:
            file.write(_README.encode())
        places = belongings.places(tx, uid)
        self._lines("profile", [_profile(belongings.profile(tx, uid))])
        log_ins = map(_log_in, belongings.log_ins(tx, uid))
        self._lines("credentials", [*log_ins, *map(_address, belongings.addresses(tx, uid))])
        self._lines("devices", map(_device, belongings.devices(tx, uid)))
        self._lines("subscriptions", (_place(place, uid) for place in places))
        said = belongings.said(tx, uid, places)
        count = self._lines("messages", (_said(each, uid) for each in said))
        self._progress.done(f"Messages: {count:,}.")
        files = self._lines("files", self._copied(uploads))
        self._progress.done(f"Files: {files:,}.")
        return Exported(uid, count, files)

    def _lines(self, name: str, rows: Any) -> int:
        """Write a line for each of `rows`; how many."""
        watch, count = self._progress.of(name), 0
        with aside.create(self._folder / f"{name}.jsonl") as file:
            for count, row in enumerate(rows, 1):
                file.write(msgspec.json.encode(row) + b"\n")
                watch(count, 0)
        return count

    def _copied(self, uploads: Path) -> Iterator[dict[str, object]]:
        """The lines of the files, whose bytes are copied."""
        (self._folder / _FILES).mkdir(mode=0o700)
        for row in belongings.uploads(self._tx, self._uid):
            name = f"{_FILES}/{row.fid}{mimetypes.guess_extension(row.mime) or ''}"
            line = {
                "id": row.fid,
                "made": codec.stamp(row.created_ms),
                "mime": row.mime,
                "size": row.size_bytes,
            }
            try:
                aside.copy_file(uploads / row.location, self._folder / name)
            except FileNotFoundError:
                yield {**line, "missing": True}
            else:
                yield {**line, "path": name}


# --- lines ----------------------------------------------------------------------------------


def _profile(row: Row) -> dict[str, object]:
    return {
        "id": row.uid,
        "made": codec.stamp(row.created_ms),
        "changed": codec.stamp(row.updated_ms),
        "state": State(row.state).name.lower(),
        "public": _json(row.public),
        "trusted": _json(row.trusted),
        "tags": _json(row.tags),
        "access": {"auth": modes.text(row.auth), "anon": modes.text(row.anon)},
        "seen": _stamp(row.seen_ms),
        "user_agent": row.ua,
    }


def _log_in(row: Row) -> dict[str, object]:
    level = Level(row.level).name.lower()
    return {
        "scheme": row.scheme,
        "name": row.unique_text,
        "level": level,
        "expires": _stamp(row.expires_ms),
    }


def _address(row: Row) -> dict[str, object]:
    return {
        "method": row.method,
        "value": row.value,
        "confirmed": row.confirmed is not None,
        "made": codec.stamp(row.created_ms),
        "changed": codec.stamp(row.updated_ms),
    }


def _device(row: Row) -> dict[str, object]:
    return {
        "device": row.device,
        "platform": row.platform,
        "language": row.lang,
        "seen": codec.stamp(row.seen_ms),
    }


def _place(place: Place, uid: str) -> dict[str, object]:
    sub, topic = place
    line = {
        "topic": _seen_as(sub.topic, uid),
        "made": codec.stamp(sub.created_ms),
        "changed": codec.stamp(sub.updated_ms),
        "ended": _stamp(sub.deleted_ms),
        "want": modes.text(sub.want),
        "given": modes.text(sub.given),
        "read": sub.seq_read,
        "received": sub.seq_recv,
        "private": _json(sub.private),
    }
    if place.readable and topic is not None and topic.name.startswith("grp"):
        line |= {"public": _json(topic.public), "owner": topic.owner == uid}
    return line


def _said(said: Said, uid: str) -> dict[str, object]:
    message = said.message
    line: dict[str, object] = {
        "topic": ids.view(said.topic, uid, said.is_reader),
        "seq": message.seq,
        "at": codec.stamp(message.ts_ms),
    }
    if not said.is_reader:
        line["from"] = message.sender
    return line | {"head": _json(message.head), "content": _json(message.content)}


def _seen_as(name: str, uid: str) -> str:
    """What they call a topic they are subscribed to."""
    return name if name.startswith("chn") else ids.view(name, uid)


def _stamp(ms: int | None) -> str | None:
    return None if ms is None else codec.stamp(ms)


def _json(raw: bytes | None) -> object:
    """What stands in the database, in one line."""
    if raw is None:
        return None
    text = raw.decode(errors="replace")
    try:
        return msgspec.Raw(msgspec.json.format(text, indent=-1).encode())
    except msgspec.DecodeError:
        return text


_README: Final = """\
What a Chinwag server knows of one person. Each file has one JSON value in each line.

profile.jsonl        the account
credentials.jsonl    log-in names (not the passwords), e-mail addresses, telephone numbers
devices.jsonl        where notices are sent to
subscriptions.jsonl  conversations, groups and channels, those too that were left
messages.jsonl       all messages that the person can read, and their own ones elsewhere
files.jsonl          what they have uploaded; `path` leads to the bytes

Times are UTC. Erased messages, and those that the person has deleted, are not there.
"""
