"""{set}. Source: specification 02, paragraphs 3.4, 9.1, 9.5 and 12.2."""

import msgspec
import pytest
from msgspec import Raw

from chinwag.core import modes, revise
from chinwag.core.describe import Viewer
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.limits import Limits
from chinwag.core.state import Level, Member, TopicState
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Defacs, SetDesc

LIMITS = Limits()


def topic(**more: object) -> TopicState:
    """Alice's topic, with Bob in it."""
    state = TopicState("grpX", 1, 1, 1, owner="alice", public=b'{"fn":"A"}', auth=modes.PUBLIC)
    for uid, mode in (("alice", modes.FULL), ("bob", modes.PUBLIC)):
        state.members[uid] = Member(uid, mode, mode)
    for name, value in more.items():
        setattr(state, name, value)
    return state


def decide(
    state: TopicState, kind: Kind = Kind.GRP, by: str = "alice", **change: object
) -> revise.Revision:
    """What `by` makes of the description by this {set desc}."""
    part = msgspec.convert(
        {k: v if k == "defacs" else Raw(msgspec.json.encode(v)) for k, v in change.items()}, SetDesc
    )
    level = Level.ROOT if by == "root" else Level.AUTH
    uid = "alice" if by == "root" else by
    return revise.decide_desc(state, kind, Viewer(uid, level, state.members.get(uid)), part, LIMITS)


def refused(state: TopicState, kind: Kind = Kind.GRP, by: str = "alice", **change: object) -> Reply:
    """How this {set desc} is refused."""
    with pytest.raises(Refused) as caught:
        decide(state, kind, by, **change)
    return caught.value.reply


@pytest.mark.parametrize("kind", [Kind.ME, Kind.GRP])
def test_the_owner_changes_the_profile(kind: Kind) -> None:
    state = topic()
    revision = decide(state, kind, public={"note": "n"}, private=[1])
    revise.apply_desc(state, revision, "alice", 50)
    assert state.public == b'{"fn":"A","note":"n"}'
    assert (state.updated_ms, state.touched_ms) == (50, 50)
    assert (state.members["alice"].private, state.members["alice"].updated_ms) == (b"[1]", 50)


def test_a_private_note_changes_nothing_else() -> None:
    state = topic()
    revision = decide(state, by="bob", private={"k": 1})
    assert not revision.shared
    revise.apply_desc(state, revision, "bob", 50)
    assert (state.updated_ms, state.members["bob"].private) == (1, b'{"k":1}')


@pytest.mark.parametrize(
    ("kind", "by", "change"),
    [
        (Kind.GRP, "bob", {"public": 1, "private": 1}),
        (Kind.GRP, "bob", {"defacs": {"auth": "N"}}),
        (Kind.GRP, "alice", {"trusted": 1, "private": 1}),
        (Kind.GRP, "nobody", {"private": 1}),
        (Kind.P2P, "bob", {"public": 1}),
        (Kind.P2P, "bob", {"defacs": {"anon": "N"}}),
        (Kind.P2P, "root", {"trusted": 1}),
        (Kind.SLF, "alice", {"trusted": 1}),
    ],
)
def test_what_is_not_permitted(kind: Kind, by: str, change: dict[str, object]) -> None:
    assert refused(topic(), kind, by, **change) == ctrl.PERMISSION_DENIED


@pytest.mark.parametrize("change", [{}, {"public": None}, {"public": {}}, {"defacs": {}}])
def test_nothing_to_change(change: dict[str, object]) -> None:
    assert refused(topic(), Kind.GRP, "alice", **change) == ctrl.NOT_MODIFIED


def test_notes_to_oneself_have_no_profile() -> None:
    assert refused(topic(), Kind.SLF, public=1, defacs={"auth": "N"}) == ctrl.NOT_MODIFIED


def test_a_suspended_owners_group_keeps_private_notes_only() -> None:
    """DEFECT T16."""
    state = topic(read_only=True)
    assert refused(state, public=1) == ctrl.PERMISSION_DENIED
    assert decide(state, private=1).private == b"1"


def test_root_vouches_in_the_owners_name() -> None:
    assert decide(topic(), by="root", trusted={"v": 1}).values == {"trusted": b'{"v":1}'}


@pytest.mark.parametrize(
    ("auth", "anon", "expected"),
    [
        ("JRP", "J", {"auth": "JRP", "anon": "J"}),
        ("", "N", {"anon": "N"}),
        ("-W", "JR", {"anon": "JR"}),
        ("N", "", {"auth": "N"}),
    ],
)
def test_default_access_of_a_group(auth: str, anon: str, expected: dict[str, str]) -> None:
    access = decide(topic(), defacs=Defacs(auth, anon)).access
    assert {k: modes.text(v) for k, v in access.items()} == expected


