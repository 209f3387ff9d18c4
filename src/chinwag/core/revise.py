"""{set}: changes of descriptions, default access, tags and auxiliary data.

Source: specification 02, paragraphs 3.4, 9.1, 9.5 and 12.2.
"""

from dataclasses import dataclass, field

from msgspec import Raw

from chinwag.core import merge, modes, tags
from chinwag.core.describe import Viewer
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.modes import A, O
from chinwag.core.state import Level, Member, TopicState
from chinwag.wire import ctrl
from chinwag.wire.messages import Defacs, SetDesc

_PROFILE = ("public", "trusted")


# --- descriptions ---------------------------------------------------------------------------


@dataclass(slots=True)
class Revision:
    """What a {set desc} brings: fields of the topic or account, and the member's own note."""

    values: dict[str, bytes | None] = field(default_factory=dict)  # public, trusted
    access: dict[str, int] = field(default_factory=dict)  # auth, anon
    private: bytes | None = None
    private_changed: bool = False

    @property
    def shared(self) -> bool:
        """Whether anything changes that is not only the member's own."""
        return bool(self.values or self.access)


def decide_desc(
    state: TopicState, kind: Kind, author: Viewer, part: SetDesc, limits: Limits
) -> Revision:
    """What becomes of the description, or Refused."""
    _may_describe(state, kind, author, part)
    revision = Revision()
    if kind in (Kind.ME, Kind.GRP):
        for name in _PROFILE:
            value, changed = merge.merge(getattr(state, name), bytes(getattr(part, name)))
            if changed:
                revision.values[name] = value
        revision.access = _access(kind, part.defacs or Defacs(), limits)
    if merge.present(part.private):
        revision.private, revision.private_changed = _private(author.member, part)
    if not revision.shared and not revision.private_changed:
        raise Refused(ctrl.NOT_MODIFIED)
    return revision


def _may_describe(state: TopicState, kind: Kind, author: Viewer, part: SetDesc) -> None:
    """Nothing of the request counts where one part of it is forbidden."""
    trusted = merge.present(part.trusted)
    if trusted and author.level is not Level.ROOT:
        raise Refused(ctrl.PERMISSION_DENIED)
    if not (trusted or merge.present(part.public) or _asks_access(part.defacs)):
        return
    owned = kind is not Kind.GRP or author.uid == state.owner
    if kind is Kind.P2P or not owned or state.read_only:
        raise Refused(ctrl.PERMISSION_DENIED)


def _asks_access(defacs: Defacs | None) -> bool:
    return defacs is not None and bool(defacs.auth or defacs.anon)


def _private(member: Member | None, part: SetDesc) -> tuple[bytes | None, bool]:
    if member is None:
        raise Refused(ctrl.PERMISSION_DENIED)  # nobody to keep the note for
    return merge.merge(member.private or None, bytes(part.private))


def _access(kind: Kind, asked: Defacs, limits: Limits) -> dict[str, int]:
    """The new default access, as far as it is given.

    A bad `auth` beside a good `anon` is passed over (QUIRK).
    """
    anon = _default(asked.anon)
    auth = _default(asked.auth, lenient=anon != modes.UNSET)
    new: dict[str, int] = {}
    if auth != modes.UNSET:
        new["auth"] = _for_people(auth & modes.ACCOUNT) if kind is Kind.ME else auth
    if anon != modes.UNSET:
        limit = modes.cp2p(limits.p2p_delete)
        new["anon"] = _for_people(anon & limit) if kind is Kind.ME else anon
    return new


def _default(text: str, *, lenient: bool = False) -> int:
    try:
        mode = modes.parse(text)
    except modes.BadMode:
        if lenient:
            return modes.UNSET
        raise Refused(ctrl.MALFORMED) from None
    if mode & O:
        raise Refused(ctrl.MALFORMED)  # ownership is never a default
    return mode


def _for_people(mode: int) -> int:
    """Who may talk to somebody at all may also answer requests."""
    return mode | A if mode else mode


def apply_desc(state: TopicState, revision: Revision, uid: str, now_ms: int) -> None:
    """Take the stored `revision` by `uid` into `state`."""
    for name, value in {**revision.values, **revision.access}.items():
        setattr(state, name, value)
    if revision.shared:
        touch(state, now_ms)
    if revision.private_changed:
        member = state.members[uid]
        member.private = revision.private
        member.updated_ms = now_ms


def touch(state: TopicState, now_ms: int) -> None:
    """The topic was changed: in lists it moves up as if somebody had written (QUIRK).

    Source: specification 02, paragraph 8.2.
    """
    state.updated_ms = state.touched_ms = now_ms


# --- tags -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TagChange:
    """The new tags, and how many were added and removed."""

    tags: list[str]
    added: int
    removed: int

    def params(self) -> dict[str, object]:
        """What the reply tells: zero counts are left out."""
        counts = {"added": self.added, "removed": self.removed}
        return {name: count for name, count in counts.items() if count}


def decide_tags(
    state: TopicState, kind: Kind, uid: str, sent: list[str | None], limits: Limits
) -> TagChange:
    """The new tags of an account or group, or Refused. Source: paragraph 12.2."""
    if kind not in (Kind.ME, Kind.GRP):
        raise Refused(ctrl.NOT_ALLOWED)
    if (kind is Kind.GRP and uid != state.owner) or state.read_only:
        raise Refused(ctrl.PERMISSION_DENIED)
    reserved = tags.restricted(state.tags, limits.restricted_ns)
    new = tags.normalise(sent, limits.max_tag_count) or []
    if not new and (not sent or tags.ERASE in sent):
        new = sorted(reserved)  # everything goes that may go (DEFECT-30, D-63)
    elif not new:
        raise Refused(ctrl.NOT_MODIFIED)
    if tags.restricted(new, limits.restricted_ns) != reserved:
        raise Refused(ctrl.PERMISSION_DENIED)
    if len(tags.aliases(new, limits.alias_ns)) > 1:
        raise Refused(ctrl.MALFORMED)
    return _tag_change(state, kind, new)


def _tag_change(state: TopicState, kind: Kind, new: list[str]) -> TagChange:
    """On `me` only additions with a namespace count (QUIRK)."""
    added, removed = tags.change(state.tags, new)
    if kind is Kind.ME:
        added = {tag for tag in added if tags.is_prefixed(tag)}
    if not added and not removed:
        raise Refused(ctrl.NOT_MODIFIED)
    return TagChange(new, len(added), len(removed))


# --- auxiliary data -------------------------------------------------------------------------


def decide_aux(
    state: TopicState, kind: Kind, member: Member | None, sent: dict[str, Raw]
) -> bytes | None:
    """The new auxiliary data, or Refused. Source: paragraph 9.5."""
    if kind not in (Kind.P2P, Kind.GRP, Kind.SLF):
        raise Refused(ctrl.NOT_ALLOWED)
    if member is None or not modes.is_admin(member.eff) or state.read_only:
        raise Refused(ctrl.PERMISSION_DENIED)
    new, changed = merge.merge_members(state.aux, sent)
    if not changed:
        raise Refused(ctrl.NOT_MODIFIED)
    return new
