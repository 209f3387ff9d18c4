"""{hi} and {acc}: what a client and a new account may be.

Source: specification 01, paragraphs 6.1 and 6.2; specification 02, paragraph 3.1.
"""

from chinwag.core import merge, modes, tags, versions
from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.modes import A, UNSET
from chinwag.core.state import User
from chinwag.wire import ctrl
from chinwag.wire.messages import Acc, Defacs, SetDesc


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
