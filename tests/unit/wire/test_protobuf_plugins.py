"""Packets for plug-ins: there and back again. Source: specification 06, paragraph 3.6."""

import json
from typing import Any

import pytest

from chinwag.wire import codec, protobuf, protobuf_plugins
from chinwag.wire.pbx import model_pb2 as pb
from chinwag.wire.protobuf_plugins import NotJson

NOW_MS = 1_767_600_000_123
NOW = "2026-01-05T08:00:00.123Z"
RANGES = [{"low": 1, "hi": 5}, {"low": 7}]
OPTS = {
    "ims": NOW,
    "user": "usrA",
    "topic": "grpA",
    "since": 2,
    "before": 9,
    "limit": 3,
    "ranges": RANGES,
}
CRED = {"meth": "email", "val": "a@example.com", "resp": "1", "params": {"x": 1}}
DESC = {
    "defacs": {"auth": "JRW", "anon": "N"},
    "public": {"fn": "A"},
    "trusted": {"verified": True},
    "private": "p",
}
CHANGES = {
    "desc": DESC,
    "sub": {"user": "usrA", "mode": "JRWPS"},
    "tags": ["a", "b"],
    "cred": CRED,
    "aux": {"pins": [1]},
}
QUESTION = {"what": "desc sub data", "desc": OPTS, "sub": OPTS, "data": OPTS}
HI = {"id": "1", "ver": "0.25", "ua": "ua", "dev": "d", "lang": "EN", "platf": "web", "bkg": True}
ACC = {
    "id": "1",
    "user": "new",
    "scheme": "basic",
    "secret": "YTpi",
    "login": True,
    "tags": ["t"],
    "desc": DESC,
    "cred": [CRED],
    "status": "susp",
    "authlevel": "auth",
    "tmpscheme": "code",
    "tmpsecret": "YTpi",
}
PUB = {"id": "1", "topic": "grpA", "noecho": True, "head": {"mime": "m"}, "content": {"txt": "x"}}
CALL = {"topic": "usrA", "what": "call", "seq": 3, "event": "offer", "payload": {"sdp": "x"}}
PACKETS: list[dict[str, Any]] = [
    {"hi": HI},
    {"acc": ACC},
    {"login": {"id": "1", "scheme": "basic", "secret": "YTpi", "cred": [CRED]}},
    {"sub": {"id": "1", "topic": "me", "set": CHANGES, "get": QUESTION}},
    {"sub": {"id": "1", "topic": "me"}},
    {"leave": {"id": "1", "topic": "me", "unsub": True}},
    {"pub": PUB},
    {"pub": {"topic": "grpA", "content": "text"}},
    {"get": {"id": "1", "topic": "me", **QUESTION}},
    {"set": {"id": "1", "topic": "me", **CHANGES}},
    {"del": {"id": "1", "topic": "me", "what": "msg", "delseq": RANGES, "hard": True}},
    {"del": {"id": "1", "what": "user", "user": "usrA", "cred": CRED}},
    {"note": {"topic": "grpA", "what": "read", "seq": 3, "unread": 2}},
    {"note": CALL},
    {"note": {"topic": "grpA", "what": "kp"}, "extra": {"attachments": ["/v0/x"], "obo": "usrA"}},
    {"leave": {"topic": "me"}, "extra": {"authlevel": "anon"}},
]


@pytest.mark.parametrize("said", PACKETS, ids=lambda said: next(iter(said)))
def test_nothing_is_lost_on_the_way(said: dict[str, Any]) -> None:
    """What a plug-in sends back unchanged is what the client has said."""
    decoded = codec.decode(json.dumps(said, separators=(",", ":")).encode())
    assert decoded.packet is not None
    message = protobuf_plugins.request(decoded.packet, decoded.envelope.extra)
    assert message is not None
    back = protobuf.decode(message.SerializeToString())
    assert back.packet == decoded.packet
    if decoded.envelope.extra is not None:
        assert back.envelope.extra == decoded.envelope.extra


@pytest.mark.parametrize(
    "said",
    [
        {"note": {"topic": "grpA", "what": "kpa"}},
        {"note": {"topic": "grpA", "what": "data", "payload": 1}},
        {"note": {"topic": "grpA", "what": "read", "seq": 2**40}},
        {"get": {"topic": "me", "what": "data", "data": {"since": 2**40}}},
    ],
)
def test_what_protobuf_has_no_words_for(said: dict[str, Any]) -> None:
    packet = codec.decode(json.dumps(said).encode()).packet
    assert packet is not None
    assert protobuf_plugins.request(packet, None) is None


