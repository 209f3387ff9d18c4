"""What clients should not say: exact replies, and a server that lives on.

Source: specification 01, paragraphs 2.2, 5 and 6; DEFECT-01 and DEFECT-15.
"""

import json

import pytest

from live import Live
from talk import Packet, Talk, fresh, plain, refuses, secret

GROUP = "grpAAAAAAAAAAA"
NOBODY = "usrAQAAAAAAAAA"

# --- what is no message ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "x",
        "0",
        "11",
        "[]",
        "null",
        '"hi"',
        "{}",
        "{",
        '{"hi"',
        '{"hi":{"id":"1","ver":"0.25"}',
        '{"hi":{"id":"1","ver":"0.25"}} x',
        '{"hi":{"id":"1","ver":"0.25"}}{"hi":{"id":"2"}}',
        '\ufeff{"hi":{"id":"1","ver":"0.25"}}',
        '// comment\n{"hi":{"id":"1"}}',
        "{'hi':{'id':'1'}}",
        '{"hi":null}',
        '{"frob":{"id":"1"}}',
        "[" * 100_000,
        '{"pub":' * 20_000,
        "\0",
    ],
    ids=lambda text: repr(text[:24]),
)
def test_what_is_no_message(talk: Talk, text: str) -> None:
    """Paragraph 2.2: rejected as a whole, without an id."""
    refuses(talk, text, code=400, text="malformed")


@pytest.mark.parametrize("raw", [b"\xff\xfe", b"\x00" * 100, b"{\xff}"])
def test_bytes_that_are_no_text(talk: Talk, raw: bytes) -> None:
    refuses(talk, raw, code=400, text="malformed")


@pytest.mark.parametrize(
    "body",
    [
        {"login": {"id": "x", "scheme": 5}},
        {"login": {"id": "x", "scheme": "basic", "secret": "not base64!"}},
        {"login": {"id": "x", "cred": {}}},
        {"acc": {"id": "x", "user": "new", "login": "true"}},
        {"hi": {"id": "x", "ver": 0.25}},
    ],
    ids=json.dumps,
)
def test_fields_of_the_wrong_type(talk: Talk, body: Packet) -> None:
    """DEFECT-15: a readable id comes back, so that clients need not wait."""
    refuses(talk, body, code=400, text="malformed", id="x")


@pytest.mark.parametrize(
    "body",
    [
        {"sub": {"id": "x", "topic": "me", "get": "desc"}},
        {"get": {"id": "x", "topic": "me", "what": 1}},
        {"get": {"id": "x", "topic": "me", "what": "sub", "sub": {"limit": "10"}}},
        {"get": {"id": "x", "topic": "me", "what": "data", "data": {"since": 1.5}}},
        {"get": {"id": "x", "topic": "me", "what": "desc", "desc": {"ims": "yesterday"}}},
        {"set": {"id": "x", "topic": "me", "tags": "one"}},
        {"del": {"id": "x", "topic": "me", "delseq": [1]}},
        {"pub": {"id": "x", "topic": "me", "head": []}},
    ],
    ids=json.dumps,
)
def test_fields_of_the_wrong_type_about_a_topic(user: Talk, body: Packet) -> None:
    refuses(user, body, code=400, text="malformed", id="x", topic="me")


@pytest.mark.parametrize("ident", [2, None, [], {}, True, 1.5])
def test_an_id_that_is_no_text(talk: Talk, ident: object) -> None:
    """A null counts as absent; anything else but text is rejected."""
    message = {"login": {"id": ident, "scheme": "frob"}}
    if ident is None:
        refuses(talk, message, code=401, text="unknown authentication scheme")
    else:
        refuses(talk, message, code=400, text="malformed")


def test_numbers_must_be_plain_integers(user: Talk) -> None:
    """Paragraph 2.2: neither 10.0 nor 1e1."""
    for number in ("10.0", "1e1", "99999999999999999999", '"10"'):
        what = f'{{"get":{{"id":"x","topic":"me","what":"sub","sub":{{"limit":{number}}}}}}}'
        refuses(user, what, code=400, text="malformed", id="x", topic="me")


def test_unknown_fields_are_ignored(user: Talk) -> None:
    user.say({"sub": {"id": "x", "topic": "me", "frob": {"a": [1]}}, "frob": 1})
    assert plain(user.answer("x")) == {"code": 200, "text": "ok", "id": "x", "topic": "me"}


def test_case_and_space_do_not_matter(talk: Talk) -> None:
    """QUIRK-04."""
    message = '\r\n {"LOGIN" : { "ID":"x" , "Scheme":"frob" } } \t'
    refuses(talk, message, code=401, text="unknown authentication scheme", id="x")


def test_the_first_known_member_counts(talk: Talk) -> None:
    """QUIRK-11: pub before sub before leave before hi before login …, the rest is ignored."""
    both = {"login": {"id": "login"}, "leave": {"id": "leave", "topic": "me"}}
    expected = {"code": 401, "text": "authentication required", "id": "leave", "topic": "me"}
    refuses(talk, both, **expected)


def test_broken_text_is_mended(user: Talk) -> None:
    """Paragraph 2.2: invalid UTF-8 and lone surrogates become U+FFFD."""
    for topic in (b'"grp\\ud800"', b'"grp\xff"'):
        user.say(b'{"leave":{"id":"x","topic":' + topic + b"}}")
        assert user.answer("x")["topic"] == "grp\ufffd"


# --- too early ------------------------------------------------------------------------------


