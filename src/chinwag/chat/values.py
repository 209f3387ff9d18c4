"""The values of options: names, credentials, files, what they are on the wire.

Source: specification 06, paragraph 8.3.
"""

import argparse
import base64
import json
import mimetypes
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from chinwag.bots.pictures import NoPicture, measure
from chinwag.chat.errors import BadCommand
from chinwag.core import documents
from chinwag.core.documents import ATTACHED, Document, Entity, Span
from chinwag.core.markdown import markdown

DELETED: Final = "\u2421"  # on the wire: remove what is there
INLINE_MAX: Final = 65_536  # bytes of a file within a packet
_TOPIC: Final = re.compile(r"(?:usr|grp|chn|p2p|nch|new)[\w-]{6,}|me|fnd|sys|slf|new")


def is_topic(word: str) -> bool:
    """Whether `word` looks like the name of a topic."""
    return _TOPIC.fullmatch(word) is not None


def secret(text: str) -> str:
    """A secret as it is sent."""
    return base64.b64encode(text.encode()).decode()


def listed(text: str | None) -> list[str] | None:
    """`a,b` as a list."""
    return None if text is None else [part.strip() for part in text.split(",") if part.strip()]


def words_of(text: str | None, known: Iterable[str]) -> str:
    """`desc,sub` as the wire has it. Raises BadCommand."""
    words = listed(text.replace(" ", ",")) if text else []
    for word in words or []:
        if word not in known:
            raise BadCommand(f"Nobody can ask for {word}: known are {', '.join(known)}.")
    return " ".join(words or [])


def credentials(text: str | None) -> list[dict[str, str]] | None:
    """`email:ann@example.com:123456,…` as a list. Raises BadCommand."""
    if text is None:
        return None
    made = []
    for part in listed(text) or []:
        method, _, rest = part.partition(":")
        value, _, response = rest.partition(":")
        if not method or not (value or response):
            raise BadCommand(f"{part} is no credential: it should look like email:ann@example.com.")
        members = {"meth": method, "val": value, "resp": response}
        made.append({key: member for key, member in members.items() if member})
    return made


def value(text: str | None, delmark: str) -> Any:
    """A text, an object in JSON, or what removes what is there. Raises BadCommand."""
    if text == delmark:
        return DELETED
    if text is None or not text.startswith("{"):
        return text
    try:
        return json.loads(text)
    except ValueError:
        raise BadCommand(f"This is no JSON: {text}") from None


def flags(text: str | None) -> dict[str, bool] | None:
    """`verified,staff:false` as an object."""
    if text is None:
        return None
    parts = [part.partition(":") for part in listed(text) or []]
    return {name: state != "false" for name, _, state in parts}


def card(found: argparse.Namespace, delmark: str) -> dict[str, Any]:
    """Who somebody is, as clients show it. Raises BadCommand."""
    made: dict[str, Any] = {}
    for key in ("fn", "note"):
        text = getattr(found, key)
        if text is not None:
            made[key] = DELETED if text == delmark else text
    if found.photo is not None:
        made["photo"] = DELETED if found.photo == delmark else _photo(found.photo)
    return made


def _photo(file: str) -> dict[str, str]:
    data = read_file(file, INLINE_MAX)
    try:
        mime = measure(data)[0]
    except NoPicture:
        raise BadCommand(f"{file} is no picture.") from None
    return {"type": mime.partition("/")[2], "data": base64.b64encode(data).decode()}


def read_file(file: str, most: int) -> bytes:
    """The bytes of a file, not more than `most`. Raises BadCommand."""
    try:
        with Path(file).expanduser().open("rb") as source:
            data = source.read(most + 1)
    except OSError as error:
        raise BadCommand(f"{file} cannot be read: {error.strerror}.") from None
    if len(data) > most:
        raise BadCommand(f"{file} has more than {most} bytes: upload it first.")
    return data


def write_file(file: str, data: bytes) -> Path:
    """Keep `data` in a new file; nothing is overwritten. Raises BadCommand."""
    target = Path(file).expanduser()
    try:
        with target.open("xb") as out:
            out.write(data)
    except OSError as error:
        raise BadCommand(f"{target} cannot be written: {error.strerror}.") from None
    return target


def head(text: str | None) -> dict[str, Any]:
    """`priority:high,…` as an object. Raises BadCommand."""
    made = {}
    for part in listed(text) or []:
        key, colon, rest = part.partition(":")
        if not colon or not key:
            raise BadCommand(f"{part} is no header: it should look like NAME:VALUE.")
        made[key] = rest
    return made


def content(found: argparse.Namespace, text: str) -> tuple[Any, str]:
    """What is published, and its MIME type where it is no plain text. Raises BadCommand."""
    if found.drafty is not None:
        return value(found.drafty, ""), documents.MIME
    if found.markdown is not None:
        document = markdown(found.markdown)
        return document.wire, documents.MIME if document.spans else ""
    if found.image is not None:
        return (_image(found.image) + text).wire, documents.MIME
    if found.attachment is not None:
        return (Document(text) + _attachment(found.attachment)).wire, documents.MIME
    if not text:
        raise BadCommand("pub: nothing is said.")
    return text, ""


def _image(file: str) -> Document:
    data = read_file(file, INLINE_MAX)
    try:
        mime, width, height = measure(data)
    except NoPicture:
        raise BadCommand(f"{file} is no picture.") from None
    about = {"mime": mime, "name": Path(file).name, "size": len(data)}
    size = {"width": width, "height": height, "val": base64.b64encode(data).decode()}
    return Document(" ").within(Entity("IM", {**about, **size}))


def _attachment(file: str) -> Document:
    data = read_file(file, INLINE_MAX)
    mime = mimetypes.guess_type(file)[0] or "application/octet-stream"
    about = {"mime": mime, "name": Path(file).name, "size": len(data)}
    entity = Entity("EX", {**about, "val": base64.b64encode(data).decode()})
    return Document("", (Span(ATTACHED, 0, entity),))


def ranges(text: str, every: tuple[int, int]) -> list[dict[str, int]]:
    """`1,2,9-12` as ranges, 12 being the last; `all`. Raises BadCommand."""
    if text == "all":
        return [{"low": every[0], "hi": every[1]}]
    made = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or bool(dash) != last.isdecimal():
            raise BadCommand(f"{part} is no message: say a number, or a range such as 9-12.")
        made.append({"low": int(first)} | ({"hi": int(last) + 1} if dash else {}))
    return made
