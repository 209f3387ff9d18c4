"""Commands become the packets they stand for (spec 06, paragraph 8.3)."""

from pathlib import Path
from typing import Any

import pytest

from chinwag.chat import commands
from chinwag.chat.commands import Request, Use
from chinwag.chat.errors import BadCommand
from chinwag.chat.values import secret

GROUP = "grpt_FkLNspK5s"


def made(line: str, use: Use | None = None) -> Request:
    """The packet of `line`."""
    return commands.build(commands.read(commands.split(line)), use or Use())


@pytest.mark.parametrize(
    ("line", "kind", "body"),
    [
        (f"sub {GROUP}", "sub", {"topic": GROUP}),
        (
            "sub new --fn Tea --mode JRWPS --tags a,b --get-query desc,sub",
            "sub",
            {
                "topic": "new",
                "set": {
                    "desc": {"public": {"fn": "Tea"}},
                    "sub": {"mode": "JRWPS"},
                    "tags": ["a", "b"],
                },
                "get": {"what": "desc sub"},
            },
        ),
        (f"leave {GROUP} --unsub", "leave", {"topic": GROUP, "unsub": True}),
        (
            f"""pub {GROUP} 'say "hi" \\' --head a:b""",
            "pub",
            {"topic": GROUP, "noecho": True, "content": 'say "hi" \\', "head": {"a": "b"}},
        ),
        (
            f"pub {GROUP} --markdown '**x**'",
            "pub",
            {
                "topic": GROUP,
                "noecho": True,
                "content": {"txt": "x", "fmt": [{"len": 1, "tp": "ST"}]},
                "head": {"mime": "text/x-drafty"},
            },
        ),
        (
            f"""pub {GROUP} --drafty '{{"txt":"x"}}'""",
            "pub",
            {
                "topic": GROUP,
                "noecho": True,
                "content": {"txt": "x"},
                "head": {"mime": "text/x-drafty"},
            },
        ),
        ("get me --desc --sub", "get", {"topic": "me", "what": "desc sub"}),
        (
            f"get {GROUP} --data --since 2 --limit 5",
            "get",
            {"topic": GROUP, "what": "data", "data": {"since": 2, "limit": 5}},
        ),
        ("set fnd --public=basic:zoe", "set", {"topic": "fnd", "desc": {"public": "basic:zoe"}}),
        (f"set {GROUP} --user=usrA", "set", {"topic": GROUP, "sub": {"user": "usrA"}}),
        ("set me --anon=JR", "set", {"topic": "me", "desc": {"defacs": {"anon": "JR"}}}),
        ("set me --private DEL!", "set", {"topic": "me", "desc": {"private": "\u2421"}}),
        (
            "set me --cred email:a@b.example",
            "set",
            {"topic": "me", "cred": {"meth": "email", "val": "a@b.example"}},
        ),
        (
            f"del msg --topic {GROUP} --seq 1,4-5 --hard",
            "del",
            {
                "topic": GROUP,
                "what": "msg",
                "hard": True,
                "delseq": [{"low": 1}, {"low": 4, "hi": 6}],
            },
        ),
        ("del user --user usrA --hard", "del", {"what": "user", "user": "usrA", "hard": True}),
        (f"del topic --topic {GROUP}", "del", {"what": "topic", "topic": GROUP}),
        (
            "del cred --cred email:a@b.example",
            "del",
            {"topic": "me", "what": "cred", "cred": {"meth": "email", "val": "a@b.example"}},
        ),
        (f"note {GROUP}", "note", {"topic": GROUP, "what": "kp"}),
        (f"note {GROUP} read --seq 4", "note", {"topic": GROUP, "what": "read", "seq": 4}),
        (
            "acc --uname zoe --password zoe123 --fn Zoe --do-login --cred email:z@b.example",
            "acc",
            {
                "user": "new",
                "scheme": "basic",
                "secret": secret("zoe:zoe123"),
                "login": True,
                "desc": {"public": {"fn": "Zoe"}},
                "cred": [{"meth": "email", "val": "z@b.example"}],
            },
        ),
        ("acc --user usrA --suspend true", "acc", {"user": "usrA", "status": "susp"}),
        (
            "login --uname zoe --password a:b",
            "login",
            {"scheme": "basic", "secret": secret("zoe:a:b")},
        ),
        ("login --scheme token AAAA=", "login", {"scheme": "token", "secret": "AAAA="}),
    ],
)
def test_packets(line: str, kind: str, body: dict[str, Any]) -> None:
    request = made(line)
    assert (request.kind, request.body, request.extra) == (kind, body, {})


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("nonsense", "There is no command nonsense."),
        ("pub", "pub: to which topic?"),
        (f"pub {GROUP}", "pub: nothing is said."),
        ("get me", "get: what? "),
        ("get --desc", "get: which topic?"),
        ("set me", "set: what? "),
        ("set me --cred email:a@b.example,tel:+1", "set: one credential"),
        ("del msg --topic me", "del msg: which? "),
        ("del cred", "del cred: which? "),
        ("del nonsense", "del: argument what: invalid choice"),
        (f"note {GROUP} read", "note read: of which message? "),
        (f"note {GROUP} call --seq 1", "note call: what happens? "),
        (f"note {GROUP} read --seq x", "note: argument --seq: invalid int"),
        ("login", "login: as whom? "),
        ("get me --desk", "get: unrecognized arguments: --desk."),
        ("pub 'x", "No closing quotation in: pub 'x"),
    ],
)
def test_what_means_nothing_is_said(line: str, sentence: str) -> None:
    with pytest.raises(BadCommand) as bad:
        made(line)
    assert str(bad.value).startswith(sentence)


