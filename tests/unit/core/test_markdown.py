"""Markdown becomes rich text, and rich text becomes Markdown that means the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinwag.core.documents import Document, Entity, Span, join, lines
from chinwag.core.markdown import markdown, to_markdown


def marks(text: str) -> list[tuple[str, str]]:
    """What is what in a Markdown text."""
    document = markdown(text)
    return [(s.tp, document.cut(s.at, s.at + s.length).text) for s in document.spans]


@pytest.mark.parametrize(
    ("text", "plain", "expected"),
    [
        ("just text", "just text", []),
        ("**bold** and *thin*", "bold and thin", [("ST", "bold"), ("EM", "thin")]),
        ("~~gone~~", "gone", [("DL", "gone")]),
        ("`a*b`", "a*b", [("CO", "a*b")]),
        ("**a *b***", "a b", [("ST", "a b"), ("EM", "b")]),
        ("[docs](https://x.example/d)", "docs", [("LN", "docs")]),
        ("<https://x.example>", "https://x.example", [("LN", "https://x.example")]),
        ("![cat](https://x.example/c.png)", "cat", [("LN", "cat")]),
        ("[Ann](usrAbCdEfGhIjK)", "Ann", [("MN", "Ann")]),
        ("[run](javascript:x)", "[run](javascript:x)", []),
        ("[here](/relative)", "here", []),
        ("# Title\n\ntext", "Title\n\ntext", [("ST", "Title"), ("BR", " "), ("BR", " ")]),
        ("one\ntwo", "one\ntwo", [("BR", " ")]),
        ("- a\n- b", "• a\n• b", [("BR", " ")]),
        ("3. a\n4. b", "3. a\n4. b", [("BR", " ")]),
        ("- a\n  - b", "• a\n  • b", [("BR", " ")]),
        ("```py\na = 1\nb = 2\n```", "a = 1\nb = 2", [("CO", "a = 1 b = 2"), ("BR", " ")]),
        ("> said", "said", [("QQ", "said")]),
        ("a\n\n---\n\nb", "a\n\n———\n\nb", [("BR", " ")] * 4),
        ("<b>no html</b>", "<b>no html</b>", []),
        ("snake_case_name 2*3*4", "snake_case_name 234", [("EM", "3")]),
        ("", "", []),
    ],
)
def test_markdown_becomes_rich_text(text: str, plain: str, expected: list[tuple[str, str]]) -> None:
    assert markdown(text).plain == plain
    assert marks(text) == expected


def test_links_keep_where_they_lead() -> None:
    assert markdown("[d](https://x.example/d)").entities == [
        Entity("LN", {"url": "https://x.example/d"})
    ]


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (Document("2 * 3 [x] a_b"), "2 \\* 3 \\[x\\] a\\_b"),
        (Document("# no title"), "\\# no title"),
        (Document("1. no list"), "1\\. no list"),
        (Document("bold").within("ST"), "**bold**"),
        (Document("bold ").within("ST") + "x", "**bold** x"),
        (Document("a`b").within("CO"), "``a`b``"),
        (lines("a\nb").within("CO"), "```\na\nb\n```"),
        (Document("d").within(Entity("LN", {"url": "https://x.example/(d"})), "[d](https://x.example/%28d)"),
        (Document("Ann").within(Entity("MN", {"val": "usrAbCdEfGhIjK"})), "[Ann](usrAbCdEfGhIjK)"),
        (Document("x").within(Entity("BN", {"act": "pub"})), "x"),
        (Document("said").within("QQ") + "yes", "> said\n\nyes"),
        (Document("abcd", (Span(0, 3, "ST"), Span(2, 2, "EM"))), "**abc**d"),
        (Document("x", (Span(-1, 0, Entity("EX", {})),)), "x"),
    ],
)  # fmt: skip
def test_rich_text_becomes_markdown(document: Document, text: str) -> None:
    assert to_markdown(document) == text


PIECES = st.text("ab*_`~[]()<>#&!\\+-=.|1é \u0301👍", min_size=1, max_size=8).filter(
    lambda s: s == s.strip() and not s.startswith("\u0301")
)


@given(PIECES)
def test_text_means_itself(text: str) -> None:
    assert markdown(to_markdown(Document(text))) == Document(text)


@given(st.lists(st.sampled_from(["x", "word", "a.b"]), min_size=1, max_size=4), st.data())
def test_styles_survive_there_and_back(words: list[str], data: st.DataObject) -> None:
    parts = [
        Document(word).within(data.draw(st.sampled_from(["ST", "EM", "DL", "CO"])))
        for word in words
    ]
    document = join(part for one in parts for part in (one, " then "))
    document = document.cut(0, document.size - len(" then "))
    assert markdown(to_markdown(document)) == document
