"""What devices are told: specification 03, paragraph 8.3; what the scenes show is in test_push."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinwag.core import drafty, notify
from chinwag.core.ids import Kind
from chinwag.core.notify import Alert, Audience, Device, Push
from chinwag.core.state import Draft, Member, TopicState
from stage import ALICE, BOB, CAROL


def draft(content: object = "x", **head: object) -> Draft:
    """A message of Alice."""
    raw = json.dumps(head).encode() if head else None
    return Draft("grpX", 7, ALICE, 1000, raw, json.dumps(content).encode(), marks=True)


def told(message: Draft) -> dict[str, str]:
    """All that is told of a message."""
    return notify.full(Alert("grpX", 1000, {"what": "msg"}, (), message))


def test_the_head_is_copied_where_it_makes_sense() -> None:
    data = told(draft("x", mime="m/x", replace=":3", webrtc="accepted", aonly=True, other=1))
    del data["rc"]
    assert data == {
        "what": "msg",
        "ts": "1970-01-01T00:00:01.000Z",
        "mime": "m/x",
        "replace": ":3",
        "webrtc": "accepted",
        "aonly": "true",
        "content": "x",
    }


@pytest.mark.parametrize(
    "head",
    [
        {"mime": 7, "aonly": True},
        {"mime": "m" * 129},
        {"webrtc": None, "aonly": 1},
        {"replace": {}},
    ],
)
def test_odd_heads_are_left_out(head: dict[str, object]) -> None:
    assert told(draft("x", **head)).keys() == {"what", "ts", "content", "rc"}


def test_no_content_is_no_words() -> None:
    assert notify.said(None) == {"content": ""}


def test_a_preview_that_is_too_long_for_a_push_is_left_out() -> None:
    """D13b: 128 clusters may be any number of bytes."""
    data = notify.said(json.dumps("e" + "\u0301" * 3000).encode())
    assert data.keys() == {"content"}
    assert len(data["content"]) == drafty.WORDS_MAX + 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from(["txt", "fmt", "ent", "x"]), inner)
    ),
    max_leaves=9,
)


@given(JSON, st.dictionaries(st.sampled_from(["mime", "webrtc", "replace", "aonly"]), JSON))
def test_whatever_a_client_sends_can_be_pushed(content: Any, head: dict[str, object]) -> None:
    """D13b: texts all of them, and small enough."""
    data = told(draft(content, **head))
    assert all(isinstance(value, str) for value in data.values())
    assert sum(len(k) + len(v.encode()) for k, v in data.items()) < 3500


def state(name: str = "grpX", **members: Any) -> TopicState:
    """A topic in which everybody may hear of messages."""
    found = TopicState(name, 0, 0, 0)
    for uid in (ALICE, BOB, CAROL):
        found.members[uid] = Member(uid, 0xFF, 0xFF)
    for name_, value in members.items():
        setattr(found.members[BOB], name_, value)
    return found


def recipients(topic: TopicState, kind: Kind = Kind.GRP, **how: Any) -> dict[str, bool]:
    """Who is told, and whether in silence."""
    alert = notify.message(topic, kind, draft(), how.pop("reaches", lambda _: True), **how)
    return {} if alert is None else dict(alert.audiences[0].people)


def test_who_is_told() -> None:
    """DEFECTs D12 and D13 leave nobody out; rights and presence decide."""
    assert recipients(state()) == {ALICE: True, BOB: False, CAROL: False}
    assert recipients(state(online=1))[BOB] is True
    for lost in ({"want": 0xFF & ~8}, {"given": 0xFF & ~2}, {"gone": True}, {"reader": True}):
        assert recipients(state(**lost)) == {ALICE: True, CAROL: False}
    assert recipients(state(), reaches=lambda uid: uid == CAROL) == {CAROL: False}
    assert recipients(state(), reaches=lambda _: False) == {}
    assert recipients(state(read=7), late=True) == {ALICE: True, CAROL: False}
    assert recipients(state(), Kind.SYS) == {ALICE: True, BOB: False, CAROL: False}
    for kind in (Kind.SLF, Kind.ME, Kind.FND):
        assert recipients(state(), kind) == {}


def test_who_becomes_a_reader_is_not_disturbed_by_his_own_message() -> None:
    """Found by simulation: he left the group before the readers of the channel were looked up."""
    channel = state()
    channel.is_channel, channel.readers_count = True, 1
    alert = notify.message(channel, Kind.GRP, draft(), lambda _: True)
    assert alert is not None
    assert alert.readers == "chnX"
    assert alert.here == frozenset({ALICE})


def test_only_the_last_of_what_was_read_is_told() -> None:
    def read(seq: int, uid: str = BOB) -> Alert:
        return notify.read("grpX", uid, seq, 1, reader=False)

    sent = notify.message(state(), Kind.GRP, draft(), lambda _: True)
    assert sent is not None
    found = notify.newest([read(1), sent, read(2), read(1, CAROL), sent, read(3)])
    assert found == [sent, read(1, CAROL), sent, read(3)]


def test_devices_in_portions() -> None:
    phones = [Device(f"d{n}", BOB, "web", "en", 0) for n in range(2 * notify.TARGETS_MAX + 1)]
    found: list[Push] = notify.pushes(
        {"what": "x"}, Audience("grpX", {BOB: True, CAROL: False}), {BOB: phones}
    )
    assert [len(push.to) for push in found] == [250, 250, 1]
    assert all(t.silent for push in found for t in push.to)
    assert found[0].data == {"what": "x", "topic": "grpX"}


@pytest.mark.parametrize(("webrtc", "rings"), [("started", True), ("missed", False), (7, False)])
def test_what_rings(webrtc: object, rings: bool) -> None:
    assert notify.is_ringing(draft(webrtc=webrtc)) is rings
    assert not notify.is_ringing(None)
