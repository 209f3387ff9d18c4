"""Packets in protobuf, field by field beside their JSON. Source: specification 06, 2 and 3."""

import base64
import json
from typing import Any

import pytest

from chinwag.wire import codec, protobuf
from chinwag.wire.codec import Malformed
from chinwag.wire.messages import Acc, Get, Set, Sub
from chinwag.wire.pbx import model_pb2 as pb

RANGES = [pb.SeqRange(low=1, hi=5), pb.SeqRange(low=7)]
SET_QUERY = pb.SetQuery(
    desc=pb.SetDesc(
        default_acs=pb.DefaultAcsMode(auth="JRW", anon="N"),
        public=b'{"fn":"A"}',
        private=b'"p"',
        trusted=b'{"verified":true}',
    ),
    sub=pb.SetSub(user_id="usrA", mode="JRWPS"),
    tags=["a", "b"],
    cred=pb.ClientCred(method="email", value="a@example.com", response="1", params={"x": b"1"}),
    aux={"pins": b"[1]"},
)
SET_JSON = {
    "desc": {
        "defacs": {"auth": "JRW", "anon": "N"},
        "public": {"fn": "A"},
        "private": "p",
        "trusted": {"verified": True},
    },
    "sub": {"user": "usrA", "mode": "JRWPS"},
    "tags": ["a", "b"],
    "cred": {"meth": "email", "val": "a@example.com", "resp": "1", "params": {"x": 1}},
    "aux": {"pins": [1]},
}
OPTS = pb.GetOpts(
    if_modified_since=1_700_000_000_123,
    user="usrA",
    topic="grpA",
    since_id=2,
    before_id=9,
    limit=3,
    ranges=RANGES,
)
OPTS_JSON = {
    "ims": "2023-11-14T22:13:20.123Z",
    "user": "usrA",
    "topic": "grpA",
    "since": 2,
    "before": 9,
    "limit": 3,
    "ranges": [{"low": 1, "hi": 5}, {"low": 7}],
}
GET_QUERY = pb.GetQuery(what="desc sub data", desc=OPTS, sub=OPTS, data=OPTS)
GET_JSON = {"what": "desc sub data", "desc": OPTS_JSON, "sub": OPTS_JSON, "data": OPTS_JSON}
SECRET = base64.b64encode(b"a:b").decode()

DELETE = pb.ClientMsg()
getattr(DELETE, "del").CopyFrom(
    pb.ClientDel(id="1", topic="me", what=pb.ClientDel.MSG, del_seq=RANGES, hard=True)
)