def test_notes_need_no_number() -> None:
    """DEFECT 06-21: in the original's tool `note kp` without --seq never reaches the server."""
    assert made(f"note {GROUP} kp").body == {"topic": GROUP, "what": "kp"}
    call = made(f"note {GROUP} call --seq 3 --event hang-up")
    assert call.body == {"topic": GROUP, "what": "call", "seq": 3, "event": "hang-up"}


def test_what_is_used_without_saying_so() -> None:
    use = Use(user="usrA", topic=GROUP)
    assert made("pub hello there", use).body["content"] == "hello there"
    assert made("pub usrQaG1KtuHfNA hello", use).topic == "usrQaG1KtuHfNA"
    assert made("note read --seq 2", use).body == {"topic": GROUP, "what": "read", "seq": 2}
    assert made("sub", use).extra == {"obo": "usrA"}
    assert made("sub --as_root", use).extra == {"obo": "usrA", "authlevel": "root"}
    assert made("sub me --as_root").extra == {}


def test_how_many_answers_are_due() -> None:
    assert made("get me --desc --sub --cred").answers == 3
    assert made("sub me --get-query desc,sub").answers == 3
    assert made("sub me").answers == 1
    assert made(f"note {GROUP}").answers == 0


@pytest.mark.parametrize(
    ("line", "attaches"),
    [
        (f"pub {GROUP} x", True),
        (f"note {GROUP}", True),
        ("pub sys x", False),
        ("get me --desc", True),
        (f"get {GROUP} --desc --sub", False),
        (f"get {GROUP} --data", True),
        ("set me --fn x", True),
        (f"set {GROUP} --fn x", False),
        (f"del msg --topic {GROUP} --seq 1", True),
        (f"del topic --topic {GROUP}", False),
        ("del user", False),
        (f"sub {GROUP}", False),
    ],
)
def test_what_needs_to_be_attached(line: str, attaches: bool) -> None:
    assert made(line).attaches == attaches


def test_passwords_that_are_not_given_are_asked_for() -> None:
    assert commands.lacks_password(commands.read(["login", "--uname", "zoe"]))
    assert commands.lacks_password(commands.read(["acc", "--uname", "zoe"]))
    assert not commands.lacks_password(commands.read(["acc", "--uname", "z", "--password", "x"]))
    assert not commands.lacks_password(commands.read(["sub", "me"]))


def test_files_are_sent(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("hello")
    body = made(f"pub {GROUP} look --attachment {file}").body
    assert body["content"]["txt"] == "look"
    (entity,) = body["content"]["ent"]
    assert entity["data"] == {"mime": "text/plain", "name": "a.txt", "size": 5, "val": "aGVsbG8="}
    with pytest.raises(BadCommand, match="is no picture"):
        made(f"pub {GROUP} look --image {file}")


def test_commands_explain_themselves() -> None:
    assert commands.usage("leave").startswith("leave ")
    assert "--unsub" in commands.options_of("leave")
    assert commands.options_of("nonsense") == []
