"""Who may join, with which modes, and what becomes of a subscription."""

from dataclasses import replace

import pytest

from chinwag.core import membership, modes, rights
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.membership import CLEARED, Change, Wish
from chinwag.core.state import Level, Member, TopicState
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import SetSub
from stage import ALICE, BOB, CAROL

LIMITS = Limits(max_subscriber_count=3)
DENIED = ctrl.PERMISSION_DENIED


def mode(text: str) -> int:
    return modes.parse(text)


def member(uid: str, want: str, given: str) -> Member:
    return Member(uid, mode(want), mode(given))


def group(*members: Member, auth: str = "JRWPS", anon: str = "N", owner: str = ALICE) -> TopicState:
    """A group of Alice's with these members beside her."""
    state = TopicState("grpX", 0, 0, 0, owner=owner, auth=mode(auth), anon=mode(anon))
    everybody = (member(ALICE, "JRWPASDO", "JRWPASDO"), *members)
    state.members = {m.uid: m for m in everybody}
    return state


FULL_HOUSE = (member(CAROL, "JR", "JR"), member("usrX", "JR", "JR"))


def wish(text: str = "", uid: str = BOB, level: Level = Level.AUTH) -> Wish:
    return Wish(uid, level, mode(text))


def outcome(change: Change) -> tuple[str, str]:
    """Want and given of a change."""
    return modes.text(change.member.want), modes.text(change.member.given)


def own(state: TopicState, uid: str, text: str, kind: Kind = Kind.GRP) -> Change:
    return membership.decide_own(state, kind, state.members[uid], wish(text, uid), LIMITS)


def refusal(reply: Reply) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda refused: refused.reply == reply)


# --- joining --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "level", "want", "given"),
    [
        ("", Level.AUTH, "JRWPS", "JRWPS"),
        ("", Level.ANON, "JR", "JR"),
        ("", Level.ROOT, "JRWPS", "JRWPS"),
        ("JRWPASD", Level.AUTH, "JRWPASD", "JRWPS"),
        ("N", Level.AUTH, "N", "JRWPS"),
    ],
)
def test_newcomers_get_the_default_and_keep_their_wish(
    asked: str, level: Level, want: str, given: str
) -> None:
    """02 §3.3, §5.8 A, QUIRK: A and D may be asked for and stay a request."""
    joined = membership.decide_join(
        group(anon="JR"), Kind.GRP, wish(asked, level=level), None, LIMITS
    )
    assert outcome(joined) == (want, given)
    assert joined.fresh
    assert (joined.old_want, joined.old_given) == (0, 0)


def test_ownership_is_not_asked_for_when_joining() -> None:
    """T13: a wish for O would make a second owner of whom it is offered to later."""
    joined = membership.decide_join(group(), Kind.GRP, wish("JRWPSO"), None, LIMITS)
    assert outcome(joined) == ("JRWPS", "JRWPS")


@pytest.mark.parametrize(
    ("state", "level", "reply"),
    [
        (group(auth="RWPS"), Level.AUTH, DENIED),
        (group(), Level.ANON, DENIED),
        (group(), Level.NONE, DENIED),
        (group(*FULL_HOUSE), Level.AUTH, ctrl.POLICY),
        (group(*FULL_HOUSE, auth="N"), Level.AUTH, ctrl.POLICY),
        (replace(group(), read_only=True), Level.AUTH, DENIED),
    ],
)
def test_who_may_not_join(state: TopicState, level: Level, reply: Reply) -> None:
    """02 §4.5, §5.8 A1 before A4; T16: a topic that may only be read takes nobody in."""
    with refusal(reply):
        membership.decide_join(state, Kind.GRP, wish(level=level), None, LIMITS)


def test_readers_and_those_who_left_do_not_fill_a_group() -> None:
    """T22: channel readers do not use up the limit."""
    reader = replace(member(CAROL, "JRP", "JRP"), reader=True)
    state = group(reader, replace(member("usrX", "JR", "JR"), gone=True))
    assert membership.members_count(state) == 1
    membership.decide_join(state, Kind.GRP, wish(), None, LIMITS)


