"""Decoding and encoding. Source: specification 01, paragraphs 2 and 5."""

import contextlib
import json
import time
from typing import Any

import pytest
from msgspec import Raw

from chinwag.wire import codec
from chinwag.wire.codec import Malformed, decode
from chinwag.wire.messages import Acc, Ctrl, Del, Get, Hi, Login, Note, Pub, ServerMessage, Set, Sub

LARGEST = 262144


def packet(text: str | bytes) -> Any:
    """The packet that counts in a message."""
    return decode(text.encode() if isinstance(text, str) else text).packet


def refused(text: str | bytes) -> tuple[str, str]:
    """Id and topic that are reported of an unreadable message."""
    with pytest.raises(Malformed) as caught:
        packet(text)
    return caught.value.id, caught.value.topic


# --- what is read (paragraph 2.2) -----------------------------------------------------------


def test_keys_of_any_letter_case() -> None:
    """QUIRK-04, at every level the protocol knows and at no other."""
    assert packet('{"HI":{"ID":"1","Ver":"0.25"}}') == Hi(id="1", ver="0.25")
    found = packet('{"Acc":{"Cred":[{"Meth":"email"}],"DESC":{"DefAcs":{"Auth":"JR"}}}}')
    assert (found.cred[0].meth, found.desc.defacs.auth) == ("email", "JR")
    found = packet('{"PUB":{"Topic":"t","head":{"Mime":"x"},"content":{"Fn":{"ID":1}}}}')
    assert bytes(found.content) == b'{"Fn":{"ID":1}}'
    assert list(found.head) == ["Mime"]


def test_unknown_keys_are_ignored() -> None:
    """QUIRK-12: `acc.token` and `sub.bkg` are unknown, too."""
    assert packet('{"sub":{"topic":"me","bkg":true,"x":{"y":[1]}},"z":1}') == Sub(topic="me")
    assert packet('{"acc":{"user":"new","token":"x"}}') == Acc(user="new")


def test_null_means_absent() -> None:
    text = '{"acc":{"id":null,"login":null,"secret":null,"desc":null,"tags":null}}'
    assert packet(text) == Acc()
    assert packet('{"set":{"topic":"t","sub":{"mode":null},"desc":null}}').sub.mode == ""
    assert packet('{"hi":null,"login":{"id":"1"}}') == Login(id="1")


@pytest.mark.parametrize("more", ["", '"id":null,'], ids=["fast path", "slow path"])
def test_null_payload_of_a_note_is_present(more: str) -> None:
    found = packet(f'{{"note":{{{more}"topic":"t","what":"data","payload":null}}}}')
    assert bytes(found.payload) == b"null"
    assert not bytes(packet(f'{{"note":{{{more}"topic":"t","what":"data"}}}}').payload)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "null",
        "[]",
        '"hi"',
        "1",
        "true",
        '{"hi":',
        '{"hi":{}}{}',
        '{"hi":{}} x',
        "\ufeff" + '{"hi":{}}',
        '{"hi":{}} // comment',
        '{"hi":[]}',
        '{"hi":"x"}',
        '{"hi":{"id":2}}',
        '{"hi":{"bkg":"true"}}',
        '{"pub":{"content":NaN}}',
        '{"pub":{"content":01}}',
        '{"pub":{"content":"\\q"}}',
        '{"pub":{"content":"\n"}}',
    ],
)
def test_what_cannot_be_read(text: str) -> None:
    assert refused(text) == ("", "")


@pytest.mark.parametrize(
    "member",
    [
        '"limit":"10"',
        '"limit":10.0',
        '"limit":1e1',
        '"limit":true',
        '"limit":9223372036854775808',
        '"limit":-9223372036854775809',
        '"ranges":{}',
        '"ranges":[1]',
        '"ims":""',
        '"ims":1',
        '"ims":"2026-11-23T07:08:24"',
        '"ims":"2026-11-23 07:08:24Z"',
        '"ims":"2026-11-23t07:08:24z"',
        '"ims":"2026-11-23T07:08Z"',
        '"ims":"2026-11-23T07:08:24+0200"',
        '"ims":"2026-13-23T07:08:24Z"',
        '"ims":"2026-11-23T24:00:00Z"',
    ],
)
def test_wrong_types_refuse_the_whole_message_by_its_id(member: str) -> None:
    """DEFECT-15: the id and the topic are told where they can be read."""
    text = f'{{"get":{{"id":"7","topic":"me","what":"sub","sub":{{{member}}}}}}}'
    assert refused(text) == ("7", "me")


def test_integers_have_64_bits() -> None:
    text = '{"get":{"data":{"since":-9223372036854775808,"before":9223372036854775807}}}'
    assert packet(text).data.before == 2**63 - 1


