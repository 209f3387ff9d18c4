"""Lists of subscriptions: a user's contacts, the members of a topic, search results.

Source: specification 02, paragraphs 8.2 and 10.3; specification 04, paragraph 7.4.
"""

from collections.abc import Iterable, Mapping

from chinwag.core import describe, ids, membership, modes, presence
from chinwag.core.describe import Viewer, raw
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.modes import J, O, P, R
from chinwag.core.state import Contact, Found, Level, Member, Subscriber
from chinwag.wire import codec
from chinwag.wire.messages import Acs, SubRow

# --- a user's contacts ----------------------------------------------------------------------


def contacts(
    rows: Iterable[Contact],
    viewer: Viewer,
    table: Mapping[str, presence.Contact],
    *,
    only: str = "",
) -> list[SubRow]:
    """The subscription list of a user.

    `table`: who is known to be online, by the name the user sees; `only`: the one contact asked
    for. Where only news is asked for, those online who have none are named as well.
    """
    online = {name for name, c in table.items() if c.online} if viewer.eff & P else set()
    listed = [_contact(row, viewer, online) for row in rows]
    if viewer.ims_ms is not None:
        named = {row.topic for row in listed}
        wanted = online & {only} if only else online
        listed += [SubRow(topic=n, online=True, acs=Acs()) for n in sorted(wanted - named)]
    return listed


def _contact(row: Contact, viewer: Viewer, online: set[str]) -> SubRow:
    name = ids.view(row.name, viewer.uid)
    if row.deleted_ms is not None:
        return SubRow(topic=name, deleted=codec.stamp(row.deleted_ms), acs=Acs())
    shown = SubRow(
        topic=name,
        updated=codec.stamp(row.updated_ms),
        acs=_acs(row.want, row.given),
        online=name in online,
    )
    if viewer.unaware(row.updated_ms):
        shown.public, shown.trusted = raw(row.public), raw(row.trusted)
        shown.private = raw(row.private)
    if row.want & row.given & J:
        _add_inside(shown, row)
    return shown


def _add_inside(shown: SubRow, row: Contact) -> None:
    """What only those learn who may attach."""
    kind = ids.kind_of(row.name)
    if row.want & row.given & R:
        shown.touched = codec.stamp(row.touched_ms)
        shown.seq, shown.clear = row.seq, row.clear
        shown.read, shown.recv = row.read, row.recv
    else:
        shown.touched = shown.updated
    if kind is Kind.GRP:
        shown.subcnt = row.subcnt
    elif kind is Kind.P2P and not shown.online:
        shown.seen = describe.seen(row.seen_ms, row.ua)


def _acs(want: int, given: int) -> Acs:
    mode = modes.text(want & given)
    return Acs(want=modes.text(want), given=modes.text(given), mode=mode)


# --- the members of a topic -----------------------------------------------------------------


def members(
    rows: Iterable[Subscriber], kind: Kind, viewer: Viewer, live: Mapping[str, Member]
) -> list[SubRow]:
    """The members of a group, the parties of a conversation, or a channel reader's own row.

    `live`: the members as the topic knows them, with who is attached.
    """
    return [_member(row, kind, viewer, live.get(row.uid)) for row in rows]


def _member(row: Subscriber, kind: Kind, viewer: Viewer, known: Member | None) -> SubRow:
    if row.deleted_ms is not None:
        return SubRow(user=row.uid, deleted=codec.stamp(row.deleted_ms), acs=Acs())
    eff = row.want & row.given
    own = row.uid == viewer.uid
    shown = SubRow(user=row.uid, updated=codec.stamp(row.updated_ms), acs=Acs())
    if own or modes.is_sharer(viewer.eff) or modes.is_admin(eff):
        shown.acs = _acs(row.want, row.given)
    if eff & R and (eff & J or kind is Kind.P2P):
        newest = row if known is None or known.reader else known
        shown.read, shown.recv = newest.read, newest.recv
        shown.clear = row.clear if own and eff & J else 0
    if kind is Kind.GRP:
        shown.online = bool(viewer.eff & P and known is not None and known.online)
        if viewer.unaware(max(row.updated_ms, row.profile_ms)):
            shown.public, shown.trusted = raw(row.public), raw(row.trusted)
    if own and viewer.unaware(row.updated_ms):
        shown.private = raw(row.private)
    return shown


def own(member: Member, kind: Kind) -> SubRow:
    """The own subscription as a session sees it that is not attached."""
    shown = SubRow(
        user=member.uid, updated=codec.stamp(member.updated_ms), acs=membership.acs(member)
    )
    if kind is not Kind.FND:
        shown.private = raw(member.private)
    if member.eff & (J | R) == J | R:
        shown.read, shown.recv = member.read, member.recv
        shown.clear = member.clear
    return shown


def own_deleted(deleted_ms: int) -> SubRow:
    """What is left to say of an own subscription that was given up."""
    return SubRow(deleted=codec.stamp(deleted_ms), acs=Acs())


# --- search results -------------------------------------------------------------------------


def found(rows: Iterable[Found], viewer: Viewer, limits: Limits) -> list[SubRow]:
    """Search results: channels bear the name that readers use, `private` is what matched."""
    return [_found(row, viewer, limits) for row in rows]


def _found(row: Found, viewer: Viewer, limits: Limits) -> SubRow:
    shown = SubRow(
        topic=ids.chn_of(row.name) if row.is_channel else row.name,
        updated=codec.stamp(row.updated_ms),
        acs=Acs(mode=modes.text(_found_access(row, viewer.level, limits))),
        subcnt=row.subcnt,
        private=list(row.matched),
    )
    if viewer.unaware(row.updated_ms):
        shown.public, shown.trusted = raw(row.public), raw(row.trusted)
    return shown


def _found_access(row: Found, level: Level, limits: Limits) -> int:
    """What a searcher of `level` would get there."""
    if row.is_channel:
        return modes.READER
    if level is Level.ROOT and row.name.startswith("grp"):
        return modes.PUBLIC
    return describe.offered_by(row.auth, row.anon, level, limits) & ~O
