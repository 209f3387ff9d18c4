"""Pushes: which devices are told of what, and what they are told.

Source: specification 03, paragraph 8; specification 07, paragraph 14.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import msgspec
from msgspec import Raw

from chinwag.core import drafty, ids, modes
from chinwag.core.drafty import BadDrafty
from chinwag.core.ids import Kind
from chinwag.core.state import Draft, Member, TopicState
from chinwag.wire import codec

TARGETS_MAX: Final = 250  # devices in one push
RC_MAX: Final = 2048  # bytes of a preview; what carries pushes takes 4096 in all
_VALUE_MAX: Final = 128  # characters of what is copied from a head
_DUE: Final = modes.P | modes.R
_HEAD: Final = msgspec.json.Decoder(dict[str, Raw])
_TEXT: Final = msgspec.json.Decoder(str)

Data = dict[str, str]


class Device(NamedTuple):
    """A device somebody has registered."""

    device: str  # its token
    uid: str
    platform: str
    lang: str
    seen_ms: int


class Target(msgspec.Struct, frozen=True, omit_defaults=True):
    """A device on its way to be told."""

    device: str
    uid: str
    platform: str
    lang: str
    silent: bool = False


class Push(msgspec.Struct, frozen=True):
    """What is told to several devices."""

    data: Data
    to: list[Target]


class Audience(NamedTuple):
    """People who know the topic by the same name, and whether each is told in silence."""

    view: str
    people: Mapping[str, bool]


class Alert(NamedTuple):
    """Something people's devices are to be told."""

    topic: str
    at_ms: int
    data: Data
    audiences: tuple[Audience, ...]
    draft: Draft | None = None  # the message it is about
    readers: str = ""  # name of the channel whose readers are told too
    here: frozenset[str] = frozenset()  # readers who need no sound


# --- who ------------------------------------------------------------------------------------


def message(
    state: TopicState,
    kind: Kind,
    draft: Draft,
    reaches: Callable[[str], bool],
    *,
    late: bool = False,
) -> Alert | None:
    """Who is told of a stored message; None: nobody with a device. `late`: only who lacks it.

    Silent for the author and for those who see it anyway, and altogether where it changes an
    earlier one or belongs to a call. Source: specification 03, paragraph 8.2.
    """
    if kind not in (Kind.P2P, Kind.GRP, Kind.SYS):
        return None
    quiet = bool(_head(draft).keys() & {"webrtc", "replace"})
    people = {
        member.uid: quiet or member.online > 0 or member.uid == draft.sender
        for member in state.members.values()
        if not member.reader
        and member.eff & _DUE == _DUE
        and reaches(member.uid)
        and (not late or member.read < draft.seq)
    }
    readers = ids.chn_of(state.name) if state.is_channel and state.readers_count else ""
    if not people and not readers:
        return None
    here = {m.uid for m in state.members.values() if m.reader and m.online}
    here.add(draft.sender)  # who may be a reader by the time readers are looked up
    data = {"what": "msg", "xfrom": draft.sender, "seq": str(draft.seq)}
    return Alert(
        state.name, draft.ts_ms, data, _by_view(state.name, people), draft, readers, frozenset(here)
    )


def _by_view(name: str, people: Mapping[str, bool]) -> tuple[Audience, ...]:
    """Those who have different names for the topic apart."""
    if not name.startswith("p2p"):
        return (Audience(name, people),) if people else ()
    return tuple(Audience(ids.view(name, uid), {uid: quiet}) for uid, quiet in people.items())


def read(name: str, uid: str, seq: int, at_ms: int, *, reader: bool) -> Alert:
    """The own devices of `uid` are told, in silence, what has been read on one of them.

    The topic is named as they know it (D14).
    """
    data = {"what": "read", "xfrom": uid, "seq": str(seq)}
    return Alert(name, at_ms, data, (Audience(ids.view(name, uid, reader), {uid: True}),))


