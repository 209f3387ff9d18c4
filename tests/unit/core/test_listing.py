"""Lists of subscriptions. Source: specification 02, paragraphs 8.2 and 10.3."""

from chinwag.core import ids, listing, modes, presence
from chinwag.core.describe import Viewer
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.state import Contact, Found, Level, Member, Subscriber
from chinwag.wire import codec
from chinwag.wire.messages import Acs, SubRow

ALICE, BOB = ids.uid_text(1), ids.uid_text(2)
GROUP = "grpAQAAAAAAAAA"
PAIR = ids.p2p_name(ALICE, BOB)


def viewer(mode: str = "JRWPS", ims: int | None = None) -> Viewer:
    """Alice with this mode."""
    bits = modes.parse(mode)
    return Viewer(ALICE, Level.AUTH, Member(ALICE, bits, bits), ims)


def contact(name: str, mode: str = "JRWP", **more: object) -> Contact:
    """A contact changed at 2000 and written to at 3000."""
    bits = modes.parse(mode)
    row = Contact(
        name, bits, bits, 4, 5, 2, b"1", 2000, None, 3000, 7, 3, False, b"2", b"3", 900, "UA"
    )  # fmt: skip
    return row._replace(**more)  # type: ignore[arg-type]


def subscriber(uid: str, mode: str, **more: object) -> Subscriber:
    """A subscriber whose profile and subscription were changed at 2000."""
    bits = modes.parse(mode)
    row = Subscriber(uid, bits, bits, 4, 5, 2, b"1", 2000, None, b"2", None, 2000)
    return row._replace(**more)  # type: ignore[arg-type]


def contacts(*rows: Contact, online: tuple[str, ...] = (), ims: int | None = None) -> list[SubRow]:
    """The contact list of Alice."""
    table = {name: presence.Contact(online=True, enabled=True) for name in online}
    return listing.contacts(rows, viewer("JPS", ims), table)


def test_a_contact_with_everything() -> None:
    (row,) = contacts(contact(GROUP), online=(GROUP,))
    assert (row.topic, row.online, row.subcnt) == (GROUP, True, 3)
    assert (row.updated, row.touched) == (codec.stamp(2000), codec.stamp(3000))
    assert (row.seq, row.read, row.recv, row.clear) == (7, 4, 5, 2)
    assert row.public is not None
    assert row.private is not None


def test_names_are_those_the_user_knows() -> None:
    rows = contacts(contact(PAIR), contact(ids.slf_name(ALICE)), contact("chnX"), contact("sys"))
    assert [r.topic for r in rows] == [BOB, "slf", "chnX", "sys"]
    assert [r.subcnt for r in rows] == [0, 0, 3, 0]


def test_last_seen_is_told_of_people_who_are_away() -> None:
    assert contacts(contact(PAIR))[0].seen is not None
    assert contacts(contact(PAIR), online=(BOB,))[0].seen is None
    assert contacts(contact(GROUP))[0].seen is None


def test_a_ban_hides_what_is_inside() -> None:
    """Golden b-group-ban-absent-member, step 11."""
    (row,) = contacts(contact(GROUP, "RWP"), online=(GROUP,))
    assert (row.online, row.acs.mode) == (True, "RWP")
    assert (row.touched, row.seq, row.read, row.subcnt) == ("", 0, 0, 0)
    assert row.public is not None
    assert row.private is not None


def test_without_r_no_numbers() -> None:
    (row,) = contacts(contact(GROUP, "JWP"))
    assert (row.seq, row.read, row.touched) == (0, 0, row.updated)


def test_what_has_not_changed_since_is_left_out_and_others_online_are_named() -> None:
    gone = contact("grpGone", deleted_ms=2500)
    rows = contacts(contact(GROUP), gone, online=(GROUP, BOB), ims=2000)
    assert rows[0].public is rows[0].private is None
    assert rows[1] == SubRow(topic="grpGone", deleted=codec.stamp(2500), acs=Acs())
    assert rows[2:] == [SubRow(topic=BOB, online=True, acs=Acs())]


