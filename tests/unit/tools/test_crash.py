"""The crash test notices what it looks for."""

from collections.abc import Callable

import pytest

import crash
import crowd
from crowd import Diary, Packet

Plant = Callable[[Diary, list[Packet]], object]


def _said(seq: int, who: str, text: str) -> Packet:
    return {"seq": seq, "from": who, "ts": "then", "content": text}


def _scene() -> tuple[Diary, list[list[Packet]]]:
    """A place where all is well, as two people read it."""
    texts = ["1 anna x 1 a", "1 boris x 1 b", "1 anna x 2 c", "1 anna x 3 d"]
    diary = Diary(sent={text: text.split()[1] for text in texts})
    diary.acknowledged = dict(enumerate(texts[:3], 1))
    diary.seen = dict(enumerate(texts[1:], 2))
    read = [_said(seq, text.split()[1], text) for seq, text in enumerate(texts, 1)]
    return diary, [read, [dict(data) for data in read]]


def _drop_last_acknowledged(diary: Diary, read: list[Packet]) -> None:
    diary.seen.clear()
    del read[2:]


def _swap(_diary: Diary, read: list[Packet]) -> None:
    read[0]["content"], read[2]["content"] = read[2]["content"], read[0]["content"]


PLANTED: dict[str, tuple[Plant, str]] = {
    "an acknowledged message is lost": (_drop_last_acknowledged, "acknowledged at 3"),
    "a gap": (lambda _, read: read.pop(1), "not 1..n"),
    "a message stored twice": (
        lambda diary, read: read.append(_said(5, "anna", diary.acknowledged[1])),
        "there twice",
    ),
    "an order changed": (_swap, "said 1 after 2"),
    "a message nobody sent": (
        lambda _, read: read.append(_said(5, "boris", "1 boris x 9 z")),
        "never sent by boris",
    ),
    "a message under a false name": (lambda _, read: read[3].update({"from": "boris"}), "never"),
    "something heard that is not there": (lambda _, read: read.pop(), "heard at 4"),
}


def test_a_place_where_all_is_well() -> None:
    assert crash.compare(*_scene()) == []


@pytest.mark.parametrize("title", PLANTED)
def test_a_planted_fault_is_noticed(title: str) -> None:
    plant, told = PLANTED[title]
    diary, readings = _scene()
    for read in readings:
        plant(diary, read)
    faults = crash.compare(diary, readings)
    assert any(told in fault for fault in faults), faults


def test_readers_who_differ_are_noticed() -> None:
    diary, readings = _scene()
    readings[1][2]["ts"] = "later"
    assert crash.compare(diary, readings) == ["3 is read differently"]
    readings[1].pop(0)
    assert crash.compare(diary, readings) == ["2 is read differently"]


def test_a_second_message_at_one_seq_is_noticed() -> None:
    diary = Diary()
    diary.note("acknowledged", diary.acknowledged, 1, "one")
    diary.note("acknowledged", diary.acknowledged, 1, "one")
    assert diary.faults == []
    diary.note("acknowledged", diary.acknowledged, 1, "two")
    assert diary.faults == ["acknowledged twice at 1: one and two"]


def test_half_a_file_is_noticed() -> None:
    content = crowd.proven(b"a long content")
    assert crowd.whole(content)
    assert not crowd.whole(content[:-1])
    assert not crowd.whole(b"")