PAIRS: list[tuple[str, pb.ClientMsg, dict[str, Any]]] = [
    (
        "hi",
        pb.ClientMsg(
            hi=pb.ClientHi(
                id="1",
                user_agent="ua",
                ver="0.22.3",
                device_id="dev",
                lang="EN",
                platform="web",
                background=True,
            )
        ),
        {
            "hi": {
                "id": "1",
                "ua": "ua",
                "ver": "0.22.3",
                "dev": "dev",
                "lang": "EN",
                "platf": "web",
                "bkg": True,
            }
        },
    ),
    (
        "acc",
        pb.ClientMsg(
            acc=pb.ClientAcc(
                id="1",
                user_id="new",
                scheme="basic",
                secret=b"a:b",
                login=True,
                tags=["t"],
                desc=SET_QUERY.desc,
                cred=[pb.ClientCred(method="tel", value="+1")],
                token=b"ignored",
                state="susp",
                auth_level=pb.AUTH,
                tmp_scheme="code",
                tmp_secret=b"a:b",
            )
        ),
        {
            "acc": {
                "id": "1",
                "user": "new",
                "scheme": "basic",
                "secret": SECRET,
                "login": True,
                "tags": ["t"],
                "desc": SET_JSON["desc"],
                "cred": [{"meth": "tel", "val": "+1"}],
                "status": "susp",
                "authlevel": "auth",
                "tmpscheme": "code",
                "tmpsecret": SECRET,
            }
        },
    ),
    (
        "login",
        pb.ClientMsg(login=pb.ClientLogin(id="1", scheme="basic", secret=b"a:b")),
        {"login": {"id": "1", "scheme": "basic", "secret": SECRET}},
    ),
    (
        "sub",
        pb.ClientMsg(
            sub=pb.ClientSub(id="1", topic="me", set_query=SET_QUERY, get_query=GET_QUERY)
        ),
        {"sub": {"id": "1", "topic": "me", "set": SET_JSON, "get": GET_JSON}},
    ),
    (
        "leave",
        pb.ClientMsg(leave=pb.ClientLeave(id="1", topic="me", unsub=True)),
        {"leave": {"id": "1", "topic": "me", "unsub": True}},
    ),
    (
        "pub",
        pb.ClientMsg(
            pub=pb.ClientPub(
                id="1", topic="grpA", no_echo=True, head={"mime": b'"m"'}, content=b'{"txt":"x"}'
            )
        ),
        {
            "pub": {
                "id": "1",
                "topic": "grpA",
                "noecho": True,
                "head": {"mime": "m"},
                "content": {"txt": "x"},
            }
        },
    ),
    (
        "get",
        pb.ClientMsg(get=pb.ClientGet(id="1", topic="me", query=GET_QUERY)),
        {"get": {"id": "1", "topic": "me", **GET_JSON}},
    ),
    (
        "set",
        pb.ClientMsg(set=pb.ClientSet(id="1", topic="me", query=SET_QUERY)),
        {"set": {"id": "1", "topic": "me", **SET_JSON}},
    ),
    (
        "del",
        DELETE,
        {
            "del": {
                "id": "1",
                "topic": "me",
                "what": "msg",
                "delseq": [{"low": 1, "hi": 5}, {"low": 7}],
                "hard": True,
            }
        },
    ),
    (
        "note",
        pb.ClientMsg(
            note=pb.ClientNote(
                topic="usrA", what=pb.CALL, seq_id=3, event=pb.ICE_CANDIDATE, payload=b'{"a":1}'
            )
        ),
        {
            "note": {
                "topic": "usrA",
                "what": "call",
                "seq": 3,
                "event": "ice-candidate",
                "payload": {"a": 1},
            }
        },
    ),
]


@pytest.mark.parametrize(("sent", "same"), [p[1:] for p in PAIRS], ids=[p[0] for p in PAIRS])
def test_a_packet_means_the_same_in_protobuf_and_in_json(
    sent: pb.ClientMsg, same: dict[str, Any]
) -> None:
    """Paragraph 3.2; DEFECTs 06-05 and 06-09: aux, user, topic and milliseconds are honoured."""
    in_json = codec.decode(json.dumps(same, separators=(",", ":")).encode())
    assert protobuf.decode(sent.SerializeToString()).packet == in_json.packet


def test_extra_is_read_and_an_empty_one_overrides_nothing() -> None:
    """Paragraph 3.2, last row."""
    hi = pb.ClientHi(id="1")
    empty = protobuf.decode(pb.ClientMsg(hi=hi, extra=pb.ClientExtra()).SerializeToString())
    assert empty.envelope.extra is not None
    assert (empty.envelope.extra.obo, empty.envelope.extra.authlevel) == ("", "")
    extra = pb.ClientExtra(attachments=["u"], on_behalf_of="usrA", auth_level=pb.ROOT)
    full = protobuf.decode(pb.ClientMsg(hi=hi, extra=extra).SerializeToString()).envelope.extra
    assert full is not None
    assert (full.attachments, full.obo, full.authlevel) == (["u"], "usrA", "root")


def test_an_empty_set_is_a_set_of_nothing() -> None:
    """DEFECT-02, 06-01: it ended the process; whoever serves it answers 400."""
    for query in (None, pb.SetQuery()):
        packet = protobuf.decode(
            pb.ClientMsg(set=pb.ClientSet(id="1", topic="me", query=query)).SerializeToString()
        ).packet
        assert packet == Set(id="1", topic="me")


def test_no_packet_and_no_protobuf() -> None:
    assert protobuf.decode(b"").packet is None
    with pytest.raises(Malformed):
        protobuf.decode(b"\xff\xff\xff")