@pytest.mark.parametrize(("auth", "anon"), [("JRO", ""), ("O", "J"), ("-W", ""), ("JR", "7")])
def test_default_access_that_makes_no_sense(auth: str, anon: str) -> None:
    assert refused(topic(), defacs=Defacs(auth, anon)) == ctrl.MALFORMED


def test_default_access_of_an_account_is_masked() -> None:
    """Golden a-me-default-access."""
    access = decide(topic(), Kind.ME, defacs=Defacs("JRWPASD", "JRWPASD")).access
    assert [modes.text(access[k]) for k in ("auth", "anon")] == ["JRWPAS", "JRWPAD"]
    access = decide(topic(), Kind.ME, defacs=Defacs("JRW", "N")).access
    assert [modes.text(access[k]) for k in ("auth", "anon")] == ["JRWA", "N"]


# --- tags -----------------------------------------------------------------------------------


def tag(
    sent: list[str | None], has: list[str], kind: Kind = Kind.GRP, by: str = "alice"
) -> tuple[list[str], dict[str, object]] | Reply:
    """The new tags and what the reply tells, or the refusal."""
    try:
        change = revise.decide_tags(topic(tags=has), kind, by, sent, LIMITS)
    except Refused as refusal:
        return refusal.reply
    return change.tags, change.params()


def test_tags_are_replaced_and_counted() -> None:
    assert tag(["foo", "Bar"], ["a b", "foo", "tr"]) == (["bar", "foo"], {"added": 1, "removed": 2})
    assert tag(["foo"], ["foo", "tr"]) == (["foo"], {"removed": 1})
    assert tag(["tr", "foo"], ["foo", "tr"]) == ctrl.NOT_MODIFIED


def test_only_the_owner_of_a_group_or_account_has_tags() -> None:
    assert tag(["ab"], [], by="bob") == ctrl.PERMISSION_DENIED
    assert tag(["ab"], [], kind=Kind.P2P) == ctrl.NOT_ALLOWED


def test_reserved_tags_stay_as_they_are() -> None:
    assert tag(["email:a@b.c"], []) == ctrl.PERMISSION_DENIED
    assert tag(["ab"], ["basic:al"]) == ctrl.PERMISSION_DENIED
    assert tag(["ab", "basic:al"], ["basic:al"]) == (["ab", "basic:al"], {"added": 1})


def test_one_alias_at_most() -> None:
    assert tag(["alias:a1", "alias:b1"], []) == ctrl.MALFORMED


def test_the_null_marker_clears_what_may_be_cleared() -> None:
    """DEFECT D-63, DEFECT-30; a list of unusable tags changes nothing all the same. 07-11."""
    assert tag(["\u2421"], ["ab", "basic:al"]) == (["basic:al"], {"removed": 1})
    assert tag([], ["ab", "basic:al"]) == (["basic:al"], {"removed": 1})
    assert tag(["\u2421"], ["basic:al"]) == ctrl.NOT_MODIFIED
    assert tag([], ["basic:al"]) == tag([], []) == ctrl.NOT_MODIFIED
    assert tag(["x", None], ["ab"]) == ctrl.NOT_MODIFIED


def test_on_me_generic_tags_do_not_count_as_added() -> None:
    assert tag(["ab", "cd"], ["ab"], Kind.ME) == ctrl.NOT_MODIFIED
    assert tag(["ab", "cd", "org:x1"], ["ab"], Kind.ME) == (["ab", "cd", "org:x1"], {"added": 1})


# --- auxiliary data -------------------------------------------------------------------------


def aux(has: bytes | None, by: str = "alice", kind: Kind = Kind.GRP, **sent: object) -> object:
    """The new auxiliary data, or the refusal."""
    state = topic(aux=has)
    raw = {k: Raw(msgspec.json.encode(v)) for k, v in sent.items()}
    try:
        return revise.decide_aux(state, kind, state.members.get(by), raw)
    except Refused as refusal:
        return refusal.reply


def test_auxiliary_data_are_merged_at_the_top() -> None:
    assert aux(None, pins=[1]) == b'{"pins":[1]}'
    assert aux(b'{"pins":[1]}', pins="\u2421", x={"y": 1}) == b'{"x":{"y":1}}'
    assert aux(b'{"pins":[1]}', pins="\u2421") is None
    assert aux(b'{"pins":[1]}', missing="\u2421") == b'{"pins":[1]}'
    assert aux(b'{"pins":[1]}') == aux(None, x=None) == ctrl.NOT_MODIFIED


def test_auxiliary_data_belong_to_admins() -> None:
    assert aux(None, by="bob", x=1) == ctrl.PERMISSION_DENIED
    assert aux(None, by="nobody", x=1) == ctrl.PERMISSION_DENIED
    for kind in (Kind.ME, Kind.FND, Kind.SYS):
        assert aux(None, kind=kind, x=1) == ctrl.NOT_ALLOWED