def test_what_is_told_of_an_unreadable_message() -> None:
    """DEFECT-15; the first packet in the order of QUIRK-11 is the one that is answered."""
    assert refused('{"extra":{"id":"9"},"hi":{"id":"7","ver":2}}') == ("7", "")
    assert refused('{"extra":1,"hi":{"id":"7"},"sub":{"id":"8","topic":"t"}}') == ("8", "t")
    assert refused('{"foo":{"id":"9"},"sub":{"topic":"t","set":1}}') == ("", "")
    assert refused('{"sub":{"id":7,"topic":"t"}}') == ("", "")
    assert refused('{"sub":{"id":"7","topic":[1]}}') == ("7", "")


def test_broken_text_is_mended() -> None:
    """Invalid UTF-8 and lone surrogates become U+FFFD; pairs stay."""
    found = packet(b'{"pub":{"topic":"a\xffb","content":"\xe2\x90"}}')
    assert (found.topic, json.loads(bytes(found.content))) == ("a\ufffdb", "\ufffd")
    for escaped, mended in [
        (r"\ud800", "\ufffd"),
        (r"\udc00x", "\ufffdx"),
        (r"\ud800\ud83d\ude00", "\ufffd\U0001f600"),
        (r"\uD83D\uDE00\uDE00", "\U0001f600\ufffd"),
        (r"\\ud800", "\\ud800"),
        (r"\\\ud800", "\\\ufffd"),
    ]:
        found = packet(f'{{"pub":{{"id":"{escaped}","topic":"t","content":"{escaped}"}}}}')
        assert (found.id, json.loads(bytes(found.content))) == (mended, mended)


def test_space_around_a_message() -> None:
    assert packet(' \r\n\t{"hi":{"id":"1"}}\n ') == Hi(id="1")


@pytest.mark.parametrize("key", ["content", "Content"], ids=["fast path", "slow path"])
def test_nesting(key: str) -> None:
    """As deep as the reference reads, and no deeper."""
    outside = 2  # the envelope and the packet
    for depth, readable in [(100, True), (9_998, True), (9_999, False), (LARGEST // 3, False)]:
        nested = "[" * depth + "]" * depth
        text = f'{{"pub":{{"id":"1","topic":"t","{key}":{nested}}}}}'
        assert (depth + outside <= codec.NESTING_MAX) is readable
        if readable:
            assert bytes(packet(text).content) == nested.encode()
        else:
            assert refused(text) == ("", "")


def test_brackets_in_texts_are_no_levels() -> None:
    text = '{"pub":{"topic":"t","content":"' + '[{\\"' * 20_000 + '"}}'
    assert bytes(packet(text).content).startswith(b'"[{')
    wide = '{"pub":{"topic":"t","content":[' + "[]," * 20_000 + "[]]}}"
    assert bytes(packet(wide).content).endswith(b"[],[]]")


def test_of_two_members_with_one_key_the_last_one_wins() -> None:
    assert packet('{"hi":{"id":"1","ver":"0.25","id":"2"}}') == Hi(id="2", ver="0.25")
    assert packet('{"hi":{"id":"1","ID":"2","id":"3"}}') == Hi(id="3")
    found = packet('{"pub":{"topic":"t","content":{"a":1},"content":{"b":2}}}')
    assert bytes(found.content) == b'{"b":2}'
    found = packet('{"acc":{"cred":[{"meth":"email"}],"cred":[{"val":"x"}]}}')
    assert [(c.meth, c.val) for c in found.cred] == [("", "x")]


def test_two_objects_with_one_key_are_merged() -> None:
    """Where the protocol knows the key; what is in both counts as the last one says."""
    assert packet('{"hi":{"id":"1","ua":"a"},"hi":{"ver":"0.25","ua":"b"}}') == Hi(
        id="1", ver="0.25", ua="b"
    )
    found = packet(
        '{"sub":{"topic":"t","set":{"desc":{"public":1},"sub":{"mode":"JR"}},'
        '"SET":{"desc":{"private":2,"public":{"a":1}}}},"Sub":{"get":{"what":"desc"}}}'
    )
    assert (found.topic, found.get.what, found.set.sub.mode) == ("t", "desc", "JR")
    assert bytes(found.set.desc.public) == b'{"a":1}'
    assert bytes(found.set.desc.private) == b"2"
    assert packet('{"hi":{"id":"1"},"hi":null,"hi":{"ver":"0.25"}}') == Hi(ver="0.25")
    assert packet('{"hi":{"id":"1","ver":"0.25"},"hi":null,"login":{}}') == Login()


def test_an_unreadable_message_with_doubled_keys_is_told_by_its_last_id() -> None:
    """DEFECT-15."""
    assert refused('{"sub":{"id":"7","topic":"t","id":"8","set":1},"x":{}}') == ("8", "t")


@pytest.mark.parametrize("piece", ["A", "\\", '"A', '\\"A', "\\ud800", "[{", '{"A":', "A ", '"A" '])
def test_no_message_takes_long(piece: str) -> None:
    """Once a long run of capital letters kept the server busy for a minute."""
    head = '{"pub":{"id":"1","topic":"t","content":'
    for before, after in [('"', '"}}'), ("", "")]:
        text = head + before + piece * ((LARGEST - len(head)) // len(piece)) + after
        start = time.process_time()
        with contextlib.suppress(Malformed):
            packet(text)
        assert time.process_time() - start < 1.0


# --- values (paragraphs 2.3 to 2.5) ---------------------------------------------------------


def test_free_form_values_stay_as_they_are() -> None:
    """DEFECT-34: large integers and the order of keys are kept."""
    text = '{"z":9007199254740993,"a":[1.50,"\\u0041"]}'
    found = packet('{"pub":{"topic":"t","head":{"x":' + text + '},"content":' + text + "}}")
    assert bytes(found.content) == bytes(found.head["x"]) == text.encode()


def test_secrets_are_standard_base64() -> None:
    """QUIRK-07 is not kept; line ends inside are skipped."""

    def secret(text: str) -> bytes:
        found: bytes = packet(f'{{"login":{{"secret":{text}}}}}').secret
        return found

    assert secret('"YWxpY2U6YWxpY2UxMjM="') == b"alice:alice123"
    assert secret('"YWxp\\r\\nY2U="') == b"alice"
    assert secret('""') == b""
    for text in ['"YWxpY2U"', '"_-8="', '"Y W=="', "[1,2]", '"YW\\\\nxp"']:
        assert refused(f'{{"login":{{"id":"7","secret":{text}}}}}') == ("7", "")


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2026-11-23T07:08:24.1Z", 1795417704100),
        ("2026-11-23T07:08:24,1Z", 1795417704100),
        ("2026-11-23T09:08:24.123999+02:00", 1795417704123),
        ("0001-01-01T00:00:00+23:59", -62135683140000),
    ],
)
def test_instants(text: str, ms: int) -> None:
    """RFC 3339 with seconds and a zone; a comma before the fraction is tolerated."""
    assert packet(f'{{"get":{{"desc":{{"ims":"{text}"}}}}}}').desc.ims == ms


@pytest.mark.parametrize(
    ("ms", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1795417704100, "2026-11-23T07:08:24.100Z"),
        (1795417704000, "2026-11-23T07:08:24.000Z"),
        (-1, "1969-12-31T23:59:59.999Z"),
        (-62135596800000, "0001-01-01T00:00:00.000Z"),
    ],
)
def test_stamps_have_three_digits(ms: int, text: str) -> None:
    """DEFECT-29; QUIRK-06 is not kept."""
    assert codec.stamp(ms) == text