@pytest.mark.parametrize(
    ("stored", "given"),
    [("JRWPS", "JRWPS"), ("JR", "JR"), ("JRWPASD", "JRWPS"), ("JRWPASDO", "JRWPS")],
)
def test_who_left_returns_with_the_old_grant_but_without_power(stored: str, given: str) -> None:
    """T14: a voluntary return keeps the grant, but A, D and O."""
    joined = membership.decide_join(
        group(auth="N"), Kind.GRP, wish("JRWPAS"), member(BOB, "JRWPAS", stored), LIMITS
    )
    assert modes.text(joined.member.given) == given


@pytest.mark.parametrize(
    ("before", "level", "after"),
    [("JRWPASD", Level.AUTH, "JRWPS"), ("JR", Level.AUTH, "JRWPS"), ("JRWPAS", Level.ANON, "J")],
)
def test_who_was_removed_returns_with_the_default(before: str, level: Level, after: str) -> None:
    """T14: removing resets the grant to the default, of the level with which one returns."""
    removed = member(BOB, "JRWPAS", before)
    kept = replace(removed, given=rights.grant_after_eject(removed))
    joined = membership.decide_join(group(anon="J"), Kind.GRP, wish(level=level), kept, LIMITS)
    assert modes.text(joined.member.given) == after


def test_a_ban_outlives_removal_and_departure() -> None:
    """02 §7.3, T14: who was banned before stays out."""
    banned = member(BOB, "JRWPS", "RW")
    assert rights.grant_after_eject(banned) == banned.given
    with refusal(DENIED):
        membership.decide_join(group(), Kind.GRP, wish(), banned, LIMITS)


@pytest.mark.parametrize(
    ("asked", "stored", "want"),
    [("", "JRWPA", "JRWPA"), ("", "A", "A"), ("JRS", "JRWPA", "JRA"), ("N", "JRWPA", "A")],
)
def test_a_party_returns_to_a_conversation(asked: str, stored: str, want: str) -> None:
    """T05, 02 §5.8 A: the other one's grant is kept, the old wish too unless there is a new one."""
    joined = membership.decide_join(
        group(owner=""), Kind.P2P, wish(asked), member(BOB, stored, "JRWPAS"), LIMITS
    )
    assert outcome(joined) == (want, "JRWPAS")


@pytest.mark.parametrize("stored", [None, member(BOB, "JRWPA", "A")])
def test_who_was_blocked_cannot_return(stored: Member | None) -> None:
    """T05: leaving a conversation is no way around a ban."""
    with refusal(DENIED):
        membership.decide_join(group(owner=""), Kind.P2P, wish(), stored, LIMITS)


@pytest.mark.parametrize(
    ("asked", "want"), [("", "JRWPD"), ("RA", "JRW"), ("N", "JW"), ("JRWPASDO", "JRWPD")]
)
def test_root_joins_the_reports(asked: str, want: str) -> None:
    """02 §5.7."""
    joined = membership.decide_join(group(), Kind.SYS, wish(asked, level=Level.ROOT), None, LIMITS)
    assert outcome(joined) == (want, "JRWPD")


def test_only_root_joins_the_reports() -> None:
    """02 §5.7."""
    with refusal(DENIED):
        membership.decide_join(group(), Kind.SYS, wish(), None, LIMITS)


@pytest.mark.parametrize("kind", [Kind.P2P, Kind.SLF, Kind.SYS])
@pytest.mark.parametrize("level", [Level.ANON, Level.AUTH])
def test_what_has_no_default_access(kind: Kind, level: Level) -> None:
    """T01, T02: whatever the topic shows, nobody gets in by default."""
    assert membership.default_access(group(auth="JRWDO"), kind, level, LIMITS) == 0


# --- channel readers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("stored", "asked", "want"),
    [
        (None, "", "JRP"),
        (None, "N", "JR"),
        (None, "JRWPASDO", "JRP"),
        ("JR", "", "JR"),
        ("JR", "P", "JRP"),
    ],
)
def test_readers_get_no_more_and_no_less(stored: str | None, asked: str, want: str) -> None:
    """02 §5.8 A, T22, T31b: J and R stay, nothing but P can be changed, the record counts."""
    record = None if stored is None else member(BOB, stored, "JRP")
    change = membership.decide_reader(group(auth="RWPS"), wish(asked), record)
    assert outcome(change) == (want, "JRP")
    assert change.member.reader
    assert change.fresh is (record is None)


