"""What an authentication service answers, and how it is read.

Keys count in any case, lengths of time are seconds or texts such as 1h30m.
Source: specification 04, paragraph 4.5.
"""

import base64
import logging
import re
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from chinwag.core import ids, modes, tags
from chinwag.core.accounts import LEVEL_NAMES, level_of
from chinwag.core.errors import Refused
from chinwag.core.state import Level, State
from chinwag.ports import Identity, Issued, Newcomer
from chinwag.wire import ctrl

log = logging.getLogger(__name__)

_WORDS: Final = {
    "malformed": ctrl.MALFORMED,
    "failed": ctrl.AUTH_FAILED,
    "expired": ctrl.AUTH_FAILED,
    "denied": ctrl.PERMISSION_DENIED,
    "duplicate value": ctrl.DUPLICATE_CREDENTIAL,
    "unsupported": ctrl.NOT_IMPLEMENTED,
    "policy": ctrl.POLICY,
    "credentials": ctrl.VALIDATE_CREDENTIALS,
    "user not found": ctrl.USER_NOT_FOUND,
    "topic not found": ctrl.TOPIC_NOT_FOUND,
    "not found": ctrl.NOT_FOUND,
    "invalid response": ctrl.INVALID_RESPONSE,
    "redirected": ctrl.USE_OTHER,
}
_STATES: Final = {"": None, "ok": State.OK, "susp": State.SUSPENDED, "del": State.DELETED}
_LETTERS: Final = {"V": 1, "L": 2}
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)")
_UNITS: Final = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600}
_PATTERN_MAX: Final = 1000  # characters


class Record(msgspec.Struct):
    """What the service says of a person."""

    uid: str = ""  # 11 characters
    authlvl: str = ""
    lifetime: float | str = 0  # seconds, or such as 1h30m
    features: str | int = ""
    tags: list[str] | None = None
    state: str = ""


class NewAccount(msgspec.Struct):
    """What the service says of an account to be made."""

    auth: str = ""
    anon: str = ""
    public: msgspec.Raw = msgspec.Raw()
    trusted: msgspec.Raw = msgspec.Raw()
    private: msgspec.Raw = msgspec.Raw()


class Answer(msgspec.Struct):
    """What the service answers."""

    err: str = ""
    rec: Record | None = None
    byteval: bytes | None = None
    ts: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    boolval: bool = False
    strarr: list[str] | None = None
    newacc: NewAccount | None = None


def read(raw: bytes) -> Answer:
    """The answer in `raw`, whatever the case of its keys. Raises Refused where it says no."""
    try:
        folded = {k.lower(): v for k, v in msgspec.json.decode(raw, type=dict[str, Any]).items()}
        if isinstance(folded.get("rec"), dict):
            folded["rec"] = {k.lower(): v for k, v in folded["rec"].items()}
        known = {k: v for k, v in folded.items() if v is not None}
        answer = msgspec.json.decode(msgspec.json.encode(known), type=Answer)
    except msgspec.MsgspecError:
        log.warning("rest_answers_badly")
        raise Refused(ctrl.INTERNAL) from None
    if answer.err:
        raise Refused(_WORDS.get(answer.err, ctrl.INTERNAL))
    return answer


def _features(value: str | int) -> int | None:
    """Feature bits given as letters or as a number; None: they cannot be read."""
    if isinstance(value, int):
        return value
    if value.isdecimal():
        return int(value)
    if set(value.upper()) <= _LETTERS.keys():
        return sum(_LETTERS[letter] for letter in set(value.upper()))
    return None


def _seconds(value: float | str) -> float | None:
    """A length of time in seconds, given as a number of them or as text such as 1h30m."""
    if not isinstance(value, str):
        return value if value >= 0 else None
    parts = _DURATION.findall(value)
    if "".join(number + unit for number, unit in parts) != value:
        return None
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def identity(record: Record, now_ms: int) -> Identity:
    """Whom a record describes. Raises Refused where it cannot be read."""
    uid = ids.canonical_uid("usr" + record.uid) if record.uid else ""
    level = level_of(record.authlvl) if record.authlvl else Level.AUTH
    state = record.state.lower()
    features, life_s = _features(record.features), _seconds(record.lifetime)
    if None in (uid, level, features, life_s) or state not in _STATES:
        raise Refused(ctrl.INTERNAL)
    assert uid is not None
    assert level is not None
    assert features is not None
    return Identity(
        uid,
        level,
        validated=bool(features & _LETTERS["V"]),
        no_login=bool(features & _LETTERS["L"]),
        expires_ms=now_ms + int(life_s * 1000) if life_s else None,
        state=_STATES[state],
    )


def clean(sent: list[str]) -> list[str]:
    """Tags as they are stored."""
    return tags.normalise(sent, len(sent)) or []


def newcomer(record: Record, account: NewAccount) -> Newcomer:
    """What the service wants the account of a newcomer to be."""
    auth, anon = (_mode(text) for text in (account.auth, account.anon))
    given = [bytes(raw) or None for raw in (account.public, account.trusted, account.private)]
    public, trusted, private = (None if raw == b"null" else raw for raw in given)
    return Newcomer(
        clean(record.tags or []), auth, anon, public=public, trusted=trusted, private=private
    )


def _mode(text: str) -> int:
    try:
        mode = modes.parse(text)
    except modes.BadMode:
        raise Refused(ctrl.INTERNAL) from None
    return 0 if mode == modes.UNSET else mode


def as_sent(record: Record, who: Identity) -> dict[str, Any]:
    """A record as services know it: lengths of time in nanoseconds, and in seconds beside it."""
    letters = ("V" if who.validated else "") + ("L" if who.no_login else "")
    return {
        "authlvl": LEVEL_NAMES[who.level],
        **life(_seconds(record.lifetime) or 0),
        "features": letters,
        "tags": record.tags,
    }


def life(seconds: float) -> dict[str, int]:
    """A length of time as it is sent: nanoseconds, and seconds beside them."""
    return {"lifetime": int(seconds * 1_000_000_000), "lifetimeSeconds": int(seconds)}


def issued(answer: Answer) -> Issued:
    """A secret that the service has made. Raises Refused where it made none."""
    if not answer.byteval or answer.ts is None:
        raise Refused(ctrl.INTERNAL)
    expires_ms = int(answer.ts.timestamp() * 1000)
    return Issued(base64.b64encode(answer.byteval).decode(), expires_ms)


def pattern(raw: bytes) -> re.Pattern[str] | None:
    """What names look like; None: that cannot be understood, and bare words stay what they are."""
    try:
        return re.compile(raw.decode()[:_PATTERN_MAX])
    except (UnicodeDecodeError, re.error, OverflowError):
        log.warning("rest_pattern_unusable")
        return None
