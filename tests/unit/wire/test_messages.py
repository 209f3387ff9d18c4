"""The shapes of packets. Source: specification 01, paragraphs 6 and 7."""

import json
from typing import Any

import msgspec
import pytest
from msgspec import Raw, Struct

from chinwag.wire import messages as m
from chinwag.wire.codec import encode

STAMP = "2026-11-23T07:08:24.100Z"


def keys_of(shape: type[Struct]) -> set[str]:
    """The JSON keys of a packet."""
    return {field.encode_name for field in msgspec.structs.fields(shape)}


def written(**message: Any) -> Any:
    """The one member of a server's message, as a client reads it."""
    ((_, member),) = json.loads(encode(m.ServerMessage(**message))).items()
    return member


@pytest.mark.parametrize(
    ("shape", "keys"),
    [
        (m.ClientMessage, "hi acc login sub leave pub get set del note extra"),
        (m.Hi, "id ver ua dev lang platf bkg"),
        (m.Acc, "id user tmpscheme tmpsecret status authlevel scheme secret login tags desc cred"),
        (m.Login, "id scheme secret cred"),
        (m.Sub, "id topic set get"),
        (m.Leave, "id topic unsub"),
        (m.Pub, "id topic noecho head content"),
        (m.Get, "id topic what desc sub data del"),
        (m.Set, "id topic desc sub tags cred aux"),
        (m.Del, "id topic what delseq user cred hard"),
        (m.Note, "topic what seq unread event payload"),
        (m.Extra, "attachments obo authlevel"),
        (m.Credential, "meth val resp params"),
        (m.SetDesc, "defacs public trusted private"),
        (m.SetSub, "user mode"),
        (m.GetOpts, "user topic ims since before limit ranges"),
        (m.SeqRange, "low hi"),
        (m.Defacs, "auth anon"),
        (m.ServerMessage, "ctrl data meta pres info"),
        (m.Ctrl, "id topic params code text ts"),
        (m.Data, "topic from ts seq head content"),
        (m.Meta, "id topic ts desc sub del tags cred aux"),
        (m.Pres, "topic src what ua seq clear delseq tgt act dacs"),
        (m.Info, "topic src from what seq event payload"),
        (
            m.Desc,
            "created updated touched state online chan seen defacs acs seq read recv clear subcnt "
            "public trusted private",
        ),
        (
            m.SubRow,
            "updated deleted online acs read recv public trusted private user topic touched seq "
            "clear subcnt seen",
        ),
        (m.DelValues, "clear delseq"),
        (m.CredRow, "meth val done"),
        (m.Seen, "when ua"),
        (m.Acs, "want given mode"),
    ],
)
def test_keys_are_those_of_the_protocol(shape: type[Struct], keys: str) -> None:
    assert keys_of(shape) == set(keys.split())


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"ctrl": m.Ctrl(0, "", "")}, {"code": 0, "text": "", "ts": ""}),
        (
            {"data": m.Data("t", STAMP, 0, Raw(b"null"))},
            {"topic": "t", "ts": STAMP, "seq": 0, "content": None},
        ),
        ({"meta": m.Meta("")}, {"topic": ""}),
        ({"pres": m.Pres("", "")}, {"topic": "", "what": ""}),
        ({"info": m.Info("", "")}, {"topic": "", "what": ""}),
    ],
)
def test_what_is_always_written(message: dict[str, Any], text: object) -> None:
    """Column `omit` of paragraph 7: the rest is left out when it is empty.

    07-04: a missing number is NaN to clients.
    """
    assert written(**message) == text


def test_the_modes_of_a_row_are_always_written() -> None:
    """Clients need an object (paragraphs 7.3 and 15). 07-20."""
    rows = written(meta=m.Meta("me", sub=[m.SubRow(m.Acs(), topic="t")]))["sub"]
    assert rows == [{"acs": {}, "topic": "t"}]


def test_deletions_have_both_members() -> None:
    """One client drops them otherwise (paragraph 15); a single number has no `hi`. 07-04."""
    gone = m.DelValues(0, [m.SeqRange(3), m.SeqRange(5, 8)])
    found = written(meta=m.Meta("t", deletions=gone))["del"]
    assert found == {"clear": 0, "delseq": [{"low": 3}, {"low": 5, "hi": 8}]}


def test_credentials_that_wait_have_no_mark() -> None:
    rows = [m.CredRow("email", "a@b.c"), m.CredRow("tel", "+1", done=True)]
    found = written(meta=m.Meta("me", cred=rows))["cred"]
    assert found == [{"meth": "email", "val": "a@b.c"}, {"meth": "tel", "val": "+1", "done": True}]


def test_words_that_python_keeps_for_itself() -> None:
    assert written(info=m.Info("t", "kp", sender="usrA"))["from"] == "usrA"
    assert written(data=m.Data("t", STAMP, 1, Raw(b"1"), sender="usrA"))["from"] == "usrA"


def test_absent_and_empty_device() -> None:
    """DEFECT-24: absent means unchanged."""
    assert m.Hi().dev is None
    assert m.Hi().lang is None


def test_an_envelope_without_a_packet() -> None:
    assert m.ClientMessage(extra=m.Extra()).packet() is None
    assert m.ClientMessage(note=m.Note()).packet() == m.Note()
