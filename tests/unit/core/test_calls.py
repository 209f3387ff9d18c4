"""Calls: who may do what when, and what the log says."""

import json
from typing import Any

import pytest
from msgspec import Raw

from chinwag.core import calls, modes
from chinwag.core.calls import Call, Step
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.state import Draft, Member, Message, TopicState
from chinwag.wire import ctrl
from chinwag.wire.messages import Note
from stage import ALICE, BOB

CALLER, CALLEE, ELSEWHERE = "session of Alice", "session of Bob", "another session"


def call(*, active: bool = False) -> Call:
    """A call of Alice, message 21, that Bob has answered or not."""
    going_on = Call(21, ALICE, b'"ring"', {"mime": Raw(b'"text/x-drafty"')}, caller_at=CALLER)
    if active:
        going_on.callee_at, going_on.accepted_ms = CALLEE, 5_000
    return going_on


def topic(mode: str = "JRWPA", **change: Any) -> TopicState:
    """A conversation with 30 messages; `mode`: Alice's."""
    bits = modes.parse(mode)
    members = {ALICE: Member(ALICE, bits, bits), BOB: Member(BOB, bits, bits)}
    return TopicState("p2pX", 0, 0, 0, seq=30, members=members, **change)


@pytest.mark.parametrize(
    ("head", "starts"),
    [
        (None, False),
        ({}, False),
        ({"webrtc": Raw(b"null")}, False),
        ({"webrtc": Raw(b'"started"')}, True),
        ({"webrtc": Raw(b'"anything"')}, True),
        ({"webrtc": Raw(b"17")}, True),
    ],
)
def test_what_starts_a_call(head: dict[str, Raw] | None, starts: bool) -> None:
    """03 §3.3: any non-null value starts a call; it is not checked to be `started`."""
    assert calls.is_start(head) is starts


@pytest.mark.parametrize(
    ("kind", "offered", "busy", "reply"),
    [
        (Kind.GRP, False, True, ctrl.NOT_IMPLEMENTED),
        (Kind.GRP, True, True, ctrl.PERMISSION_DENIED),
        (Kind.SLF, True, False, ctrl.PERMISSION_DENIED),
        (Kind.P2P, True, True, ctrl.BUSY),
    ],
)
def test_calls_that_cannot_be_made(
    kind: Kind, offered: bool, busy: bool, reply: ctrl.Reply
) -> None:
    """03 §3.2, checks 3 to 5, in their order."""
    with pytest.raises(Refused) as refused:
        calls.may_start(kind, offered=offered, busy=busy)
    assert refused.value.reply == reply
    calls.may_start(Kind.P2P, offered=True, busy=False)


@pytest.mark.parametrize(
    ("event", "active", "uid", "session", "step"),
    [
        ("ringing", False, BOB, CALLEE, Step.RING),
        ("ringing", False, BOB, ELSEWHERE, Step.RING),
        ("ringing", False, ALICE, CALLER, None),
        ("ringing", True, BOB, CALLEE, None),
        ("accept", False, BOB, ELSEWHERE, Step.ACCEPT),
        ("accept", False, ALICE, ELSEWHERE, None),
        ("accept", True, BOB, ELSEWHERE, None),
        ("offer", True, ALICE, CALLER, Step.RELAY),
        ("answer", True, BOB, CALLEE, Step.RELAY),
        ("ice-candidate", True, BOB, CALLEE, Step.RELAY),
        ("ice-candidate", True, BOB, ELSEWHERE, None),
        ("offer", False, ALICE, CALLER, None),
        ("hang-up", False, ALICE, CALLER, Step.END),
        ("hang-up", False, ALICE, ELSEWHERE, None),
        ("hang-up", False, BOB, ELSEWHERE, Step.END),
        ("hang-up", True, ALICE, CALLER, Step.END),
        ("hang-up", True, BOB, CALLEE, Step.END),
        ("hang-up", True, BOB, ELSEWHERE, None),
        ("busy", False, BOB, CALLEE, None),
        ("invite", False, ALICE, CALLER, None),
        ("", False, BOB, CALLEE, None),
    ],
)
def test_who_may_say_what_when(
    event: str, active: bool, uid: str, session: str, step: Step | None
) -> None:
    """03 §9.4, row by row."""
    note = Note(what="call", event=event, seq=21)
    assert calls.step(call(active=active), note, uid, session) is step


