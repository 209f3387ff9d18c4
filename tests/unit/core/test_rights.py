"""What may be given to others, who may be invited and removed."""

from dataclasses import replace

import pytest

from chinwag.core import membership, modes, rights
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.membership import Change
from chinwag.core.rights import Guest
from chinwag.core.state import Member, TopicState
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Dacs
from stage import ALICE, BOB, CAROL

LIMITS = Limits()
DENIED = ctrl.PERMISSION_DENIED


def mode(text: str) -> int:
    return modes.parse(text)


def member(uid: str, want: str, given: str) -> Member:
    return Member(uid, mode(want), mode(given))


def group(*members: Member, auth: str = "JRWPS", owner: str = ALICE) -> TopicState:
    """A group of Alice's with these members beside her."""
    state = TopicState("grpX", 0, 0, 0, owner=owner, auth=mode(auth))
    everybody = (member(ALICE, "JRWPASDO", "JRWPASDO"), *members)
    state.members = {m.uid: m for m in everybody}
    return state


def outcome(change: Change) -> tuple[str, str]:
    """Want and given of a change."""
    return modes.text(change.member.want), modes.text(change.member.given)


def refusal(reply: Reply) -> "pytest.RaisesExc[Refused]":
    return pytest.raises(Refused, check=lambda refused: refused.reply == reply)


@pytest.mark.parametrize(
    ("actor", "text", "given"),
    [
        (None, "", DENIED),
        ("JRWP", "", DENIED),
        ("JRWPS", "", "none"),
        ("JRWPS", "JR", DENIED),
        ("JRWPA", "JRWPASD", "JRWPASD"),
        ("JRWPA", "JRO", DENIED),
        ("JRWPASDO", "JRO", "JRO"),
        ("JRWPASDO", "+A", ctrl.MALFORMED),
    ],
)
def test_what_may_be_given_to_others(actor: str | None, text: str, given: str | Reply) -> None:
    """02 §7.2, checks and table of actors: who has A may give A and D he has not (QUIRK)."""
    state = group()
    uid = ALICE if actor == "JRWPASDO" else BOB
    who = None if actor is None else member(uid, actor, actor)
    if isinstance(given, Reply):
        with refusal(given):
            rights.decide_mode_for_other(state, Kind.GRP, who, text, LIMITS)
        return
    found = rights.decide_mode_for_other(state, Kind.GRP, who, text, LIMITS)
    assert found == (modes.UNSET if given == "none" else mode(given))


@pytest.mark.parametrize("kind", [Kind.ME, Kind.FND, Kind.SLF, Kind.SYS])
def test_nobody_is_invited_into_what_is_ones_own(kind: Kind) -> None:
    """T08: S and O on `me`, `fnd`, `slf` and `sys` invite nobody."""
    with refusal(DENIED):
        rights.decide_mode_for_other(
            group(), kind, member(ALICE, "JRWPASDO", "JRWPASDO"), "", LIMITS
        )


def test_readers_and_suspended_owners_change_nobodys_rights() -> None:
    """02 §7.2, checks 1 and 3; T16."""
    everything = member(ALICE, "JRWPASDO", "JRWPASDO")
    for state, actor in (
        (replace(group(), read_only=True), everything),
        (group(), replace(everything, reader=True)),
    ):
        with refusal(DENIED):
            rights.decide_mode_for_other(state, Kind.GRP, actor, "JR", LIMITS)


@pytest.mark.parametrize(("text", "given"), [("N", "A"), ("JRWSO", "JRWA"), ("JRWPASD", "JRWPAD")])
def test_what_a_party_grants_the_other(text: str, given: str) -> None:
    """02 §7.2, p2p: O and S vanish, A cannot be taken away."""
    party = member(ALICE, "JRWPA", "JRWPA")
    found = rights.decide_mode_for_other(group(owner=""), Kind.P2P, party, text, LIMITS)
    assert modes.text(found) == given


@pytest.mark.parametrize(
    ("target", "text", "reply"),
    [
        (BOB, "", ctrl.NOT_MODIFIED),
        (BOB, "JRWPS", ctrl.NOT_MODIFIED),
        (ALICE, "JR", DENIED),
        (ALICE, "RWO", DENIED),
    ],
)
def test_grants_that_change_nothing_or_touch_the_owner(
    target: str, text: str, reply: Reply
) -> None:
    """02 §7.2, member table, rows 1 and 2."""
    state = group(member(BOB, "JRWPS", "JRWPS"))
    with refusal(reply):
        rights.decide_grant(state, state.members[target], mode(text))


