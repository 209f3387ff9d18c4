"""New topics, decided before anything is stored (T11)."""

import pytest
from msgspec import Raw

from chinwag.core import creation, ids, modes
from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.membership import Wish
from chinwag.core.state import Level, TopicState, User
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Defacs, SetDesc, SetQuery, SetSub, Sub
from stage import ALICE, BOB

LIMITS = Limits()
NAME = ids.p2p_name(ALICE, BOB)
ERASE = Raw(b'"\\u2421"')


def wish(text: str = "", level: Level = Level.AUTH) -> Wish:
    return Wish(ALICE, level, modes.parse(text))


def group(query: SetQuery | None, topic: str = "new1", level: Level = Level.AUTH) -> TopicState:
    return creation.group("grpX", Sub(topic=topic, set=query), wish(level=level), LIMITS)


def account(uid: str, auth: str = "JRWPASD", anon: str = "N") -> User:
    return User(uid, 0, 0, auth=modes.parse(auth), anon=modes.parse(anon))


def pair(
    text: str = "",
    *,
    auth: str | None = None,
    level: Level = Level.AUTH,
    alice: str = "JRWPASD",
    bob: str = "JRWPASD",
) -> tuple[tuple[str, str], tuple[str, str]]:
    """Want and given of Alice, who opens a conversation, and of Bob."""
    desc = None if auth is None else SetDesc(defacs=Defacs(auth=auth))
    packet = Sub(topic=BOB, set=SetQuery(desc=desc))
    parties = account(ALICE, alice), account(BOB, bob)
    state = creation.p2p(NAME, packet, wish(text, level), parties, LIMITS)
    assert state.owner is None
    first, second = ((m.want, m.given) for m in (state.members[ALICE], state.members[BOB]))
    return (
        (modes.text(first[0]), modes.text(first[1])),
        (modes.text(second[0]), modes.text(second[1])),
    )


# --- groups ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topic", "auth", "is_channel"), [("new1", "JRWPS", False), ("nch", "RWPS", True)]
)
def test_a_new_group_and_a_new_channel(topic: str, auth: str, is_channel: bool) -> None:
    """02 §3.2, §5.2."""
    state = group(None, topic)
    assert (modes.text(state.auth), state.anon, state.is_channel) == (auth, 0, is_channel)
    owner = state.members[ALICE]
    assert (state.owner, owner.want, owner.given) == (ALICE, modes.FULL, modes.FULL)


@pytest.mark.parametrize(
    ("text", "want"), [("", "JRWPASDO"), ("RW", "JRWO"), ("N", "JO"), ("JRWPASDO", "JRWPASDO")]
)
def test_an_owner_is_inside_and_owns(text: str, want: str) -> None:
    """T11: a mode without J or O is accepted with them."""
    state = group(SetQuery(sub=SetSub(mode=text)))
    assert modes.text(state.members[ALICE].want) == want
    assert state.members[ALICE].given == modes.FULL


@pytest.mark.parametrize(
    ("query", "reply"),
    [
        (SetQuery(sub=SetSub(mode="Z")), ctrl.MALFORMED),
        (SetQuery(sub=SetSub(user=BOB)), ctrl.MALFORMED),
        (SetQuery(desc=SetDesc(trusted=Raw(b"{}"))), ctrl.PERMISSION_DENIED),
        (SetQuery(desc=SetDesc(trusted=ERASE)), ctrl.PERMISSION_DENIED),
        (SetQuery(tags=["email:a@b.c"], sub=SetSub(mode="Z")), ctrl.PERMISSION_DENIED),
        (SetQuery(tags=["alias:one", "alias:two"]), ctrl.MALFORMED),
    ],
)
def test_groups_that_are_refused(query: SetQuery, reply: Reply) -> None:
    """02 §5.2, T-S04, T11, T25: tags and `trusted` are looked at before the mode."""
    with pytest.raises(Refused) as refused:
        group(query)
    assert refused.value.reply == reply


def test_only_root_makes_a_trusted_group() -> None:
    """02 §5.2: null is no value, root's is stored."""
    assert group(SetQuery(desc=SetDesc(trusted=Raw(b"null")))).trusted is None
    trusted = group(SetQuery(desc=SetDesc(trusted=Raw(b'{"staff":true}'))), level=Level.ROOT)
    assert trusted.trusted == b'{"staff":true}'