def test_a_note_about_another_call_means_nothing() -> None:
    """03 §9.4, common preconditions."""
    assert calls.step(call(), Note(what="call", event="accept", seq=20), BOB, CALLEE) is None


@pytest.mark.parametrize(
    ("active", "uid", "how"),
    [(False, ALICE, "missed"), (False, BOB, "declined"), (True, ALICE, "finished")],
)
def test_how_a_call_ends_by_hanging_up(active: bool, uid: str, how: str) -> None:
    """03 §9.6."""
    assert calls.outcome(call(active=active), uid) == how


def head_of(draft: Draft) -> Any:
    """The head of a line of the log."""
    assert draft.head is not None
    return json.loads(draft.head)


def test_the_log_is_the_callers_and_names_who_else_acted() -> None:
    """03 §9.5 and 9.6: author, content, `replace`, `mime`, `sender`, duration."""
    line = calls.accepted(topic(), call(), BOB, 9_000)
    assert line == Draft("p2pX", 31, ALICE, 9_000, line.head, b'"ring"', True, call=21)
    common = {"replace": ":21", "mime": "text/x-drafty"}
    assert head_of(line) == {**common, "webrtc": "accepted", "sender": BOB}
    end = calls.ended(topic(), call(active=True), "finished", BOB, 9_250)
    assert end.call == 0
    lasted = {"webrtc-duration": 4250}
    assert head_of(end) == {**common, **lasted, "webrtc": "finished", "sender": BOB}
    end = calls.ended(topic(), call(active=True), "finished", ALICE, 4_000)  # the clock went back
    assert head_of(end) == {**common, "webrtc-duration": 0, "webrtc": "finished"}
    end = calls.ended(topic(), call(active=True), "disconnected", "", 9_250)
    assert head_of(end) == {**common, "webrtc": "disconnected"}


def test_the_log_of_a_call_without_pictures_says_so() -> None:
    """07-16: every line keeps `aonly`, which clients show, whatever became of the call."""
    head = b'{"webrtc":"started","mime":"text/x-drafty","aonly":true,"x-own":1}'
    begun = calls.of_draft(21, ALICE, head, b'"ring"')
    common = {"replace": ":21", "mime": "text/x-drafty", "aonly": True}
    line = calls.accepted(topic(), begun, BOB, 9_000)
    assert head_of(line) == {**common, "webrtc": "accepted", "sender": BOB}
    line = calls.ended(topic(), begun, "missed", "", 9_000)
    assert head_of(line) == {**common, "webrtc": "missed"}


@pytest.mark.parametrize("state", [topic("JRPA"), topic(read_only=True), topic()])
def test_the_caller_must_still_be_allowed_to_write(state: TopicState) -> None:
    """03 §9.5, step 1; but a log is always closed (D10)."""
    if state == topic():
        del state.members[ALICE]
    with pytest.raises(Refused) as refused:
        calls.accepted(state, call(), BOB, 9_000)
    assert refused.value.reply == ctrl.PERMISSION_DENIED
    end = calls.ended(state, call(), "missed", "", 9_000)
    assert end.marks is (ALICE in state.members)


def test_a_call_is_found_again_in_its_message() -> None:
    """DEFECT D10: what a server that was killed left open is ended by the next one."""
    message = Message(21, ALICE, 1, b'{"webrtc":"started","mime":"text/x-drafty"}', b'"ring"')
    found = calls.of_message(message)
    assert (found.seq, found.caller, found.content) == (21, ALICE, b'"ring"')
    assert found.kept == {"mime": Raw(b'"text/x-drafty"')}
    erased = calls.of_message(Message(21, ALICE, 1, None, None))
    assert erased.kept == {}
    assert not erased.is_party(None)


def test_each_party_has_the_other_one() -> None:
    going_on = call(active=True)
    assert going_on.other(CALLER) == CALLEE
    assert going_on.other(CALLEE) == CALLER