ABOUT_TOPICS = [
    {"sub": {"id": "x", "topic": GROUP}},
    {"leave": {"id": "x", "topic": GROUP}},
    {"pub": {"id": "x", "topic": GROUP, "content": "hi"}},
    {"get": {"id": "x", "topic": GROUP, "what": "desc"}},
    {"set": {"id": "x", "topic": GROUP, "tags": ["one"]}},
    {"del": {"id": "x", "topic": GROUP, "what": "msg"}},
]
ABOUT_ACCOUNTS = [
    {"login": {"id": "x", "scheme": "basic", "secret": secret("anna:password")}},
    {"acc": {"id": "x", "user": "new", "scheme": "basic", "secret": secret("anna:password")}},
]


@pytest.mark.parametrize("message", [*ABOUT_TOPICS, *ABOUT_ACCOUNTS], ids=json.dumps)
def test_before_hi(live: Live, message: Packet) -> None:
    with Talk(live.port, greet=False) as talk:
        refuses(talk, message, code=409, text="command out of sequence", id="x")
        assert talk.ask("hi", ver="0.25")["code"] == 201


@pytest.mark.parametrize("message", ABOUT_TOPICS, ids=json.dumps)
def test_before_login(talk: Talk, message: Packet) -> None:
    refuses(talk, message, code=401, text="authentication required", id="x", topic=GROUP)


@pytest.mark.parametrize("greet", [False, True])
def test_early_notes_are_dropped(live: Live, greet: bool) -> None:
    with Talk(live.port, greet=greet) as talk:
        talk.say({"note": {"topic": GROUP, "what": "kp"}})
        talk.say("1")
        assert talk.ws.recv() == "0"


@pytest.mark.parametrize(
    ("ver", "expected"),
    [
        (None, {"code": 400, "text": "malformed"}),
        ("", {"code": 400, "text": "malformed"}),
        ("frob", {"code": 400, "text": "malformed"}),
        ("0.19", {"code": 505, "text": "version not supported"}),
    ],
)
def test_versions_that_cannot_be(live: Live, ver: str | None, expected: dict[str, object]) -> None:
    with Talk(live.port, greet=False) as talk:
        refuses(talk, {"hi": {"id": "x", "ver": ver}}, **expected, id="x")
        assert talk.ask("hi", ver="0.25")["code"] == 201, "it may try again"


def test_log_ins_that_cannot_be(talk: Talk) -> None:
    login = {"id": "x", "scheme": "frob", "secret": secret("a:b")}
    refuses(talk, {"login": login}, code=401, text="unknown authentication scheme", id="x")
    login = {"id": "x", "scheme": "basic", "secret": secret("nobody:password")}
    refuses(talk, {"login": login}, code=401, text="authentication failed", id="x")
    login = {"id": "x", "scheme": "token", "secret": secret("frob")}
    refuses(talk, {"login": login}, code=400, text="malformed", id="x")


def test_temporary_authentication_with_an_unknown_scheme(talk: Talk) -> None:
    """DEFECT-01: this ended the whole reference server."""
    acc = {"id": "x", "user": NOBODY, "tmpscheme": "frob", "tmpsecret": secret("x")}
    refuses(talk, {"acc": acc}, code=401, text="unknown authentication scheme", id="x")


def test_acting_for_others_needs_root(user: Talk) -> None:
    refused = {"code": 403, "text": "permission denied"}
    refuses(user, {"extra": {"obo": NOBODY}}, **refused)
    message = {"pub": {"id": "x", "topic": GROUP}, "extra": {"obo": NOBODY}}
    refused = {"code": 403, "text": "permission denied", "id": "x", "topic": GROUP}
    refuses(user, message, **refused)


# --- unknown topics, no permission ----------------------------------------------------------


@pytest.mark.parametrize(
    "name", [GROUP, "frob", "chnAAAAAAAAAAA", "p2pAAAA", "grp", "slfAAAAAAAAAAA"]
)
def test_topics_that_are_not_there(user: Talk, name: str) -> None:
    expected = {"id": "x", "topic": name}
    gone = {"code": 404, "text": "topic not found", **expected}
    refuses(user, {"sub": {"id": "x", "topic": name}}, **gone)
    pub = {"pub": {"id": "x", "topic": name, "content": "hi"}}
    refuses(user, pub, code=409, text="must attach first", **expected)
    leave = {"leave": {"id": "x", "topic": name}}
    refuses(user, leave, code=304, text="not joined", **expected)


def test_users_that_are_not_there(user: Talk) -> None:
    sub = {"sub": {"id": "x", "topic": NOBODY}}
    refuses(user, sub, code=404, text="user not found", id="x", topic=NOBODY)


def test_a_request_without_a_topic(user: Talk) -> None:
    for kind in ("sub", "leave", "pub", "get", "set", "del"):
        body = {"id": "x", "what": "desc"} if kind == "get" else {"id": "x"}
        user.say({kind: body})
        assert plain(user.answer("x")) == {"code": 400, "text": "malformed", "id": "x"}, kind


def test_without_permission(live: Live, user: Talk) -> None:
    topic = user.ask("sub", topic="new1", set={"desc": {"defacs": {"auth": "JR", "anon": "N"}}})[
        "topic"
    ]
    with Talk(live.port) as other:
        other.register(fresh("other"))
        expected = {"code": 403, "text": "permission denied", "id": "x", "topic": topic}
        get = {"get": {"id": "x", "topic": topic, "what": "data"}}
        refuses(other, get, **expected)
        assert other.ask("sub", topic=topic)["code"] == 200
        refuses(other, {"pub": {"id": "x", "topic": topic, "content": "hi"}}, **expected)
        refuses(other, {"set": {"id": "x", "topic": topic, "desc": {"public": "x"}}}, **expected)
        who = {"user": user.uid, "mode": "N"}
        refuses(other, {"set": {"id": "x", "topic": topic, "sub": who}}, **expected)
        kick = {"del": {"id": "x", "topic": topic, "what": "sub", "user": user.uid}}
        refuses(other, kick, **expected)
