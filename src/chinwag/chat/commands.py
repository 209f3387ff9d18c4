"""Commands, as people and scripts write them, and the packets they stand for.

Source: specification 06, paragraph 8.3.
"""

import argparse
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from chinwag.chat import values
from chinwag.chat.errors import BadCommand

Body = dict[str, Any]
_ALL: Final = (1, 0x8FFFFFF)  # of a topic's messages
_WORDS: Final = ("desc", "sub", "tags", "data", "cred", "del", "aux")
_OFFLINE: Final = frozenset({"desc", "sub"})  # what a server tells of a topic without attaching
_OWN: Final = frozenset({"me", "fnd", "slf"})
_NOTES: Final = ("kp", "read", "recv", "call")
_CALLS: Final = ("accept", "answer", "hang-up", "ice-candidate", "invite", "offer", "ringing")


@dataclass(slots=True)
class Use:
    """What commands mean where they do not say it."""

    user: str = ""  # on whose behalf
    topic: str = ""
    delmark: str = "DEL!"  # stands for: remove what is there


@dataclass(frozen=True, slots=True)
class Request:
    """A packet to send."""

    kind: str
    body: Body
    extra: Body = field(default_factory=dict)
    answers: int = 1  # that are due

    @property
    def topic(self) -> str:
        """What it is about."""
        return str(self.body.get("topic", ""))

    @property
    def attaches(self) -> bool:
        """Whether somebody must be attached to its topic for it."""
        if self.kind in ("pub", "note"):
            return self.topic != "sys"
        if self.kind == "get":
            return self.topic in _OWN or not _OFFLINE.issuperset(self.body["what"].split())
        if self.kind == "del":
            return self.body["what"] in ("msg", "sub", "cred")
        return self.kind == "set" and self.topic in _OWN


class Parser(argparse.ArgumentParser):
    """Says what is wrong instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong. Raises BadCommand."""
        raise BadCommand(f"{self.prog}: {message}.")


def _parser(name: str, *options: str, **about: Any) -> Parser:
    made = Parser(prog=name, add_help=False, allow_abbrev=False, **about)
    for option in options:
        made.add_argument(option)
    made.add_argument("--as_root", "--as-root", action="store_true")
    return made


_DESCRIPTION: Final = ("--fn", "--photo", "--private", "--note", "--trusted", "--auth", "--anon")


def _make_parsers() -> dict[str, Parser]:
    acc = _parser("acc", *_DESCRIPTION, "--scheme", "--secret", "--uname", "--password")
    for option in ("--tags", "--cred"):
        acc.add_argument(option)
    acc.add_argument("--user", default="new")
    acc.add_argument("--suspend", choices=("true", "false"))
    acc.add_argument("--do-login", action="store_true")
    login = _parser("login", "--uname", "--password", "--cred")
    login.add_argument("secret", nargs="?")
    login.add_argument("--scheme", default="basic")
    sub = _parser("sub", *_DESCRIPTION, "--public", "--mode", "--tags", "--get-query")
    leave = _parser("leave")
    leave.add_argument("--unsub", action="store_true")
    pub = _parser("pub", "--head", "--drafty", "--image", "--attachment", "--markdown")
    get = _parser("get")
    for word in _WORDS:
        get.add_argument(f"--{word}", action="store_true")
    for option in ("--since", "--before", "--limit"):
        get.add_argument(option, type=int)
    set_ = _parser("set", *_DESCRIPTION, "--public", "--user", "--mode", "--tags", "--cred")
    for parser in (sub, leave, get, set_):
        parser.add_argument("topic", nargs="?")
    pub.add_argument("words", nargs="*")
    delete = _parser("del", "--topic", "--user", "--seq", "--cred")
    delete.add_argument("what", choices=("msg", "topic", "sub", "user", "cred"))
    delete.add_argument("--hard", action="store_true")
    note = _parser("note", "--payload")
    note.add_argument("topic", nargs="?")
    note.add_argument("what", choices=_NOTES, nargs="?", default="kp")
    note.add_argument("--seq", type=int)
    note.add_argument("--event", choices=_CALLS)
    upload = _parser("upload")
    file = _parser("file")
    file.add_argument("--what", choices=("up", "down"), default="up")
    for parser in (upload, file):
        parser.add_argument("file")
    made = (acc, login, sub, leave, pub, get, set_, delete, note, upload, file)
    return {parser.prog: parser for parser in made}