def test_root_is_not_told() -> None:
    """QUIRK: a level of ROOT is turned into NONE."""
    packet = codec.decode(b'{"acc":{"user":"usrA","authlevel":"root"}}').packet
    assert packet is not None
    message = protobuf_plugins.request(packet, None)
    assert message is not None
    assert message.acc.auth_level == pb.NONE


ACS = {"want": "JRWP", "given": "JRW", "mode": "JRW"}
SEEN = {"when": NOW, "ua": "ua"}
ROW = {
    "acs": ACS,
    "user": "usrA",
    "topic": "grpA",
    "updated": NOW,
    "deleted": NOW,
    "online": True,
    "read": 1,
    "recv": 2,
    "public": {"fn": "A"},
    "trusted": {"staff": True},
    "private": "p",
    "touched": NOW,
    "seq": 3,
    "clear": 4,
    "seen": SEEN,
}
TOPIC = {
    "created": NOW,
    "updated": NOW,
    "touched": NOW,
    "state": "ok",
    "online": True,
    "chan": True,
    "seen": SEEN,
    "defacs": {"auth": "JRW", "anon": "N"},
    "acs": ACS,
    "seq": 1,
    "read": 2,
    "recv": 3,
    "clear": 4,
    "public": 1,
    "trusted": 2,
    "private": 3,
}
META = {
    "topic": "grpA",
    "id": "1",
    "ts": NOW,
    "desc": TOPIC,
    "sub": [ROW],
    "del": {"clear": 3, "delseq": RANGES},
    "tags": ["a"],
    "cred": [{"meth": "email", "val": "a@example.com", "done": True}],
    "aux": {"pins": [1]},
}
PRES = {
    "topic": "me",
    "what": "acs",
    "src": "grpA",
    "ua": "ua",
    "seq": 1,
    "clear": 2,
    "delseq": RANGES,
    "tgt": "usrA",
    "act": "usrB",
    "dacs": {"want": "+P", "given": "-W"},
}
INFO = {
    "topic": "me",
    "what": "call",
    "src": "usrB",
    "from": "usrB",
    "seq": 3,
    "event": "offer",
    "payload": {"sdp": "x"},
}
DATA = {
    "topic": "grpA",
    "ts": NOW,
    "seq": 3,
    "content": "hi",
    "from": "usrA",
    "head": {"mime": "m"},
}
CTRL = {"code": 403, "text": "language!", "ts": NOW, "id": "7", "topic": "grpX"}
ANSWERS: list[dict[str, Any]] = [
    {"ctrl": CTRL},
    {"ctrl": {**CTRL, "params": {"what": "content", "n": 1}}},
    {"data": DATA},
    {"meta": META},
    {"pres": PRES},
    {"info": INFO},
]


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: next(iter(answer)))
def test_what_a_plugin_says_to_a_client(answer: dict[str, Any]) -> None:
    """DEFECT 06-14: content is JSON, and a {ctrl} bears the time of now."""
    message = pb.ServerMsg.FromString(protobuf.encode(json.dumps(answer).encode()))
    body = protobuf_plugins.response(message, NOW_MS)
    assert body is not None
    assert json.loads(body) == answer


def test_what_a_plugin_leaves_out() -> None:
    assert protobuf_plugins.response(pb.ServerMsg(), NOW_MS) is None
    data = pb.ServerMsg(data=pb.ServerData(topic="grpA", seq_id=1))
    body = protobuf_plugins.response(data, NOW_MS)
    assert body is not None
    assert json.loads(body) == {"data": {"topic": "grpA", "ts": NOW, "seq": 1, "content": None}}


def test_an_instant_of_nothing_is_none() -> None:
    """DEFECT 06-14: `updated_at` of 0 once ended the server."""
    row = protobuf_plugins.sub_row(pb.TopicSub(user_id="usrA", updated_at=0, deleted_at=-5))
    assert (row.updated, row.deleted, row.seen) == ("", "", None)
    assert protobuf_plugins.sub_row(pb.TopicSub(user_id="usrA", updated_at=2**60)).updated == ""


@pytest.mark.parametrize("broken", [b"{", b"\xff", b"nonsense", b"[" * 5000])
def test_bytes_that_are_no_json(broken: bytes) -> None:
    message = pb.ServerMsg(data=pb.ServerData(topic="grpA", content=broken))
    with pytest.raises(NotJson, match="no JSON"):
        protobuf_plugins.response(message, NOW_MS)
