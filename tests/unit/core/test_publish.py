"""{pub}: what may be posted, and what becomes of it."""

import json
from typing import Any

import pytest
from msgspec import Raw

from chinwag.core import modes, publish
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.publish import Post
from chinwag.core.state import Draft, Member, TopicState
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Pub
from stage import ALICE, BOB, CAROL

CALL = {"webrtc": Raw(b'"started"')}


def topic(mode: str = "JRWPS", **change: Any) -> TopicState:
    """A topic with four messages where Alice has `mode`."""
    bits = modes.parse(mode)
    return TopicState("grpX", 1, 1, 1, seq=4, members={ALICE: Member(ALICE, bits, bits)}, **change)


def decide(state: TopicState, kind: Kind = Kind.GRP, author: str = ALICE, **pub: Any) -> Draft:
    """The message that Alice's {pub} becomes."""
    post = Post(author, pub.pop("by", author), Pub(**pub), 9_000, ("file",), 77)
    return publish.decide(
        state,
        kind,
        post,
        seq=state.seq + 1,
        offers_calls=state.name != "deaf",
        busy=state.call > 0,
    )


def test_a_message_as_it_is_stored() -> None:
    """03 §3.4."""
    draft = decide(topic(), content=Raw(b'"hi"'), head={"mime": Raw(b'"x"')})
    head = b'{"mime":"x"}'
    expected = Draft("grpX", 5, ALICE, 9_000, head, b'"hi"', True, ("file",), None, 77, by=ALICE)
    assert draft == expected


@pytest.mark.parametrize("content", [Raw(), Raw(b"null")])
def test_missing_content_is_stored_as_none_and_delivered_as_null(content: Raw) -> None:
    """03 §3.2, last paragraph."""
    draft = decide(topic(), content=content)
    assert draft.content is None
    assert bytes(publish.data(draft, "grpX").content) == b"null"


@pytest.mark.parametrize(
    ("head", "by", "stored"),
    [
        (None, ALICE, None),
        ({}, ALICE, None),
        ({"sender": Raw(b'"usrForged"')}, ALICE, None),
        ({"sender": Raw(b'"usrForged"'), "x": Raw(b"1")}, ALICE, {"x": 1}),
        (None, BOB, {"sender": BOB}),
        ({"sender": Raw(b'"usrForged"'), "x": Raw(b"1")}, BOB, {"sender": BOB, "x": 1}),
    ],
)
def test_who_acts_for_somebody_else_is_named(
    head: dict[str, Raw] | None, by: str, stored: object
) -> None:
    """03 §3.1, head clean-up; S08."""
    draft = decide(topic(), head=head, by=by)
    assert (None if draft.head is None else json.loads(draft.head)) == stored


@pytest.mark.parametrize(
    ("state", "kind", "author", "head", "reply"),
    [
        (topic(read_only=True), Kind.GRP, ALICE, CALL, ctrl.PERMISSION_DENIED),
        (topic("JRP"), Kind.GRP, ALICE, None, ctrl.PERMISSION_DENIED),
        (topic(), Kind.GRP, CAROL, None, ctrl.PERMISSION_DENIED),
        (topic("JPS"), Kind.ME, ALICE, None, ctrl.PERMISSION_DENIED),
        (topic("JRP"), Kind.GRP, ALICE, CALL, ctrl.PERMISSION_DENIED),
        (topic("JRP", call=3), Kind.P2P, ALICE, CALL, ctrl.BUSY),
        (topic("JRP"), Kind.P2P, ALICE, CALL, ctrl.PERMISSION_DENIED),
        (TopicState("deaf", 1, 1, 1), Kind.GRP, ALICE, CALL, ctrl.NOT_IMPLEMENTED),
    ],
)
def test_refusals_in_their_order(
    state: TopicState, kind: Kind, author: str, head: dict[str, Raw] | None, reply: Reply
) -> None:
    """03 §3.2, checks 2 to 6."""
    with pytest.raises(Refused) as refused:
        decide(state, kind, author, head=head)
    assert refused.value.reply == reply


def test_anybody_may_write_to_the_administrators() -> None:
    """03 §3.9: the author of a message to `sys` need not be subscribed."""
    draft = decide(topic(), Kind.SYS, CAROL, content=Raw(b'"abuse"'))
    assert (draft.sender, draft.marks) == (CAROL, False)


def test_a_call_is_noted_as_open() -> None:
    """DEFECT D10."""
    draft = decide(topic(), Kind.P2P, head=CALL)
    assert draft.call == 5
    state = topic()
    publish.apply(state, draft)
    assert state.call == 5
    publish.apply(state, decide(state, Kind.P2P, content=Raw(b"1")))
    assert state.call == 5


@pytest.mark.parametrize(("mode", "marks"), [("JRW", 5), ("JW", 0)])
def test_who_writes_has_read(mode: str, marks: int) -> None:
    """03 §3.4, steps 5 and 6: where the author may read at all."""
    state = topic(mode)
    publish.apply(state, decide(state, content=Raw(b"1")))
    member = state.members[ALICE]
    assert (state.seq, state.touched_ms) == (5, 9_000)
    assert (member.read, member.recv) == (marks, marks)


def test_numbers_are_taken_in_turn() -> None:
    """03 §3.5."""
    state = topic()
    draft = decide(state)
    publish.apply(state, draft)
    with pytest.raises(AssertionError):
        publish.apply(state, draft)
