"""Rich text in a terminal."""

from hypothesis import given
from hypothesis import strategies as st

from chinwag.bots.packets import Data
from chinwag.chat.rendering import clean, line_of, message, notice, plain, rendered, time_of
from chinwag.core.documents import ATTACHED, Document, Entity, Span
from chinwag.core.markdown import markdown


def test_styles() -> None:
    assert rendered(markdown("a **b *c*** `d`")) == [
        ("", "a "),
        ("bold", "b "),
        ("bold italic", "c"),
        ("", " "),
        ("class:code", "d"),
    ]


def test_links_show_where_they_lead() -> None:
    assert plain(rendered(markdown("[here](https://a.example)"))) == "here <https://a.example>"
    url = Document("https://a.example")
    shown = rendered(url.within(Entity("LN", {"url": "https://a.example"})))
    assert plain(shown) == "https://a.example"


def test_lines_files_and_buttons() -> None:
    picture = Document(" ").within(Entity("IM", {"name": "cat.png", "size": 4096, "val": "x"}))
    assert plain(rendered(markdown("a\nb"))) == "a\nb"
    assert plain(rendered(picture)) == "[cat.png, 4 KiB]"
    file = Span(ATTACHED, 0, Entity("EX", {"name": "a", "size": 5, "ref": "/x"}))
    assert plain(rendered(Document("look", (file,)))) == "look [a, 5 B]"
    button = Document("Yes").within(Entity("BN", {"name": "x"}))
    assert rendered(button) == [("class:button", "Yes")]


def test_a_message() -> None:
    data = Data("grpA", 7, "usrA", "nonsense", {"replace": ":3"}, "hi")
    assert plain(message(data, "Ann", mine=False)) == "--:-- #7 Ann (instead of #3)  hi"
    assert plain(notice("x")) == "— x"
    assert time_of("2026-11-24T23:40:07.218Z")[2] == ":"


def test_nothing_moves_the_cursor() -> None:
    assert clean("a\x1b[2Jb\x9b2J\r\u202ec\n") == "a [2Jb 2J c\n"
    assert line_of("a\n b  c") == "a b c"
    assert len(line_of("x" * 1000)) == 60


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["txt", "fmt", "ent", "at", "len", "tp", "key", "data", "url"]),
                inner,
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_somebody_sends_is_shown(content: object) -> None:
    text = plain(rendered(Document.read(content)))
    assert "\x1b" not in text