PARSERS: Final = _make_parsers()


def split(line: str) -> list[str]:
    """The words of a line, as a shell reads them. Raises BadCommand."""
    try:
        return shlex.split(line)
    except ValueError as error:
        raise BadCommand(f"{str(error).rstrip('.')} in: {line}") from None


def options_of(name: str) -> list[str]:
    """The options a command has."""
    parser = PARSERS.get(name)
    if parser is None:
        return []
    return sorted(option for action in parser._actions for option in action.option_strings[-1:])


def usage(name: str) -> str:
    """How a command is written, in one line."""
    return " ".join(PARSERS[name].format_usage().removeprefix("usage: ").split())


def read(words: list[str]) -> argparse.Namespace:
    """The command in `words`, with its options. Raises BadCommand."""
    name, *rest = words
    parser = PARSERS.get(name)
    if parser is None:
        raise BadCommand(f"There is no command {name}.")
    found = parser.parse_args(rest)
    found.command = name
    return found


def lacks_password(found: argparse.Namespace) -> bool:
    """Whether a password must be asked for."""
    return getattr(found, "uname", None) is not None and found.password is None


def build(found: argparse.Namespace, use: Use) -> Request:
    """The packet a command stands for. Raises BadCommand."""
    kind, body = found.command, _BUILDERS[found.command](found, use)
    extra: Body = {}
    if use.user:
        extra["obo"] = use.user
        if found.as_root:  # without obo a root session acts at its own level, the highest
            extra["authlevel"] = "root"
    answers = 0 if kind == "note" else 1
    what = body.get("what") if kind == "get" else (body.get("get") or {}).get("what")
    if what:
        answers = len(what.split()) + (kind == "sub")
    return Request(kind, body, extra, answers)


def _topic(found: argparse.Namespace, use: Use) -> str:
    topic = str(found.topic or use.topic)
    if not topic:
        raise BadCommand(f"{found.command}: which topic?")
    return topic


def _acc(found: argparse.Namespace, use: Use) -> Body:
    body: Body = {"user": found.user}
    secret = found.secret
    if found.uname is not None:
        secret = f"{found.uname}:{found.password or ''}"
    if secret is not None:
        body |= {"scheme": found.scheme or "basic", "secret": values.secret(secret)}
    if found.do_login:
        body["login"] = True
    if found.suspend is not None:
        body["status"] = "susp" if found.suspend == "true" else "ok"
    return body | _given(
        tags=values.listed(found.tags), desc=_desc(found, use), cred=values.credentials(found.cred)
    )


def _login(found: argparse.Namespace, _: Use) -> Body:
    secret = found.secret
    if found.uname is not None:
        secret = f"{found.uname}:{found.password or ''}"
    if secret is None:
        raise BadCommand("login: as whom? Say --uname NAME, or --scheme token and the token.")
    if found.scheme == "basic":
        secret = values.secret(secret)
    return {"scheme": found.scheme, "secret": secret} | _given(cred=values.credentials(found.cred))


def _desc(found: argparse.Namespace, use: Use) -> Body:
    public = values.value(getattr(found, "public", None), use.delmark)
    card = values.card(found, use.delmark)
    return _given(
        defacs=_given(auth=found.auth, anon=found.anon),
        public=public if public is not None else card,
        private=values.value(found.private, use.delmark),
        trusted=values.flags(found.trusted),
    )