@pytest.mark.parametrize("content", [b"{broken", b"[" * 10_001 + b"]" * 10_001])
def test_what_is_no_json_is_refused_with_the_id(content: bytes) -> None:
    """DEFECT 06-08: it was stored as nothing, and the client was told that all is well."""
    pub = pb.ClientPub(id="7", topic="grpA", content=content)
    with pytest.raises(Malformed) as caught:
        protobuf.decode(pb.ClientMsg(pub=pub).SerializeToString())
    assert (caught.value.id, caught.value.topic) == ("7", "grpA")


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        (b'"say "hi" to\\me"', 'say "hi" to\\me'),
        ("\u2421".encode(), "\u2421"),
        ('"\u2421"'.encode(), "\u2421"),
    ],
)
def test_what_tools_write_carelessly_is_understood(sent: bytes, meant: str) -> None:
    """Paragraphs 3.1 and 8.3: a text in quotes that nobody escaped, a bare mark that erases.

    DEFECT 06-21.
    """
    pub = pb.ClientPub(id="7", topic="grpA", content=sent)
    packet = protobuf.decode(pb.ClientMsg(pub=pub).SerializeToString()).packet
    assert json.loads(bytes(packet.content)) == meant  # type: ignore[union-attr]


def test_what_is_empty_is_absent() -> None:
    """Tools always send an empty description and subscription (paragraph 3.2)."""
    empty = pb.SetQuery(desc=pb.SetDesc(default_acs=pb.DefaultAcsMode()), sub=pb.SetSub())
    sub = protobuf.decode(
        pb.ClientMsg(sub=pb.ClientSub(id="1", topic="me", set_query=empty)).SerializeToString()
    ).packet
    assert isinstance(sub, Sub)
    assert sub.set is None
    change = protobuf.decode(
        pb.ClientMsg(set=pb.ClientSet(id="1", topic="me", query=empty)).SerializeToString()
    ).packet
    assert isinstance(change, Set)
    assert (change.desc, change.sub, change.tags, change.cred, change.aux) == (None,) * 5
    get = protobuf.decode(pb.ClientMsg(get=pb.ClientGet(id="1")).SerializeToString()).packet
    assert isinstance(get, Get)
    assert get.what == ""


def test_unknown_enums_are_nothing() -> None:
    acc = pb.ClientAcc(id="1", user_id="new")
    acc.auth_level = 99  # type: ignore[assignment]
    packet = protobuf.decode(pb.ClientMsg(acc=acc).SerializeToString()).packet
    assert isinstance(packet, Acc)
    assert packet.authlevel == ""


def test_the_chatbot_may_send_its_token_as_text() -> None:
    """Paragraph 7.1, its own fault: the text is what it was given on the command line.

    DEFECT 06-21.
    """
    raw = bytes(range(50))
    for secret in (raw, base64.b64encode(raw)):
        login = pb.ClientLogin(id="1", scheme="token", secret=secret)
        packet = protobuf.decode(pb.ClientMsg(login=login).SerializeToString()).packet
        assert packet.secret == raw  # type: ignore[union-attr]


# --- server to client -----------------------------------------------------------------------


def encoded(message: dict[str, Any]) -> pb.ServerMsg:
    """The ServerMsg that a JSON message becomes."""
    return pb.ServerMsg.FromString(protobuf.encode(json.dumps(message).encode()))


def test_ctrl_always_has_its_params_as_json() -> None:
    """DEFECT 06-06: some were lost on the way."""
    params = {"what": "tags", "del": 5, "reqCred": None, "acs": {"want": "JR"}}
    body = {"id": "1", "topic": "me", "code": 204, "text": "no content", "params": params}
    ctrl = encoded({"ctrl": {**body, "ts": "2026-01-01T00:00:00.000Z"}}).ctrl
    assert (ctrl.id, ctrl.topic, ctrl.code, ctrl.text) == ("1", "me", 204, "no content")
    assert {key: json.loads(raw) for key, raw in ctrl.params.items()} == params


