"""{hi}, {acc} and {login}: what a client and an account may be, and who may change whom.

Source: specification 01, paragraphs 6.1 to 6.4; specification 02, paragraph 3.1.
"""

from collections.abc import Collection
from typing import Final, NamedTuple

from msgspec import Raw

from chinwag.core import ids, merge, modes, tags, versions
from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.modes import UNSET, A
from chinwag.core.state import Level, State, User
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import Acc, Defacs, Desc, SetDesc

LEVEL_NAMES: Final = {Level.NONE: "", Level.ANON: "anon", Level.AUTH: "auth", Level.ROOT: "root"}
LEVELS: Final = {name: level for level, name in LEVEL_NAMES.items() if name}
_STATES: Final = {"ok": State.OK, "susp": State.SUSPENDED, "del": State.DELETED}
DEVICE_MAX: Final = 512  # characters of a push token
_RESET_PARTS: Final = 3

# --- {hi} -----------------------------------------------------------------------------------


def version(text: str, agreed: int) -> int:
    """The protocol version of a {hi}; `agreed`: the earlier one, 0 for none. Raises Refused."""
    packed = versions.pack(text)
    if agreed:
        if text and packed != agreed:
            raise Refused(ctrl.OUT_OF_SEQUENCE)
        return agreed
    if packed == 0:
        raise Refused(ctrl.MALFORMED)
    if not versions.supported(packed):
        raise Refused(ctrl.VERSION_NOT_SUPPORTED)
    return packed


def announced(limits: Limits, build: str) -> dict[str, object]:
    """The params of the first reply to {hi}. Source: specification 01, paragraph 6.1."""
    params: dict[str, object] = {
        "ver": versions.CURRENT,
        "build": build,
        "maxMessageSize": limits.max_message_size,
        "maxSubscriberCount": limits.max_subscriber_count,
        "minTagLength": limits.min_tag_length,
        "maxTagLength": limits.max_tag_length,
        "maxTagCount": limits.max_tag_count,
        "maxFileUploadSize": limits.max_file_size,
        "reqCred": limits.required_creds or None,
        "msgDelAge": limits.msg_delete_age_s,
    }
    if limits.ice_servers:
        params["iceServers"] = list(limits.ice_servers)
        params["callTimeout"] = limits.call_timeout_s
    return params


def device(sent: str | None, known: str) -> str:
    """The push token after a {hi}: absent means unchanged, U+2421 none (DEFECT-24).

    What is longer than any token is passed over: a {hi} should not fail.
    """
    if not sent or len(sent) > DEVICE_MAX:
        return known
    return "" if sent == merge.ERASE else sent


# --- {acc} that creates ---------------------------------------------------------------------


def new_user(uid: str, packet: Acc, limits: Limits, *, now_ms: int) -> User:
    """The account that `packet` asks for. Raises Refused for reserved tags and two aliases."""
    desc = packet.desc or SetDesc()
    wanted = tags.normalise(packet.tags, limits.max_tag_count) or []
    if tags.restricted(wanted, limits.restricted_ns):
        raise Refused(ctrl.PERMISSION_DENIED, {"what": "tags"})
    if len(tags.aliases(wanted, limits.alias_ns)) > 1:
        raise Refused(ctrl.MALFORMED, {"what": "tags"})
    auth, anon = default_access(desc.defacs or Defacs(), limits)
    return User(
        uid,
        created_ms=now_ms,
        updated_ms=now_ms,
        auth=auth,
        anon=anon,
        public=merge.given(bytes(desc.public)),
        tags=wanted,
    )


def default_access(asked: Defacs, limits: Limits) -> tuple[int, int]:
    """What strangers get who are users, and who are guests.

    Source: specification 02, paragraph 3.1.
    """
    p2p = modes.cp2p(limits.p2p_delete)
    return _cut(asked.auth, p2p | modes.PUBLIC, p2p), _cut(asked.anon, modes.NONE, p2p)


def _cut(text: str, usual: int, p2p: int) -> int:
    if not text:
        return usual
    try:
        mode = modes.parse(text)
    except modes.BadMode:
        mode = usual
    if mode == UNSET:
        return usual
    mode &= p2p
    return mode | A if mode else mode


def new_state(status: str, level: Level) -> State:
    """The state of a new account; only an administrator may ask for one. Raises Refused."""
    if not status:
        return State.OK
    if level is not Level.ROOT:
        raise Refused(ctrl.PERMISSION_DENIED, {"what": "state"})
    found = state_of(status)
    if found is State.DELETED:
        raise Refused(ctrl.MALFORMED)
    return found


def level_of(name: str) -> Level | None:
    """The level called `name`, all in lower or all in upper case; None: there is none."""
    return LEVELS.get(name.lower() if name.isupper() else name)


def state_of(status: str) -> State:
    """The state that `status` names in any letter case. Raises Refused."""
    found = _STATES.get(status.lower())
    if found is None:
        raise Refused(ctrl.MALFORMED)
    return found


def described(user: User, private: bytes | None) -> Desc:
    """A new account as the reply to its maker shows it."""
    return Desc(
        created=codec.stamp(user.created_ms),
        updated=codec.stamp(user.updated_ms),
        defacs=Defacs(auth=modes.text(user.auth), anon=modes.text(user.anon)),
        public=None if user.public is None else Raw(user.public),
        private=None if private is None else Raw(private),
        trusted=None if user.trusted is None else Raw(user.trusted),
    )


# --- {acc} that changes ---------------------------------------------------------------------


class Asking(NamedTuple):
    """Who wants to change an account."""

    uid: str  # the acting user, or who a one-off secret stands for; empty: nobody
    is_root: bool  # the session is an administrator's
    level: Level  # of the secret or session


def target(packet: Acc, asking: Asking) -> str:
    """The account that `packet` is about, if it may be changed. Raises Refused."""
    if not asking.uid:
        raise Refused(ctrl.PERMISSION_DENIED)  # QUIRK-27
    uid = ids.canonical_uid(packet.user) if packet.user else asking.uid
    if uid != asking.uid and not asking.is_root:
        raise Refused(ctrl.PERMISSION_DENIED)
    if uid is None:
        raise Refused(ctrl.MALFORMED)
    if packet.status and not asking.is_root:
        raise Refused(ctrl.PERMISSION_DENIED)
    return uid


def level_for_credentials(packet: Acc, uid: str, asking: Asking) -> Level:
    """The level of the account `uid` that credentials are attached to. Raises Refused.

    That of somebody else must be told by the administrator who does it.
    """
    level = asking.level if uid == asking.uid else level_of(packet.authlevel)
    if not level:
        raise Refused(ctrl.MALFORMED)
    return level


# --- {login} with scheme `reset` ------------------------------------------------------------


class Reset(NamedTuple):
    """Who wants a new password: how they log in, and the address they are reached at."""

    scheme: str
    method: str
    value: str


def read_reset(secret: bytes, schemes: Collection[str], methods: Collection[str]) -> Reset:
    """The request for a new password in `scheme:method:value`. Raises Refused.

    Source: specification 01, paragraph 6.4: only the first three parts count.
    """
    parts = secret.decode("utf-8", "replace").split(":")
    if len(parts) < _RESET_PARTS:
        raise Refused(ctrl.MALFORMED)
    wanted = Reset(parts[0].lower(), *parts[1:_RESET_PARTS])
    if wanted.scheme not in schemes or wanted.method not in methods:
        raise Refused(ctrl.NOT_IMPLEMENTED)
    return wanted