def subscribed(name: str, uids: Iterable[str], member: Member, by: str, at_ms: int) -> Alert:
    """`uids` are told of the new subscription of `member`, which `by` has made."""
    data = {
        "what": "sub",
        "xfrom": by,
        "modeWant": modes.text(member.want),
        "modeGiven": modes.text(member.given),
    }
    return Alert(name, at_ms, data, _by_view(name, dict.fromkeys(uids, False)))


def joined(state: TopicState, member: Member, at_ms: int, reaches: Callable[[str], bool]) -> Alert:
    """A group is told who has joined it, the one who has included."""
    due = [m for m in state.members.values() if not m.reader and m.eff & _DUE == _DUE]
    uids = [m.uid for m in due if reaches(m.uid)]
    return subscribed(state.name, uids, member, member.uid, at_ms)


def channel_gone(name: str, readers: Iterable[str], at_ms: int) -> Alert:
    """The readers of a channel are told, in silence, that it is no more."""
    data = {"what": "sub", "modeWant": "N", "modeGiven": "N"}
    people = dict.fromkeys(readers, True)
    return Alert(name, at_ms, data, (Audience(ids.chn_of(name), people),))


def is_ringing(draft: Draft | None) -> bool:
    """Whether a message starts a call, of which nobody wants to know later."""
    return draft is not None and _text(_head(draft), "webrtc") == "started"


def newest(alerts: Iterable[Alert]) -> list[Alert]:
    """`alerts` without what was read when more was read later in the same topic."""
    kept: dict[object, Alert] = {}
    for number, alert in enumerate(alerts):
        if alert.data["what"] == "read":
            key: object = (alert.topic, alert.data["xfrom"])
            kept.pop(key, None)
        else:
            key = number
        kept[key] = alert
    return list(kept.values())


# --- what -----------------------------------------------------------------------------------


def full(alert: Alert) -> Data:
    """All that `alert` tells but for the name of the topic; pushes to readers name nobody.

    Source: specification 03, paragraph 8.3.
    """
    data = {**alert.data, "ts": codec.stamp(alert.at_ms)}
    if alert.draft is None:
        return data
    head = _head(alert.draft)
    mime, webrtc, replace = (_text(head, name) for name in ("mime", "webrtc", "replace"))
    aonly = bytes(head.get("aonly", b"")) == b"true" and bool(webrtc)
    told = {"mime": mime, "webrtc": webrtc, "replace": replace, "aonly": "true" if aonly else ""}
    data |= {name: value for name, value in told.items() if value}
    return data | said(alert.draft.content)


def said(content: bytes | None) -> Data:
    """A message in plain words and in short; of odd content nothing is said (D13b).

    Source: specification 07, paragraphs 14 and 16.
    """
    try:
        document = drafty.parse(content)
        data = {"content": drafty.words(document)}
        short = drafty.preview(document)
    except BadDrafty:
        return {"content": ""}
    if short and len(short) <= RC_MAX:
        data["rc"] = short.decode()
    return data


def _head(draft: Draft) -> dict[str, Raw]:
    """The members of the head that are not null."""
    if draft.head is None:
        return {}
    return {name: raw for name, raw in _HEAD.decode(draft.head).items() if bytes(raw) != b"null"}


def _text(head: dict[str, Raw], name: str) -> str:
    """A text of the head; empty where it is none, or long."""
    try:
        value = _TEXT.decode(head[name]) if name in head else ""
    except msgspec.DecodeError:
        return ""
    return value if len(value) <= _VALUE_MAX else ""


# --- to which devices -----------------------------------------------------------------------


def pushes(data: Data, audience: Audience, devices: Mapping[str, Iterable[Device]]) -> list[Push]:
    """What is told to the devices of an audience, TARGETS_MAX of them at a time."""
    seen = {**data, "topic": audience.view}
    if audience.view.startswith("chn"):
        seen.pop("xfrom", None)
    targets = [
        Target(each.device, uid, each.platform, each.lang, silent)
        for uid, silent in audience.people.items()
        for each in devices.get(uid, ())
    ]
    parts = range(0, len(targets), TARGETS_MAX)
    return [Push(seen, targets[start : start + TARGETS_MAX]) for start in parts]
