"""Replies bear what the request bore."""

import json
from collections.abc import Sequence
from typing import Any

from chinwag.core.state import Level
from chinwag.engine.request import Request, ctrl_frame
from chinwag.ports import Frame
from chinwag.wire import ctrl
from chinwag.wire.messages import Leave, Login, Meta


class Client:
    """It remembers what it hears."""

    def __init__(self) -> None:
        self.uid, self.level, self.ua = "usrA", Level.AUTH, ""
        self.lang, self.country = "en", "US"
        self.background = self.closed = False
        self.attached: set[str] = set()
        self.heard: list[Any] = []

    def send(self, frame: Frame) -> bool:
        """Remember."""
        self.heard.append(json.loads(frame.body))
        return True

    def send_all(self, frames: Sequence[Frame]) -> bool:
        """Remember them all."""
        return all(map(self.send, frames))


def test_a_reply_bears_id_topic_and_time_of_its_request() -> None:
    client = Client()
    request = Request(client, Leave(id="7", topic="grpA"), 5)
    assert not request.answered
    request.reply(ctrl.OK, {"a": 1})
    assert request.answered
    body = {"id": "7", "topic": "grpA", "params": {"a": 1}, "ts": "1970-01-01T00:00:00.005Z"}
    assert client.heard == [{"ctrl": {"code": 200, "text": "ok", **body}}]


def test_another_topic_can_be_named_or_none() -> None:
    client = Client()
    request = Request(client, Leave(id="7", topic="new1"), 5)
    request.reply(ctrl.OK, topic="grpB")
    request.reply(ctrl.OK, topic="")
    assert [m["ctrl"].get("topic") for m in client.heard] == ["grpB", None]


def test_a_packet_without_a_topic() -> None:
    assert Request(Client(), Login(id="1"), 5).sent == ""


def test_a_meta_bears_id_and_time() -> None:
    client = Client()
    request = Request(client, Leave(id="7", topic="grpA"), 5)
    request.meta(Meta(topic="grpA", tags=["x"]))
    assert client.heard[0]["meta"]["id"] == "7"
    assert client.heard[0]["meta"]["ts"] == "1970-01-01T00:00:00.005Z"


def test_empty_params_are_left_out() -> None:
    assert b"params" not in ctrl_frame(ctrl.OK, 0, params={}).body