def test_a_channel_that_may_only_be_read_keeps_its_readers_and_takes_no_more() -> None:
    """T16."""
    state = replace(group(), read_only=True)
    with refusal(DENIED):
        membership.decide_reader(state, wish(), None)
    assert membership.decide_reader(state, wish(), member(BOB, "JRP", "JRP")).changed is False


# --- the own wish ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "want", "asked", "after"),
    [
        ("JRWPS", "JRWPS", "JR", ("JR", "JRWPS")),
        ("JRWPS", "JRWPS", "JRWPAS", ("JRWPAS", "JRWPS")),
        ("JRWPS", "JRWPS", "JRWPSO", DENIED),
        ("JRWPS", "JRWPS", "N", ("N", "JRWPS")),
        ("JRWPS", "N", "", ("JRWPS", "JRWPS")),
        ("N", "N", "", ("JRWPS", "N")),
        ("JRWPS", "JR", "", ("JR", "JRWPS")),
        ("JRWPA", "JRWPA", "JRWPAS", ("JRWPAS", "JRWPAS")),
        ("JRA", "JRWPS", "JRWPASD", ("JRWPASD", "JRWPAS")),
        ("JRWPAS", "JRWPASD", "JRWPASD", ("JRWPASD", "JRWPAS")),
        ("JRWPASO", "JRWPS", "JRWPAS", ("JRWPAS", "JRWPASO")),
        ("JRWPASO", "N", "", ("JRWPAS", "JRWPASO")),
    ],
)
def test_what_a_member_may_wish(
    given: str, want: str, asked: str, after: tuple[str, str] | Reply
) -> None:
    """02 §7.1, the table; T13, last row: coming back does not accept an offer."""
    state = group(member(BOB, want, given))
    if isinstance(after, Reply):
        with refusal(after):
            own(state, BOB, asked)
        return
    change = own(state, BOB, asked)
    assert outcome(change) == after
    assert not change.transfer


@pytest.mark.parametrize(
    ("asked", "after"),
    [("JRO", ("JRO", "JRWPASDO")), ("JRW", DENIED), ("RWO", DENIED), ("N", DENIED)],
)
def test_an_owner_stays_owner_and_inside(asked: str, after: tuple[str, str] | Reply) -> None:
    """02 §5.8 B2, §7.1."""
    if isinstance(after, Reply):
        with refusal(after):
            own(group(), ALICE, asked)
    else:
        assert outcome(own(group(), ALICE, asked)) == after


def test_an_owner_grants_himself_what_he_wishes() -> None:
    """02 §7.1, row 12."""
    state = group()
    state.members[ALICE] = member(ALICE, "JRWPASO", "JRWPASO")
    assert outcome(own(state, ALICE, "JRWPASDO")) == ("JRWPASDO", "JRWPASDO")


def test_who_accepts_an_offer_becomes_the_only_owner() -> None:
    """T13, 02 §7.4: the old owner and everybody with another offer lose O at the same time."""
    state = group(member(BOB, "JRWPS", "JRWPSO"), member(CAROL, "JRWPS", "JRWPASO"))
    change = own(state, BOB, "JRWPASDO")
    assert change.transfer
    assert outcome(change) == ("JRWPASDO", "JRWPASDO")
    losers = membership.after_transfer(state, change.member)
    assert {m.uid: (modes.text(m.want), modes.text(m.given)) for m in losers} == {
        ALICE: ("JRWPASD", "JRWPASD"),
        CAROL: ("JRWPS", "JRWPAS"),
    }


@pytest.mark.parametrize(
    ("asked", "want"), [("N", "A"), ("JRWPASD", "JRWPAD"), ("JRS", "JRA"), ("", "JRWPAS")]
)
def test_the_wish_of_a_party(asked: str, want: str) -> None:
    """02 §5.8 B6, §7.5: approval stays, and a wish is cut down to the modes of conversations.

    02 §5.8 B7, §5.9: who was away by the own wish is back with all that is granted.
    """
    state = group(member(BOB, "A" if not asked else "JRWPA", "JRWPAS"), owner="")
    assert outcome(own(state, BOB, asked, Kind.P2P)) == (want, "JRWPAS")


