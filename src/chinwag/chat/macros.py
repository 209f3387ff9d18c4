"""Commands that stand for several: what administrators of a server do by hand.

Each becomes lines that could have been typed; `--explain` shows them instead.
Source: specification 06, paragraph 8.6.
"""

import argparse
from collections.abc import Callable
from typing import Final

from chinwag.chat.commands import PARSERS, Parser, Use
from chinwag.chat.errors import BadCommand

Line = list[str]  # its words
Lines = list[Line]
_PROFILE: Final = {"name": "fn", "avatar": "photo", "comment": "private", "note": "note"}


def _parser(name: str, who: str, *options: str, **about: str) -> Parser:
    made = Parser(prog=name, add_help=False, allow_abbrev=False, description=about.get("help"))
    made.add_argument(who)
    for option in options:
        made.add_argument(option)
    made.add_argument("--explain", action="store_true")
    return made


def _make_parsers() -> dict[str, Parser]:
    usermod = _parser("usermod", "user", *(f"--{key}" for key in _PROFILE), "--trusted")
    usermod.add_argument("-L", "--lock", action="store_true")
    usermod.add_argument("-U", "--unlock", action="store_true")
    resolve = _parser("resolve", "login")
    passwd = _parser("passwd", "user", "-P")
    names = ("--name", "--avatar", "--comment", "--note", "--trusted", "--tags", "--auth", "--anon")
    useradd = _parser("useradd", "login", "-P", "--cred", *names)
    chacs = _parser("chacs", "user", "--auth", "--anon")
    userdel = _parser("userdel", "user")
    userdel.add_argument("--hard", action="store_true")
    chcred = _parser("chcred", "user")
    chcred.add_argument("cred")
    for action in ("--add", "--rm", "--validate"):
        chcred.add_argument(action, action="store_true")
    thecard = _parser("thecard", "user")
    thecard.add_argument("--what", choices=("desc", "cred"), default="desc")
    made = (usermod, resolve, passwd, useradd, chacs, userdel, chcred, thecard)
    return {parser.prog: parser for parser in made}


MACROS: Final = _make_parsers()


def read(words: list[str]) -> argparse.Namespace:
    """The macro in `words`, with its options. Raises BadCommand."""
    found = MACROS[words[0]].parse_args(words[1:])
    found.command = words[0]
    return found


def lacks_password(found: argparse.Namespace) -> bool:
    """Whether a password must be asked for."""
    return found.command in ("passwd", "useradd") and found.P is None


def expand(found: argparse.Namespace, use: Use) -> Lines:
    """The lines a macro stands for. Raises BadCommand."""
    return _EXPANSIONS[found.command](found, use)


def _options(found: argparse.Namespace, names: dict[str, str]) -> list[str]:
    given = ((option, getattr(found, key)) for key, option in names.items())
    return [f"--{option}={value}" for option, value in given if value is not None]


def _as(user: str, use: Use, *lines: Line) -> Lines:
    """`lines`, done on behalf of `user` while attached to their `me`."""
    return [
        [".use", "--user", user],
        [".must", "sub", "me"],
        *lines,
        [".must", "leave", "me"],
        [".use", "--user", use.user],
    ]


def _usermod(found: argparse.Namespace, use: Use) -> Lines:
    lines: Lines = []
    if found.lock or found.unlock:
        state = "true" if found.lock else "false"
        lines = [[".must", "acc", "--user", found.user, "--as_root", "--suspend", state]]
    options = _options(found, {**_PROFILE, "trusted": "trusted"})
    if options:
        root = ["--as_root"] if found.trusted is not None else []
        lines += _as(found.user, use, [".must", "$v", "set", "me", *options, *root])
    if not lines:
        raise BadCommand("usermod: what is to be changed? Say an option such as --name NAME.")
    return lines


def _resolve(found: argparse.Namespace, _: Use) -> Lines:
    return [
        [".must", "sub", "fnd"],
        [".must", "set", "fnd", f"--public=basic:{found.login}"],
        [".must", "$v", "get", "fnd", "--sub"],
        [".must", "leave", "fnd"],
        [".log", "$v.sub[0].topic"],
    ]


def _passwd(found: argparse.Namespace, _: Use) -> Lines:
    secret = f"--secret=:{found.P}"  # nothing before the colon: the log-in name stays
    return [[".must", "acc", "--user", found.user, "--as_root", "--scheme", "basic", secret]]


def _useradd(found: argparse.Namespace, _: Use) -> Lines:
    names = {**_PROFILE, "trusted": "trusted", "tags": "tags", "cred": "cred"}
    options = _options(found, {**names, "auth": "auth", "anon": "anon"})
    secret = f"--secret={found.login}:{found.P}"
    return [
        [".must", "$v", "acc", "--scheme", "basic", secret, *options],
        [".log", "$v.params[user]"],
    ]


def _chacs(found: argparse.Namespace, use: Use) -> Lines:
    options = _options(found, {"auth": "auth", "anon": "anon"})
    if not options:
        raise BadCommand("chacs: what is to be changed? Say --auth MODE or --anon MODE.")
    return _as(found.user, use, [".must", "set", "me", *options])


def _userdel(found: argparse.Namespace, _: Use) -> Lines:
    hard = ["--hard"] if found.hard else []
    return [[".must", "del", "user", "--user", found.user, "--as_root", *hard]]


def _chcred(found: argparse.Namespace, use: Use) -> Lines:
    if found.add + found.rm + found.validate != 1:
        raise BadCommand("chcred: say one of --add, --rm and --validate.")
    if found.rm:
        return _as(found.user, use, [".must", "del", "cred", "--cred", found.cred])
    return _as(found.user, use, [".must", "set", "me", "--cred", found.cred])


def _thecard(found: argparse.Namespace, use: Use) -> Lines:
    get = [".must", "$v", "get", "me", f"--{found.what}"]
    return [*_as(found.user, use, get), [".log", f"$v.{found.what}"]]


_EXPANSIONS: Final[dict[str, Callable[[argparse.Namespace, Use], Lines]]] = {
    "usermod": _usermod,
    "resolve": _resolve,
    "passwd": _passwd,
    "useradd": _useradd,
    "chacs": _chacs,
    "userdel": _userdel,
    "chcred": _chcred,
    "thecard": _thecard,
}
assert not set(MACROS) & set(PARSERS)
