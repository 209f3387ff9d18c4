"""The words of messages that carry codes, in many languages.

Each language is a TOML file of sentences, `mail.txt` and `mail.html` are the layouts around them;
a folder of the operator's may hold any of these files instead of ours.
Source: specification 04, paragraph 5.4, DEFECT D-52; specification 07, paragraph 18.5.
"""

import html
import importlib.resources
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlsplit

from chinwag.ports import Notice

_TRADITIONAL: Final = ("hant", "tw", "hk", "mo")
_RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ur"})
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})*")
_LIFE_S: Final = 900  # of the letters that are written to see whether the words can be used


class BadLetters(Exception):
    """Words that cannot be used; the message says which and why."""


class Letter(NamedTuple):
    """A mail: its subject, and its text twice."""

    subject: str
    plain: str
    html: str


class Letters:
    """Writes messages in the language of who gets them."""

    def __init__(self, public_url: str, folder: str = "", language: str = "en") -> None:
        """Read all words. Raises BadLetters."""
        self._url = public_url
        self._host = urlsplit(public_url).netloc
        files = _files(Path(folder) if folder else None)
        self._layouts = {name: Template(files.pop(name)) for name in ("mail.txt", "mail.html")}
        self._words = {_tag_of(name): _parsed(name, text) for name, text in files.items()}
        self._language = language
        if language not in self._words:
            raise BadLetters(f"There are no words in the language {language}.")
        self._try_all()

    def _try_all(self) -> None:
        for lang in self._words:
            for kind in ("confirm", "reset"):
                notice = Notice(kind, "a@b.c", "123456", _LIFE_S, lang=lang, login="alice")
                try:
                    self.mail("email", notice)
                    self.text(notice)
                except (KeyError, ValueError, TypeError, AttributeError) as error:
                    why = f"The words in the language {lang} cannot be used ({kind}): {error!r}."
                    raise BadLetters(why) from None

    @property
    def languages(self) -> list[str]:
        """The languages there are words in."""
        return sorted(self._words)

    def mail(self, method: str, notice: Notice) -> Letter:
        """A mail that carries the code of `notice`."""
        lang = self.language_for(notice.lang)
        words = self._words[lang]
        known = self._known(method, notice, words)
        said = {k: v.format_map(known) for k, v in words[notice.kind].items()}
        login = said.pop("login", "") if notice.login else ""
        said |= {"link": known["link"], "code": notice.code, "lang": lang, "login": login}
        said["dir"] = "rtl" if lang.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"
        plain = {**said, "login": f"{login}\n" if login else ""}
        escaped = {k: html.escape(v) for k, v in said.items()}
        escaped["login"] = f"<p>{escaped['login']}</p>\n" if login else ""
        return Letter(
            said["subject"],
            self._layouts["mail.txt"].substitute(plain),
            self._layouts["mail.html"].substitute(escaped),
        )

    def text(self, notice: Notice) -> str:
        """A text message that carries the code of `notice`."""
        words = self._words[self.language_for(notice.lang)]
        text: str = words["sms"]["text"].format_map({"code": notice.code, "host": self._host})
        return text

    def _known(self, method: str, notice: Notice, words: Mapping[str, Any]) -> dict[str, str]:
        page = self._url + ("#reset" if notice.kind == "reset" else f"#cred?method={method}")
        return {
            "host": self._host,
            "page": page,
            "link": self._link(method, notice),
            "login": notice.login,
            "code": notice.code,
            "life": _life(notice.life_s, words),
        }

    def _link(self, method: str, notice: Notice) -> str:
        """What the stock web client understands; every value is escaped for an address."""
        if notice.kind == "reset":
            cred = quote(f"{method}:{notice.to}", safe=":@")
            fragment = f"reset?scheme={quote(notice.scheme)}&code={notice.code}&cred={cred}"
        else:
            fragment = f"cred?method={method}&code={notice.code}"
        if notice.token:
            fragment += f"&token={quote(notice.token, safe='')}"
        return f"{self._url}#{fragment}"

    def language_for(self, wanted: str) -> str:
        """The language there are words in that fits `wanted` best. Source: BCP 47 in brief."""
        parts = wanted.replace("_", "-").split("-")
        base = parts[0].lower()
        if base == "zh" and any(part.lower() in _TRADITIONAL for part in parts[1:]):
            parts = ["zh", "TW"]
        exact = {name.lower(): name for name in self._words}
        for tag in ("-".join(parts).lower(), base):
            if tag in exact:
                return exact[tag]
        return self._language


def _life(life_s: int, words: Mapping[str, Any]) -> str:
    """A length of time in words, such as `15 minutes` (D-52: the real one)."""
    minutes = max(1, life_s // 60)
    unit, n = ("minutes", minutes) if minutes % 60 else ("hours", minutes // 60)
    text: str = words[unit].format(n=n)
    return text


def _files(folder: Path | None) -> dict[str, str]:
    """All files by name; those of `folder` win."""
    found = {
        file.name: file.read_text(encoding="utf-8")
        for file in importlib.resources.files("chinwag").joinpath("letters").iterdir()
        if file.name.endswith((".toml", ".txt", ".html"))
    }
    if folder is None:
        return found
    if not folder.is_dir():
        raise BadLetters(f"There is no folder {folder} with words for messages.")
    for path in sorted(folder.iterdir()):
        if path.suffix not in (".toml", ".txt", ".html"):
            continue
        if path.suffix != ".toml" and path.name not in found:
            raise BadLetters(f"Nobody needs {path}: layouts are mail.txt and mail.html.")
        found[path.name] = path.read_text(encoding="utf-8")
    return found


def _tag_of(name: str) -> str:
    tag = name.removesuffix(".toml")
    if not _LANGUAGE.fullmatch(tag):
        raise BadLetters(f"The file {name} should be named after a language, as en or zh-TW.")
    return tag


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadLetters(f"The words in {name} are no valid TOML: {error}.") from None