@pytest.mark.parametrize(
    ("want", "asked", "allowed"),
    [
        ("JRWPS", "", True),
        ("JRWPS", "JRWS", True),
        ("JRWS", "JRWPS", True),
        ("JRWPS", "JR", False),
        ("JRWPS", "N", False),
        ("JRWPS", "JRWPAS", False),
        ("N", "", False),
    ],
)
def test_what_may_be_wished_where_one_may_only_read(want: str, asked: str, allowed: bool) -> None:
    """T16: muting, and nothing else, while the owner is suspended."""
    state = replace(group(member(BOB, want, "JRWPS")), read_only=True)
    if allowed:
        own(state, BOB, asked)
    else:
        with refusal(DENIED):
            own(state, BOB, asked)


@pytest.mark.parametrize(
    ("sent", "kept"), [(None, b'{"a":1}'), (CLEARED, None), (b'"new"', b'"new"')]
)
def test_the_private_note_sent_along(sent: bytes | None, kept: bytes | None) -> None:
    """02 §5.8 B8: absent leaves it, the null marker clears it, anything else replaces it."""
    known = replace(member(BOB, "JR", "JR"), private=b'{"a":1}')
    change = membership.decide_own(
        group(known), Kind.GRP, known, replace(wish(), private=sent), LIMITS
    )
    assert change.member.private == kept
    assert not change.changed


@pytest.mark.parametrize(
    ("asked", "after"),
    [
        ("", ("N", "JRWPSO")),
        ("JR", ("JR", "JRWPSO")),
        ("JRO", DENIED),
    ],
)
def test_the_own_wish_from_outside(asked: str, after: tuple[str, str] | Reply) -> None:
    """02 §10.4, T20: as from inside, but ownership is not taken and a note brings nobody back."""
    state = group(member(BOB, "N", "JRWPSO"))
    noted = replace(wish(asked), private=b"1")
    if isinstance(after, Reply):
        with refusal(after):
            membership.decide_from_outside(state, Kind.GRP, state.members[BOB], noted, LIMITS)
        return
    change = membership.decide_from_outside(state, Kind.GRP, state.members[BOB], noted, LIMITS)
    assert (outcome(change), change.member.private) == (after, b"1")


def test_an_owner_cannot_lock_himself_out_from_outside() -> None:
    """T20 c."""
    state = group()
    with refusal(DENIED):
        membership.decide_from_outside(
            state, Kind.GRP, state.members[ALICE], wish("RWO", ALICE), LIMITS
        )


@pytest.mark.parametrize(
    ("part", "mode_asked"),
    [(None, modes.UNSET), (SetSub(), modes.UNSET), (SetSub(mode="jr"), modes.J | modes.R)],
)
def test_a_sub_asks_for_a_mode(part: SetSub | None, mode_asked: int) -> None:
    """02 §2.2, §5.1."""
    assert membership.asked(part) == mode_asked


@pytest.mark.parametrize("part", [SetSub(user=BOB), SetSub(mode="+A"), SetSub(mode="JN")])
def test_a_sub_is_about_oneself_and_names_a_mode(part: SetSub) -> None:
    """02 §5.1, check 7; §2.2: deltas are not accepted."""
    with refusal(ctrl.MALFORMED):
        membership.asked(part)


# --- leaving --------------------------------------------------------------------------------


def test_who_may_leave() -> None:
    """02 §6: everybody but the owner, and nobody twice."""
    state = group(member(BOB, "N", "N"), replace(member(CAROL, "JR", "JR"), gone=True))
    assert membership.decide_unsubscribe(state, state.members[BOB]).uid == BOB
    with refusal(DENIED):
        membership.decide_unsubscribe(state, state.members[ALICE])
    for nobody in (None, state.members[CAROL]):
        with refusal(ctrl.NO_ACTION):
            membership.decide_unsubscribe(state, nobody)
