"""Words of messages. Source: specification 04, paragraph 5.4; specification 07, paragraph 18.5."""

import re
from pathlib import Path

import pytest

from chinwag.plugins.letters import BadLetters, Letters
from chinwag.ports import Notice

URL = "https://chat.example.com/"
LANGUAGES = ["ar", "de", "en", "es", "fr", "it", "ja", "ko", "pt", "ru", "uk", "vi", "zh", "zh-TW"]
CONFIRM = Notice("confirm", "a+b@example.com", "012345", 86_400, token="A/b+c=")
RESET = Notice("reset", "a+b@example.com", "012345", 900, scheme="basic", login="<al&ce>")


@pytest.fixture(scope="module")
def letters() -> Letters:
    return Letters(URL)


def in_language(notice: Notice, lang: str) -> Notice:
    """The same notice for somebody who speaks `lang`."""
    return Notice(notice.kind, notice.to, notice.code, notice.life_s, lang, *_rest(notice))


def _rest(notice: Notice) -> tuple[str, str, str]:
    return notice.token, notice.scheme, notice.login


def test_there_are_words_in_these_languages(letters: Letters) -> None:
    assert letters.languages == LANGUAGES


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_letter_carries_code_and_links(letters: Letters, lang: str) -> None:
    """DEFECTs D-52, 07-15: links of seven languages led nowhere, `+` broke the others."""
    confirm = letters.mail("email", in_language(CONFIRM, lang))
    link = URL + "#cred?method=email&code=012345&token=A%2Fb%2Bc%3D"
    page = URL + "#cred?method=email"
    assert link in confirm.plain
    assert page in confirm.plain
    assert link.replace("&", "&amp;") in confirm.html
    assert "012345" in confirm.html
    reset = letters.mail("email", in_language(RESET, lang))
    link = URL + "#reset?scheme=basic&code=012345&cred=email:a%2Bb@example.com"
    assert link in reset.plain
    assert link.replace("&", "&amp;") in reset.html
    assert "<al&ce>" in reset.plain
    assert "&lt;al&amp;ce&gt;" in reset.html
    assert f'lang="{lang}" dir="{"rtl" if lang == "ar" else "ltr"}"' in reset.html
    text = letters.text(in_language(CONFIRM, lang))
    assert "012345" in text
    assert "chat.example.com" in text
    assert "\n" not in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_language_borrows_from_another(letters: Letters, lang: str) -> None:
    others = [other for other in LANGUAGES if other != lang]
    own = letters.mail("email", in_language(RESET, lang)).subject
    assert own not in [letters.mail("email", in_language(RESET, other)).subject for other in others]


def test_the_real_life_of_a_code_is_told(letters: Letters) -> None:
    """DEFECT D-52: it said 24 hours and meant 15 minutes."""
    assert "24 hours" in letters.mail("email", CONFIRM).plain
    assert "15 minutes" in letters.mail("email", RESET).plain


def test_the_log_in_name_is_told_only_where_it_is_known(letters: Letters) -> None:
    unknown = Notice("reset", "a@example.com", "012345", 900, scheme="basic")
    assert "You log in as" not in letters.mail("email", unknown).plain
    assert "You log in as" not in letters.mail("email", unknown).html


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("", "en"),
        ("de", "de"),
        ("DE-at", "de"),
        ("pt_BR", "pt"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh-Hans-HK", "zh-TW"),
        ("zh_TW", "zh-TW"),
        ("zh-Hant", "zh-TW"),
        ("zh-HK", "zh-TW"),
        ("tlh", "en"),
        ("-", "en"),
    ],
)
def test_the_language_that_fits_best(letters: Letters, wanted: str, found: str) -> None:
    assert letters.language_for(wanted) == found


def test_an_operator_has_other_words(tmp_path: Path) -> None:
    ours = Letters(URL)
    words = tmp_path / "tlh.toml"
    english = Path(str(Path(__file__).parents[3] / "src/chinwag/letters/en.toml")).read_text()
    words.write_text(english.replace("Hello,", "nuqneH"))
    (tmp_path / "mail.txt").write_text("$hello $code $link")
    letters = Letters(URL, str(tmp_path), "tlh")
    assert letters.language_for("xx") == "tlh"
    plain = letters.mail("email", CONFIRM).plain
    assert plain.startswith("nuqneH 012345 https")
    assert letters.mail("email", in_language(CONFIRM, "de")).subject == (
        ours.mail("email", in_language(CONFIRM, "de")).subject
    )


@pytest.mark.parametrize(
    ("name", "text", "why"),
    [
        ("de.toml", "hours = ", "no valid TOML"),
        ("de.toml", 'hours = "{n}"', "language de cannot be used"),
        ("german words.toml", "", "named after a language"),
        ("letter.html", "", "Nobody needs"),
        ("mail.txt", "$code $unknown", "cannot be used"),
    ],
)
def test_words_that_cannot_be_used(tmp_path: Path, name: str, text: str, why: str) -> None:
    """They are found out at the start, not when somebody needs them."""
    (tmp_path / name).write_text(text)
    with pytest.raises(BadLetters, match=why):
        Letters(URL, str(tmp_path))


def test_there_is_no_such_folder_or_language(tmp_path: Path) -> None:
    with pytest.raises(BadLetters, match="no folder"):
        Letters(URL, str(tmp_path / "nowhere"))
    with pytest.raises(BadLetters, match="no words in the language tlh"):
        Letters(URL, language="tlh")


def test_nothing_is_loaded_from_elsewhere(letters: Letters) -> None:
    """No picture, style or script of another host: a mail tells nobody that it was read."""
    html = letters.mail("email", CONFIRM).html
    assert set(re.findall(r"https?://[^/\"]+", html)) == {"https://chat.example.com"}
    assert "<img" not in html