def test_data() -> None:
    data = encoded(
        {
            "data": {
                "topic": "usrA",
                "from": "usrB",
                "ts": "2023-11-14T22:13:20.123Z",
                "seq": 7,
                "head": {"mime": "m"},
                "content": "Hello",
            }
        }
    ).data
    assert data == pb.ServerData(
        topic="usrA",
        from_user_id="usrB",
        timestamp=1_700_000_000_123,
        seq_id=7,
        head={"mime": b'"m"'},
        content=b'"Hello"',
    )


@pytest.mark.parametrize("what", [n for n in pb.ServerPres.What.keys() if n != "X3"])  # noqa: SIM118 - an enum
def test_every_kind_of_news(what: str) -> None:
    pres = {"topic": "me", "src": "grpA", "what": what.lower(), "ua": "u", "seq": 1, "clear": 2}
    more = {"tgt": "usrA", "act": "usrB", "dacs": {"want": "+R", "given": "-W"}}
    sent = encoded({"pres": {**pres, **more, "delseq": [{"low": 1, "hi": 4}]}}).pres
    assert sent == pb.ServerPres(
        topic="me",
        src="grpA",
        what=what,
        user_agent="u",
        seq_id=1,
        del_id=2,
        del_seq=[pb.SeqRange(low=1, hi=4)],
        target_user_id="usrA",
        actor_user_id="usrB",
        acs=pb.AccessMode(want="+R", given="-W"),
    )


def test_unknown_news_and_notes() -> None:
    assert encoded({"pres": {"topic": "me", "what": "other"}}).pres.what == pb.ServerPres.X3
    assert encoded({"info": {"topic": "me", "what": "kpa"}}).info.what == pb.X1


def test_info() -> None:
    note = {"topic": "usrA", "from": "usrB", "what": "call", "seq": 3, "src": "s"}
    sent = encoded({"info": {**note, "event": "hang-up", "payload": {"a": 1}}}).info
    assert sent == pb.ServerInfo(
        topic="usrA",
        from_user_id="usrB",
        what=pb.CALL,
        seq_id=3,
        src="s",
        event=pb.HANG_UP,
        payload=b'{"a": 1}',
    )


def test_meta() -> None:
    """DEFECT 06-07: whether a credential is confirmed is told."""
    meta = encoded(
        {
            "meta": {
                "id": "1",
                "topic": "me",
                "desc": {
                    "created": "1970-01-01T00:00:00.001Z",
                    "defacs": {"auth": "JR", "anon": "N"},
                    "acs": {"want": "J", "given": "R", "mode": "N"},
                    "seq": 1,
                    "read": 2,
                    "recv": 3,
                    "clear": 4,
                    "public": {"fn": "A"},
                    "chan": True,
                    "online": True,
                    "seen": {"when": "1970-01-01T00:00:00.002Z", "ua": "u"},
                },
                "sub": [{"user": "usrA", "topic": "grpA", "acs": {}, "private": ["t"]}],
                "del": {"clear": 5, "delseq": [{"low": 1}]},
                "tags": ["a"],
                "cred": [{"meth": "email", "val": "v", "done": True}],
                "aux": {"pins": [1]},
            }
        }
    ).meta
    desc = meta.desc
    assert (desc.created_at, desc.last_seen_time, desc.last_seen_user_agent) == (1, 2, "u")
    assert (desc.seq_id, desc.read_id, desc.recv_id, desc.del_id) == (1, 2, 3, 4)
    assert (desc.defacs.auth, desc.acs.want, desc.is_chan, desc.online) == ("JR", "J", True, True)
    assert json.loads(desc.public) == {"fn": "A"}
    assert (meta.sub[0].user_id, meta.sub[0].topic) == ("usrA", "grpA")
    assert meta.sub[0].HasField("acs")
    assert json.loads(meta.sub[0].private) == ["t"]
    gone = getattr(meta, "del")
    assert (gone.del_id, gone.del_seq[0].low) == (5, 1)
    assert list(meta.tags) == ["a"]
    assert meta.cred[0].done
    assert json.loads(meta.aux["pins"]) == [1]