def test_offering_ownership_to_who_wants_it_hands_it_over() -> None:
    """T13: there is never a moment with two effective owners."""
    state = group(member(BOB, "JRWPSO", "JRWPS"), member(CAROL, "JRWPS", "JRWPS"))
    assert rights.decide_grant(state, state.members[BOB], mode("JRWPSO")).transfer
    assert not rights.decide_grant(state, state.members[CAROL], mode("JRWPSO")).transfer


@pytest.mark.parametrize(
    ("wants", "stored", "text", "after"),
    [
        ("JRWPAS", None, "", ("JRWPS", "JRWPS")),
        ("JRWPAS", None, "JRWPASD", ("JRWPAS", "JRWPASD")),
        ("JRP", None, "", ("JRP", "JRWPS")),
        ("N", None, "", DENIED),
        ("JRWPAS", None, "RW", DENIED),
        ("N", member(BOB, "JRW", "N"), "JRWPS", ("JRW", "JRWPS")),
        ("JRWPAS", member(BOB, "N", "JRWPS"), "", DENIED),
        ("JRWPAS", member(BOB, "JRWO", "JR"), "JRO", ("JRW", "JRO")),
    ],
)
def test_invitations(
    wants: str, stored: Member | None, text: str, after: tuple[str, str] | Reply
) -> None:
    """02 §7.2, invite table: an old wish counts, a ban is lifted, who wants no J turns it down."""
    guest = Guest(BOB, mode(wants), stored, 0)
    if isinstance(after, Reply):
        with refusal(after):
            rights.decide_invite(group(), Kind.GRP, guest, mode(text))
        return
    invited = rights.decide_invite(group(), Kind.GRP, guest, mode(text))
    assert outcome(invited) == after
    assert membership.dacs(invited) == Dacs(*after)


def test_an_invitation_lets_into_a_closed_group() -> None:
    """02 §7.2, T-S29: the default and J, whatever the default is."""
    guest = Guest(BOB, mode("JRWPAS"), None, 0)
    invited = rights.decide_invite(group(auth="RWPS"), Kind.GRP, guest, modes.UNSET)
    assert outcome(invited) == ("JRWPS", "JRWPS")


def test_a_peer_who_left_is_invited_back_with_the_old_modes() -> None:
    """T07, T06: the other party's own mute stays."""
    guest = Guest(BOB, mode("JRWPAS"), replace(member(BOB, "JRWA", "RWPA"), gone=True), 0)
    invited = rights.decide_invite(group(owner=""), Kind.P2P, guest, modes.UNSET)
    assert outcome(invited) == ("JRWA", "JRWPA")


@pytest.mark.parametrize(
    ("kind", "actor", "uid", "reply"),
    [
        (Kind.GRP, "JRWPS", CAROL, DENIED),
        (Kind.GRP, "JRWPA", "", DENIED),
        (Kind.GRP, "JRWPA", BOB, DENIED),
        (Kind.P2P, "JRWPA", CAROL, DENIED),
        (Kind.SYS, "JRWPD", "usrX", DENIED),
        (Kind.SLF, "JRWDO", "usrX", ctrl.NO_ACTION),
        (Kind.GRP, "JRWPA", "usrX", ctrl.NO_ACTION),
        (Kind.GRP, "JRWPA", "usrReader", ctrl.NO_ACTION),
        (Kind.GRP, "JRWPA", ALICE, DENIED),
        (Kind.GRP, "JRWPA", "usrAway", DENIED),
        (Kind.GRP, "JRWPA", CAROL, None),
    ],
)
def test_who_may_be_removed(kind: Kind, actor: str, uid: str, reply: Reply | None) -> None:
    """02 §11.2: by admins, not the owner, not who has banned himself, no reader (T22)."""
    reader = replace(member("usrReader", "JRP", "JRP"), reader=True)
    away = member("usrAway", "N", "JRWPS")
    state = group(member(BOB, actor, actor), member(CAROL, "JRWPS", "N"), reader, away)
    if reply is None:
        assert rights.decide_eject(state, kind, state.members[BOB], uid).uid == uid
        with refusal(DENIED):  # T16
            rights.decide_eject(replace(state, read_only=True), kind, state.members[BOB], uid)
        return
    with refusal(reply):
        rights.decide_eject(state, kind, state.members[BOB], uid)
