"""Rich texts: written, read, added up, cut."""

from typing import Any

import pytest

from chinwag.core.documents import BREAK, Document, Entity, Span, join, length, lines

STRONG = Document("bold").within("ST")
LINK = Document("here").within(Entity("LN", {"url": "https://x.example"}))


def test_text_alone_is_sent_as_text() -> None:
    assert Document("just text").wire == "just text"


def test_styles_and_entities_are_written() -> None:
    assert ("see " + "" + STRONG.text, (Document("see ") + STRONG).wire) == (
        "see bold",
        {"txt": "see bold", "fmt": [{"at": 4, "len": 4, "tp": "ST"}]},
    )
    assert join([LINK, " ", LINK]).wire == {
        "txt": "here here",
        "fmt": [{"len": 4}, {"at": 5, "len": 4}],
        "ent": [{"tp": "LN", "data": {"url": "https://x.example"}}],
    }


def test_positions_count_what_people_see() -> None:
    """Source: specification 07, paragraph 15."""
    family = "👨‍👩‍👧"
    assert length(family + "e\u0301") == 2
    assert (Document(family) + STRONG).spans == (Span(1, 4, "ST"),)


def test_line_breaks_are_blanks_with_a_meaning() -> None:
    document = lines("one\ntwo")
    assert document.wire == {"txt": "one two", "fmt": [{"at": 3, "len": 1, "tp": "BR"}]}
    assert document.plain == "one\ntwo"


def test_a_document_is_cut_with_its_spans() -> None:
    whole = Document("ab") + STRONG + BREAK + "cd"
    assert whole.cut(0, 4) + whole.cut(4, 9) == Document(
        whole.text, (Span(2, 2, "ST"), Span(4, 2, "ST"), Span(6, 1, "BR"))
    )


@pytest.mark.parametrize(
    "document",
    [
        Document("plain"),
        join(["a ", STRONG, BREAK, LINK]),
        Document("x").within("EM").within("ST"),
        Document("", (Span(-1, 0, Entity("EX", {"name": "a.pdf"})),)),
    ],
)
def test_what_is_written_is_read_again(document: Document) -> None:
    read = Document.read(document.wire)
    assert read.text == document.text
    assert set(map(str, read.spans)) == set(map(str, document.spans))


@pytest.mark.parametrize(
    ("content", "text", "spans"),
    [
        (None, "", ()),
        (12, "", ()),
        ([], "", ()),
        ({"other": 1}, "", ()),
        ({"txt": 3, "fmt": 4, "ent": 5}, "", ()),
        ({"txt": "abc", "fmt": [None, {"len": 1, "tp": "ST"}]}, "abc", (Span(0, 1, "ST"),)),
        ({"txt": "abc", "fmt": [{"at": 1, "len": -1, "tp": "ST"}]}, "abc", ()),
        ({"txt": "abc", "fmt": [{"at": 1, "len": 9, "tp": "ST"}]}, "abc", ()),
        ({"txt": "abc", "fmt": [{"len": 3, "key": 2}], "ent": [{"tp": "LN"}]}, "abc", ()),
        ({"txt": "abc", "fmt": [{"len": "3", "tp": "ST"}]}, "abc", ()),
        ({"txt": " ", "ent": [{"tp": "IM"}]}, " ", (Span(0, 0, Entity("IM", {})),)),
    ],
)
def test_what_cannot_be_understood_is_left_out(
    content: Any, text: str, spans: tuple[Span, ...]
) -> None:
    assert Document.read(content) == Document(text, spans)


def test_parts_that_go_on_with_a_character_are_counted_as_clients_count() -> None:
    """The same as adding them up, but in a time that grows with the text only."""
    parts: list[Document | str] = [
        "e",
        Document("\u0301x").within("ST"),
        "\U0001f1e9",
        Document("\U0001f1ea!").within("EM"),
    ]
    whole = Document()
    for part in parts:
        whole += part
    assert join(parts) == whole
    many = join([Document("a").within("ST")] * 20_000)
    assert many.spans[-1].at == 19_999