def test_whoever_muted_me_sees_nobody_online() -> None:
    table = {BOB: presence.Contact(online=True, enabled=True)}
    assert listing.contacts([], viewer("JS", 1), table) == []
    assert listing.contacts([], viewer("JPS", 1), table, only=GROUP) == []


def test_modes_of_others_are_for_sharers() -> None:
    """Golden b-group-member-list-by-viewer."""
    rows = [subscriber(ALICE, "JRWP"), subscriber(BOB, "JRWP"), subscriber("usrX", "JRWPASDO")]
    modes_seen = [r.acs.mode for r in listing.members(rows, Kind.GRP, viewer("JRWP"), {})]
    assert modes_seen == ["JRWP", "", "JRWPASDO"]
    modes_seen = [r.acs.mode for r in listing.members(rows, Kind.GRP, viewer("JRWPS"), {})]
    assert modes_seen == ["JRWP", "JRWP", "JRWPASDO"]


def test_the_own_row_has_more() -> None:
    rows = [subscriber(ALICE, "JRWP"), subscriber(BOB, "JRWP")]
    mine, other = listing.members(rows, Kind.GRP, viewer(), {})
    assert (mine.clear, other.clear) == (2, 0)
    assert (mine.private is None, other.private is None) == (False, True)
    assert (other.read, other.recv) == (4, 5)


def test_who_is_attached_is_shown_to_those_with_p() -> None:
    live = {BOB: Member(BOB, 0, 0, online=1)}
    rows = [subscriber(BOB, "JRWP")]
    assert listing.members(rows, Kind.GRP, viewer("JRWP"), live)[0].online
    assert not listing.members(rows, Kind.GRP, viewer("JRW"), live)[0].online
    assert not listing.members(rows, Kind.P2P, viewer("JRWP"), live)[0].online


def test_a_conversation_shows_no_profiles() -> None:
    (row,) = listing.members([subscriber(BOB, "RWA")], Kind.P2P, viewer(), {})
    assert (row.public, row.read) == (None, 4)


def test_a_new_profile_is_news_about_a_member() -> None:
    rows = [subscriber(BOB, "JR", profile_ms=5000), subscriber("usrX", "JR")]
    fresh, stale = listing.members(rows, Kind.GRP, viewer(ims=2000), {})
    assert (fresh.public is None, stale.public is None) == (False, True)


def test_the_own_subscription_from_outside() -> None:
    mine = Member(ALICE, modes.PUBLIC, modes.PUBLIC, 3, 2, 1, b"1", updated_ms=7)
    row = listing.own(mine, Kind.GRP)
    assert (row.user, row.read, row.recv, row.clear) == (ALICE, 3, 2, 1)
    assert row.private is not None
    assert listing.own(mine, Kind.FND).private is None
    assert listing.own_deleted(7) == SubRow(deleted=codec.stamp(7), acs=Acs())


def test_search_results_name_what_one_would_attach_to() -> None:
    group = Found(GROUP, False, 10, modes.PUBLIC, 0, 3, b"1", None, ["a"])
    person = group._replace(name=BOB, subcnt=0)
    channel = group._replace(is_channel=True, auth=modes.CHNWRITE)

    def found(level: Level) -> list[tuple[str, str]]:
        rows = listing.found([group, person, channel], Viewer(ALICE, level, None), Limits())
        assert all(r.private == ["a"] and r.user == "" for r in rows)
        return [(r.topic, r.acs.mode) for r in rows]

    chn = ids.chn_of(GROUP)
    assert found(Level.AUTH) == [(GROUP, "JRWPS"), (BOB, "JRWPS"), (chn, "JRP")]
    assert found(Level.ANON) == [(GROUP, "N"), (BOB, "N"), (chn, "JRP")]
    assert found(Level.ROOT) == [(GROUP, "JRWPS"), (BOB, "JRWPAD"), (chn, "JRP")]
