"""Rich text: the examples of specification 07, paragraph 16.4, and whatever else may come."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinwag.core import drafty
from chinwag.core.drafty import BadDrafty


def words(value: object) -> str:
    """What a JSON value says."""
    return drafty.words(drafty.parse(json.dumps(value).encode()))


def short(value: object, limit: int = 12) -> str:
    """Its preview."""
    return drafty.preview(drafty.parse(json.dumps(value).encode()), limit).decode()


LINK = {"tp": "LN", "data": {"url": "https://x.example/d"}}
CAT = {"mime": "image/png", "name": "cat.png", "width": 64, "height": 32, "val": "iVB"}
MENTION = {"tp": "MN", "data": {"val": "usrA"}}
EXAMPLES: list[tuple[Any, str, str]] = [
    ("just text", "just text", '{"txt":"just text"}'),
    (
        {"txt": "make it bold now", "fmt": [{"at": 8, "len": 4, "tp": "ST"}]},
        "make it *bold* now",
        '{"txt":"make it bold","fmt":[{"tp":"ST","at":8,"len":4}]}',
    ),
    (
        {"txt": "nested styles", "fmt": [{"len": 13, "tp": "EM"}, {"at": 7, "len": 6, "tp": "CO"}]},
        "_nested `styles`_",
        '{"txt":"nested style","fmt":[{"tp":"CO","at":7,"len":5},{"tp":"EM","len":12}]}',
    ),
    (
        {
            "txt": "overlapping spans",
            "fmt": [{"len": 8, "tp": "ST"}, {"at": 4, "len": 10, "tp": "EM"}],
        },
        "*overlapp*ing spans",
        '{"txt":"overlapping ","fmt":[{"tp":"ST","len":8}]}',
    ),
    (
        {"txt": "see docs here", "fmt": [{"at": 4, "len": 4}], "ent": [LINK]},
        "see [docs](https://x.example/d) here",
        '{"txt":"see docs her","fmt":[{"at":4,"len":4}],'
        '"ent":[{"tp":"LN","data":{"url":"https://x.example/d"}}]}',
    ),
    (
        {"txt": "one two", "fmt": [{"at": 3, "len": 1, "tp": "BR"}]},
        "one\ntwo",
        '{"txt":"onetwo","fmt":[{"tp":"BR","at":3}]}',
    ),
    (
        {"txt": " caption", "fmt": [{"len": 1}], "ent": [{"tp": "IM", "data": CAT}]},
        "[IMAGE 'cat.png']caption",
        '{"txt":" caption","fmt":[{"len":1}],"ent":[{"tp":"IM","data":'
        '{"height":32,"mime":"image/png","name":"cat.png","width":64}}]}',
    ),
    (
        {
            "txt": "report",
            "fmt": [{"at": -1}],
            "ent": [{"tp": "EX", "data": {"name": "q1.pdf", "size": 1234}}],
        },
        "[FILE 'q1.pdf']report",
        '{"txt":"report","fmt":[{"at":-1}],'
        '"ent":[{"tp":"EX","data":{"name":"q1.pdf","size":1234}}]}',
    ),
    (
        {
            "txt": "Bob old text yes",
            "fmt": [{"len": 3}, {"at": 3, "len": 1, "tp": "BR"}, {"len": 12, "tp": "QQ"}],
            "ent": [MENTION],
        },
        "yes",
        '{"txt":" yes"}',
    ),
    (
        {"txt": " ", "fmt": [{"len": 1}], "ent": [{"tp": "VC", "data": {"aonly": True}}]},
        "[CALL]",
        '{"txt":" ","fmt":[{"len":1}],"ent":[{"tp":"VC"}]}',
    ),
    (
        {"txt": "@Ann and @Ann", "fmt": [{"len": 4}, {"at": 9, "len": 4}], "ent": [MENTION]},
        "@Ann and @Ann",
        '{"txt":"@Ann and @An","fmt":[{"len":4},{"at":9,"len":3}],"ent":[{"tp":"MN"}]}',
    ),
    (
        {"txt": "abc", "fmt": [None, {"len": 1, "tp": "ST"}]},
        "*a*bc",
        '{"txt":"abc","fmt":[{"tp":"ST","len":1}]}',
    ),
    ({"txt": "", "fmt": None, "ent": 5}, "", "{}"),
    ({"ent": [MENTION]}, "", "{}"),
]


@pytest.mark.parametrize(("value", "said", "preview"), EXAMPLES)
def test_example(value: object, said: str, preview: str) -> None:
    assert (words(value), short(value)) == (said, preview)


@pytest.mark.parametrize(
    "value",
    [
        {"fmt": [{"len": 5, "tp": "ST"}]},
        {"txt": "abc", "fmt": [{"at": 1, "len": -1, "tp": "ST"}]},
        {"txt": "abc", "fmt": [{"at": -2, "tp": "ST"}]},
        {"txt": "abc", "fmt": [{"at": "1", "tp": "ST"}]},
        {"txt": "abc", "fmt": [{"len": True, "tp": "ST"}]},
        {"txt": "abc", "fmt": [{"len": 1e300, "tp": "ST"}]},
        {"txt": "abc", "fmt": [{"len": 3, "key": 2}], "ent": [{"tp": "LN", "data": {}}]},
        {"txt": "abc", "fmt": [{"len": 3, "key": -1}], "ent": [LINK]},
        {"txt": "abc", "fmt": [{}]},
        {"txt": "abc", "fmt": [7]},
        {"txt": "abc", "ent": [7]},
        {"txt": "abc", "ent": [{"data": {}}]},
        {"other": 1},
        {"fmt": [None], "ent": [None]},
        12,
        [],
        True,
    ],
)
def test_what_is_no_drafty(value: object) -> None:
    with pytest.raises(BadDrafty):
        words(value)


def test_nothing_is_nothing() -> None:
    for content in (None, b"", b"null"):
        assert drafty.words(drafty.parse(content)) == ""
        assert drafty.preview(drafty.parse(content)) == b""


def test_a_null_entity_keeps_its_place() -> None:
    value = {"txt": "ab", "fmt": [{"len": 1, "key": 1}, {"at": 1, "len": 1}], "ent": [None, LINK]}
    assert words(value) == "[a](https://x.example/d)b"
    assert '"fmt":[{"len":1}]' in short(value)


def test_clusters_of_256_bytes_shift_nothing() -> None:
    """D13b: the reference counts their bytes in eight bits."""
    stack = "e" + "\u0301" * 400
    value = {"txt": stack + "b", "fmt": [{"at": 1, "len": 1, "tp": "ST"}]}
    assert drafty.words(drafty.parse(json.dumps(value).encode()), 9999) == f"{stack}*b*"


def test_words_are_cut_behind_128_code_points() -> None:
    assert words(" " + "x" * 128 + " ") == "x" * 128
    assert words("x" * 129) == "x" * 128 + "…"


def test_leading_breaks_and_long_data_are_left_out_of_previews() -> None:
    big = {"tp": "IM", "data": {"name": "n" * 128, "ref": "r" * 127, "size": {"a": 1}, "url": None}}
    value = {
        "txt": " ab",
        "fmt": [{"len": 1, "tp": "BR"}, {"at": 1, "len": 1}],
        "ent": [big],
    }
    made = json.loads(short(value))
    assert made["txt"] == "ab"
    assert made["fmt"] == [{"len": 1}]
    assert made["ent"] == [{"tp": "IM", "data": {"ref": "r" * 127, "url": None}}]


def test_what_would_be_deep_is_not() -> None:
    spans = [{"len": 2, "tp": "ST"}] * 20_000
    assert words({"txt": "ab", "fmt": spans}) == "*" * 16 + "ab" + "*" * 16


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=8,
)
TXT = st.text(st.sampled_from("ab \n\u0301\u200d\U0001f468\U0001f1e9"), max_size=12)
TP = st.sampled_from(["ST", "EM", "BR", "QQ", "LN", "EX", "IM", "VC", "MN", "RW", "??", ""])
STYLE = st.fixed_dictionaries(
    {},
    optional={
        "at": st.integers(-1, 8),
        "len": st.integers(0, 6),
        "tp": TP,
        "key": st.integers(0, 2),
    },
)
ENTITY = st.fixed_dictionaries(
    {"tp": TP.filter(bool)},
    optional={"data": st.dictionaries(st.sampled_from(["url", "name", "size", "val"]), JSON)},
)
DRAFTY = st.fixed_dictionaries(
    {},
    optional={
        "txt": TXT,
        "fmt": st.lists(st.none() | STYLE, max_size=6),
        "ent": st.lists(st.none() | ENTITY, max_size=3),
    },
)


@given(DRAFTY | JSON, st.integers(0, 9))
def test_previews_are_drafty_and_short(value: object, limit: int) -> None:
    """Whatever comes is a document or none, and its preview is one again that says as much."""
    try:
        document = drafty.parse(json.dumps(value).encode())
    except BadDrafty:
        return
    assert isinstance(drafty.words(document), str)
    made = drafty.preview(document, limit)
    if document is None or made == b"{}":
        return
    if not any(span.tp in ("BR", "EX", "QQ") for span in document.spans):  # which drop text, so
        again = drafty.parse(made)  # that what was two clusters may become one
        assert again is not None
        assert list(again.txt) == list(document.txt[:limit])
    assert len(json.loads(made).get("fmt", ())) <= len(document.spans)


@given(st.binary(max_size=60))
def test_whatever_bytes_come(content: bytes) -> None:
    try:
        drafty.words(drafty.parse(content))
    except BadDrafty:
        return
