"""What a viewer sees. Source: specification 02, paragraphs 8.1 and 10.2."""

import pytest

from chinwag.core import describe, ids, modes
from chinwag.core.describe import Viewer
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.state import Level, Member, State, TopicState, User
from chinwag.wire import codec
from chinwag.wire.messages import Acs, Defacs, Desc, Seen

ALICE, BOB = ids.uid_text(1), ids.uid_text(2)
FULL = modes.FULL


def topic(*members: Member) -> TopicState:
    """A group that was made at 1000, changed at 2000 and written to at 3000."""
    return TopicState(
        "grpAQAAAAAAAAA",
        1000,
        2000,
        3000,
        seq=7,
        clear=5,
        clear_hard=3,
        auth=modes.PUBLIC,
        public=b'{"fn":"G"}',
        trusted=b"1",
        members={m.uid: m for m in members},
    )


def member(uid: str, mode: str, **more: object) -> Member:
    """A member with the same want and given."""
    made = Member(uid, modes.parse(mode), modes.parse(mode), updated_ms=1500, private=b"[1]")
    for name, value in more.items():
        setattr(made, name, value)
    return made


def see(state: TopicState, who: Member, kind: Kind = Kind.GRP, ims: int | None = None) -> Desc:
    """The description as `who` sees it."""
    return describe.desc(state, kind, Viewer(who.uid, Level.AUTH, who, ims))


def test_a_reading_sharer_sees_everything() -> None:
    who = member(ALICE, "JRWPS", read=4, recv=2, clear=2, online=1)
    shown = see(topic(who, member(BOB, "JRWPASDO")), who)
    assert (shown.created, shown.updated) == (codec.stamp(1000), codec.stamp(2000))
    assert shown.touched == codec.stamp(3000)
    assert (shown.seq, shown.read, shown.recv, shown.clear) == (7, 4, 4, 3)
    assert (shown.online, shown.subcnt, shown.chan) == (True, 2, False)
    assert shown.defacs == Defacs("JRWPS", "N")
    assert shown.private is not None
    assert bytes(shown.private) == b"[1]"


def test_without_r_no_numbers_without_p_no_presence_without_s_no_defaults() -> None:
    shown = see(topic(member(BOB, "JRWP", online=1)), member(ALICE, "JW"))
    assert (shown.seq, shown.recv, shown.clear, shown.online) == (0, 0, 0, False)
    assert shown.touched == shown.updated == codec.stamp(2000)
    assert shown.defacs is None
    assert shown.acs == Acs("JW", "JW", "JW")


@pytest.mark.parametrize(("ims", "fresh"), [(1999, True), (2000, False), (2001, False)])
def test_what_has_not_changed_since_is_left_out(ims: int, fresh: bool) -> None:
    shown = see(topic(), member(ALICE, "JRWP"), ims=ims)
    assert shown.created == ""
    assert (shown.public is not None) is (shown.private is not None) is fresh


def test_a_change_of_the_own_note_counts_as_news() -> None:
    """DEFECT T30."""
    shown = see(topic(), member(ALICE, "JRWP", updated_ms=2500), ims=2000)
    assert shown.updated == codec.stamp(2500)
    assert shown.private is not None


def test_a_conversation_is_described_by_the_peer() -> None:
    """DEFECTs T30 and D33."""
    peer = User(BOB, 1, 9000, public=b'"B"', trusted=b"2", seen_ms=8000, ua="UA")
    viewer = Viewer(ALICE, Level.AUTH, member(ALICE, "JRWPA"))
    shown = describe.desc(topic(), Kind.P2P, viewer, peer=peer)
    assert (shown.updated, shown.defacs) == (codec.stamp(9000), None)
    assert shown.seen == Seen(codec.stamp(8000), "UA")
    assert shown.public is not None
    assert bytes(shown.public) == b'"B"'
    assert shown.trusted is not None
    muted = Viewer(ALICE, Level.AUTH, member(ALICE, "JRWA"))
    assert describe.desc(topic(), Kind.P2P, muted, peer=peer).seen is None


def test_fnd_tells_a_session_its_own_query_only() -> None:
    """DEFECT T09."""
    viewer = Viewer(ALICE, Level.AUTH, member(ALICE, "JPS"))
    shown = describe.desc(topic(), Kind.FND, viewer, query=b'"q"')
    assert shown.public is not None
    assert bytes(shown.public) == b'"q"'
    assert describe.desc(topic(), Kind.FND, viewer).public is None


def test_me_shows_defaults_always_and_the_state_to_root() -> None:
    who = member(ALICE, "J")
    shown = see(topic(who), who, Kind.ME)
    assert shown.defacs is not None
    assert shown.state == ""
    root = Viewer(ALICE, Level.ROOT, who)
    assert describe.desc(topic(who), Kind.ME, root).state == "ok"


def test_somebody_without_subscription_sees_the_strangers_form() -> None:
    shown = describe.desc(topic(), Kind.GRP, Viewer(BOB, Level.ROOT, None))
    assert (shown.acs, shown.touched, shown.private) == (None, "", None)
    assert shown.public is not None


def test_readers_and_members_are_counted_the_departed_are_not() -> None:
    """DEFECT T12."""
    state = topic(member(ALICE, "JR"), member(BOB, "JRP", reader=True))
    state.members["usrX"] = member("usrX", "JR", gone=True)
    state.readers_count = 4
    assert describe.subscribers_count(state) == 5


@pytest.mark.parametrize(
    ("level", "mode"), [(Level.AUTH, "JRWPS"), (Level.ANON, "N"), (Level.ROOT, "JRWPS")]
)
def test_from_outside_a_group_offers_its_default(level: Level, mode: str) -> None:
    shown = describe.topic_from_outside(topic(), Kind.GRP, Viewer(BOB, level, None), Limits())
    assert shown.acs == Acs(mode=mode)
    assert (shown.defacs, shown.touched) == (None, "")


def test_from_outside_a_subscriber_sees_the_own_modes() -> None:
    viewer = Viewer(BOB, Level.AUTH, member(BOB, "JRP"))
    shown = describe.topic_from_outside(topic(), Kind.GRP, viewer, Limits())
    assert (shown.acs, shown.private is None) == (Acs("JRP", "JRP", "JRP"), False)


@pytest.mark.parametrize(
    ("level", "mode", "state"),
    [(Level.AUTH, "JRWPS", ""), (Level.ANON, "N", ""), (Level.ROOT, "JRWPAD", "susp")],
)
def test_from_outside_an_account_offers_its_default(level: Level, mode: str, state: str) -> None:
    user = User(BOB, 1, 2, state=State.SUSPENDED, auth=modes.PUBLIC)
    shown = describe.user_from_outside(user, Viewer(ALICE, level, None), Limits())
    assert (shown.acs, shown.state) == (Acs(mode=mode), state)