# --- which packet counts (paragraph 5, step 6) ----------------------------------------------


def test_the_first_packet_of_an_envelope_counts() -> None:
    """QUIRK-11; a packet without a single field is one, too."""
    order = ["pub", "sub", "leave", "hi", "login", "get", "set", "del", "acc", "note"]
    while order:
        found = packet(json.dumps({key: {} for key in reversed(order)}))
        assert type(found).__name__.lower() == order.pop(0)


def test_an_envelope_without_a_packet_is_no_packet() -> None:
    """Only `extra` is looked at before (paragraph 5, step 5)."""
    for text in ("{}", '{"hi":null}', '{"foo":{"id":"5"}}', '{"extra":{"obo":"x"}}'):
        assert packet(text) is None


def test_words_that_python_keeps_for_itself() -> None:
    assert packet('{"del":{"topic":"t","what":"msg"}}') == Del(topic="t", what="msg")
    assert packet('{"get":{"what":"del","del":{"since":3}}}').deletions.since == 3
    assert isinstance(packet('{"get":{"del":{}}}'), Get)


def test_set_parts_are_present_when_empty() -> None:
    """Specification 01, paragraph 6.9: an empty list or object counts."""
    found = packet('{"set":{"topic":"me","tags":[],"desc":{},"aux":{}}}')
    assert isinstance(found, Set)
    assert (found.tags, found.desc is None, found.aux, found.sub) == ([], False, {}, None)


# --- writing (paragraph 2.3) ----------------------------------------------------------------


def test_encoded_text_has_no_needless_space() -> None:
    message = ServerMessage(ctrl=Ctrl(200, "ok", codec.stamp(0), id="é", params={"n": 5}))
    text = '{"ctrl":{"code":200,"text":"ok","ts":"1970-01-01T00:00:00.000Z","id":"é",'
    assert codec.encode(message) == (text + '"params":{"n":5}}}').encode()


def test_values_hold_raw_json() -> None:
    assert codec.encode_value({"a": Raw(b'{"b":1}'), "c": [None]}) == b'{"a":{"b":1},"c":[null]}'


def test_packets_are_what_their_names_say() -> None:
    assert packet('{"pub":{"topic":"t","noecho":true}}') == Pub(topic="t", noecho=True)
    assert packet('{"note":{"topic":"t","what":"kp","id":"x","seq":0}}') == Note("t", "kp")
