"""Values of a Tinode database as they are here.

Source: specification 05, paragraph 3.
"""

import json
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

import msgspec

from chinwag.core import ids, modes
from chinwag.core.state import State
from chinwag.importing.report import Unreadable

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - what the databases hold bears no zone
_EPOCH_UTC: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)
_LENGTHS: Final = {"usr": 14, "fnd": 14, "slf": 14, "grp": 14, "chn": 14, "p2p": 25, "sys": 3}


class Clockwork:
    """Instants of a server whose database is in the time zone `zone`; None: in UTC, as usual."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone

    def ms(self, at: datetime) -> int:
        """Milliseconds since 1970, UTC."""
        if self._zone is None:
            return (at - _EPOCH) // _MS
        return (at.replace(tzinfo=self._zone) - _EPOCH_UTC) // _MS

    def ms_or_none(self, at: datetime | None) -> int | None:
        """The same, where there may be none."""
        return None if at is None else self.ms(at)


def json_of(text: str | None) -> bytes | None:
    """JSON as it is written; None: there is none, in either of the two ways to say so.

    Half of a pair of surrogates, which is no character, becomes U+FFFD. Raises Unreadable.
    """
    if text is None or text == "null":
        return None
    try:
        raw = text.encode()
        value = msgspec.json.decode(raw)
    except (UnicodeEncodeError, msgspec.DecodeError, RecursionError):
        raw, value = _mended(text)
    return None if value is None else raw


def _mended(text: str) -> tuple[bytes, Any]:
    try:
        value = json.loads(text)
        raw = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        mended = raw.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
        return mended, msgspec.json.decode(mended)
    except (ValueError, RecursionError):
        raise Unreadable("it holds JSON that cannot be read") from None


def mode_of(text: str | None) -> int:
    """An access mode; none where there is no value. Raises Unreadable."""
    try:
        mode = modes.parse((text or "").strip())
    except modes.BadMode:
        raise Unreadable(f"{text!r} is no access mode") from None
    return modes.NONE if mode == modes.UNSET else mode


def access_of(text: str | None) -> tuple[int, int]:
    """The default access of people and of guests. Raises Unreadable."""
    value = object_of(text)
    auth, anon = value.get("Auth"), value.get("Anon")
    if not isinstance(auth, str | None) or not isinstance(anon, str | None):
        raise Unreadable("its default access is none")
    return mode_of(auth), mode_of(anon)


def object_of(text: str | None) -> dict[str, Any]:
    """What stands in a JSON object; nothing where there is none. Raises Unreadable."""
    raw = json_of(text)
    value = {} if raw is None else msgspec.json.decode(raw)
    if not isinstance(value, dict):
        raise Unreadable("it holds no object where one should be")
    return value


def texts_of(text: str | None) -> list[str]:
    """The texts in a JSON array; nothing where there is none. Raises Unreadable."""
    raw = json_of(text)
    value = [] if raw is None else msgspec.json.decode(raw)
    if not isinstance(value, list):
        raise Unreadable("it holds no list where one should be")
    return [each for each in value if isinstance(each, str)]


def state_of(number: int) -> State:
    """The state of an account or topic. Raises Unreadable."""
    try:
        return State(number)
    except ValueError:
        raise Unreadable(f"there is no state {number}") from None


def name_of(text: str) -> str:
    """The name of a topic. Raises Unreadable: for the id 0 too (DEFECT in paragraph 4.2)."""
    name = text.rstrip(" ")
    if len(name) != _LENGTHS.get(name[:3]):
        raise Unreadable(f"{name!r} is no name of a topic")
    if name.startswith("p2p"):
        if ids.p2p_pair(name) is None:
            raise Unreadable(f"{name!r} is no name of a conversation")
    elif name != "sys" and not ids.uid_number("usr" + name[3:]):
        raise Unreadable(f"{name!r} is no name of a topic")
    return name