def _sub(found: argparse.Namespace, use: Use) -> Body:
    asked = values.words_of(found.get_query, _WORDS)
    given = _given(
        desc=_desc(found, use), sub=_given(mode=found.mode), tags=values.listed(found.tags)
    )
    return {"topic": _topic(found, use)} | _given(set=given, get=_given(what=asked))


def _leave(found: argparse.Namespace, use: Use) -> Body:
    return {"topic": _topic(found, use)} | ({"unsub": True} if found.unsub else {})


def _pub(found: argparse.Namespace, use: Use) -> Body:
    words = list(found.words)
    is_named = words and (not use.topic or values.is_topic(words[0]))
    topic = words.pop(0) if is_named else use.topic
    if not topic:
        raise BadCommand("pub: to which topic?")
    content, mime = values.content(found, " ".join(words))
    head = values.head(found.head) | _given(mime=mime)
    return {"topic": topic, "noecho": True, "content": content} | _given(head=head)


def _get(found: argparse.Namespace, use: Use) -> Body:
    what = [word for word in _WORDS if getattr(found, word)]
    if not what:
        raise BadCommand("get: what? Say --desc, --sub, --tags, --data, --cred, --del or --aux.")
    bounds = {"since": found.since, "before": found.before, "limit": found.limit}
    bounds = {key: bound for key, bound in bounds.items() if bound is not None}
    body: Body = {"topic": _topic(found, use), "what": " ".join(what)}
    for word in ("data", "del") if bounds else ():
        if word in what:
            body[word] = bounds
    return body


def _set(found: argparse.Namespace, use: Use) -> Body:
    cred = values.credentials(found.cred)
    if cred is not None and len(cred) != 1:
        raise BadCommand("set: one credential at a time.")
    body = _given(
        desc=_desc(found, use),
        sub=_given(user=found.user, mode=found.mode),
        tags=values.listed(found.tags),
        cred=cred[0] if cred else None,
    )
    if not body:
        raise BadCommand("set: what? Say an option such as --fn NAME.")
    return {"topic": _topic(found, use), **body}


def _del(found: argparse.Namespace, use: Use) -> Body:
    body: Body = {"what": found.what} | ({"hard": True} if found.hard else {})
    if found.what in ("user", "sub"):
        body |= _given(user=found.user)
    if found.what == "cred":
        if found.cred is None:
            raise BadCommand("del cred: which? Say --cred METHOD:VALUE.")
        body["cred"] = (values.credentials(found.cred) or [{}])[0]
        return body | {"topic": found.topic or "me"}
    if found.what == "msg":
        if found.seq is None:
            raise BadCommand("del msg: which? Say --seq all, or --seq 1,2,9-12.")
        body["delseq"] = values.ranges(found.seq, _ALL)
    return body if found.what == "user" else body | {"topic": _topic(found, use)}


def _note(found: argparse.Namespace, use: Use) -> Body:
    if use.topic and found.topic in _NOTES:  # the one word that is said is no topic
        found.topic, found.what = None, found.topic
    body: Body = {"topic": _topic(found, use), "what": found.what}
    if found.what != "kp" and found.seq is None:
        raise BadCommand(f"note {found.what}: of which message? Say --seq N.")
    if found.what == "call" and found.event is None:
        raise BadCommand("note call: what happens? Say --event, for example --event hang-up.")
    return body | _given(
        seq=found.seq, event=found.event, payload=values.value(found.payload, use.delmark)
    )


def _given(**members: Any) -> Body:
    """Those members that are there."""
    return {key: member for key, member in members.items() if member not in (None, "", [], {})}


_BUILDERS: Final[dict[str, Callable[[argparse.Namespace, Use], Body]]] = {
    "acc": _acc,
    "login": _login,
    "sub": _sub,
    "leave": _leave,
    "pub": _pub,
    "get": _get,
    "set": _set,
    "del": _del,
    "note": _note,
}