@pytest.mark.parametrize(
    ("sent", "auth", "anon"),
    [
        (Defacs("JRWPASDO", "JRO"), "JRWPASD", "JR"),
        (Defacs("JR", "?"), "JR", "N"),
        (Defacs("?", "JR"), "JRWPS", "JR"),
        (Defacs("", ""), "JRWPS", "N"),
        (Defacs("N", ""), "N", "N"),
    ],
)
def test_default_access_of_a_new_group(sent: Defacs, auth: str, anon: str) -> None:
    """02 §3.4: ownership is cut off, what cannot be read leaves the default."""
    state = group(SetQuery(desc=SetDesc(defacs=sent)))
    assert (modes.text(state.auth), modes.text(state.anon)) == (auth, anon)


def test_values_of_a_new_group() -> None:
    """02 §5.2: the null marker stores nothing; tags are cleaned."""
    desc = SetDesc(public=Raw(b'{"fn":"G"}'), private=ERASE)
    state = group(SetQuery(desc=desc, tags=[" Garden ", "flowers", "flowers"]))
    assert (state.public, state.members[ALICE].private) == (b'{"fn":"G"}', None)
    assert state.tags == ["flowers", "garden"]


# --- notes ----------------------------------------------------------------------------------


def test_own_notes() -> None:
    """02 §5.6: `public` is passed over, reserved tags are refused."""
    query = SetQuery(desc=SetDesc(public=Raw(b"1")), tags=["abc"])
    state = creation.slf("slfX", Sub(topic="slf", set=query), wish(), LIMITS)
    own = state.members[ALICE]
    assert (own.want, own.given, state.public, state.tags) == (
        modes.SELF,
        modes.SELF,
        None,
        ["abc"],
    )
    with pytest.raises(Refused):
        creation.slf("slfX", Sub(topic="slf", set=SetQuery(tags=["basic:x"])), wish(), LIMITS)


# --- conversations --------------------------------------------------------------------------


def test_a_new_conversation() -> None:
    """02 §5.4, QUIRK: what the peer grants is not cut down to the modes of conversations."""
    assert pair() == (("JRWPAD", "JRWPASD"), ("JRWPAD", "JRWPAD"))


def test_modes_asked_for_and_offered() -> None:
    """02 §5.4, T-S21: `defacs.auth` is what the peer gets, a bad one the default."""
    assert pair("JRP", auth="JRW") == (("JRPA", "JRWPASD"), ("JRWPAD", "JRWA"))
    assert pair(auth="?") == pair(auth="") == pair()


@pytest.mark.parametrize(
    ("text", "want"),
    [("N", "A"), ("JRS", "JRA"), ("RW", "RWA")],
)
def test_the_wish_of_who_opens_a_conversation(text: str, want: str) -> None:
    """02 §5.4, last sentences; T-S24: it is decided as if he had been there, J is not added."""
    assert pair(text)[0][0] == want


def test_ownership_of_a_conversation_cannot_be_wished_for() -> None:
    """02 §5.8 B3; T11: nothing is made."""
    with pytest.raises(Refused) as refused:
        pair("JRWPASDO")
    assert refused.value.reply == ctrl.PERMISSION_DENIED


def test_who_gives_nothing_by_default_may_still_open_a_conversation() -> None:
    """02 §5.4 with 5.8 B7: his own wish is restored to what he is given."""
    assert pair(alice="N") == (("JRWPASD", "JRWPASD"), ("JRWPAD", "A"))


@pytest.mark.parametrize(
    ("bob", "level"), [("N", Level.AUTH), ("RWPA", Level.AUTH), ("JRWPASD", Level.ANON)]
)
def test_conversations_the_peer_does_not_want(bob: str, level: Level) -> None:
    """02 §5.4, T-S25, T11: refused by the peer's defaults for the level; nothing is made."""
    with pytest.raises(Refused) as refused:
        pair(bob=bob, level=level)
    assert refused.value.reply == ctrl.PERMISSION_DENIED


def test_root_gets_through_to_everybody() -> None:
    """02 §5.4: root is granted the modes of conversations whatever the peer's defaults."""
    assert pair(bob="N", level=Level.ROOT) == (("JRWPAD", "JRWPAD"), ("JRWPAD", "JRWPAD"))
