"""Reading settings, and describing them.

They come from a TOML file, environment variables `CHINWAG_SECTION_KEY` and the command line, the
later ones winning. An unknown key is an error.
"""

import difflib
import inspect
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, Final, NamedTuple, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from chinwag.checks import checked
from chinwag.config import BadConfig, Calls, Config

_PREFIX: Final = "CHINWAG_"

# --- reading --------------------------------------------------------------------------------


def load(path: Path | None, environ: Mapping[str, str] = os.environ) -> Config:
    """The settings in the file `path`, if any, and in `environ`. Raises BadConfig."""
    tree = {} if path is None else _read(path)
    _check_keys(tree, Config, "")
    for setting, text in _from_environment(environ):
        _put(tree, setting.name, _typed(setting, text))
    config: Config = _converted(tree, Config, "")
    _read_ice_servers(config.calls, Path() if path is None else path.parent)
    return checked(config)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfig(f"The configuration {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"The configuration {path} is no valid TOML: {error}.") from None


def _read_ice_servers(calls: Calls, folder: Path) -> None:
    """Take the servers for calls from their file. Source: specification 03, paragraph 9.1."""
    if not calls.enabled or calls.ice_servers or not calls.ice_servers_file:
        return
    path = folder / calls.ice_servers_file
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadConfig(
            f"The file {path} (calls.ice_servers_file) cannot be read: {error.strerror}."
        ) from None
    try:
        calls.ice_servers = msgspec.json.decode(text, type=list[dict[str, Any]])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadConfig(
            f"The file {path} (calls.ice_servers_file) is no JSON list of servers: {error}."
        ) from None


def _check_keys(tree: dict[str, Any], shape: type[Struct], prefix: str) -> None:
    known = {field.name: field.type for field in msgspec.structs.fields(shape)}
    for key, value in tree.items():
        if key not in known:
            raise BadConfig(f"There is no setting {prefix}{key}: {_near(key, known, prefix)}")
        inner = known[key]
        if get_origin(inner) is dict:
            _check_named(value, get_args(inner)[1], f"{prefix}{key}")
        elif isinstance(inner, type) and issubclass(inner, Struct):
            if not isinstance(value, dict):
                raise BadConfig(f"The setting {prefix}{key} is a section: write [{prefix}{key}].")
            _check_keys(value, inner, f"{prefix}{key}.")


def _check_named(value: object, shape: type[Struct], name: str) -> None:
    """Check the sections of the free names below `name`."""
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        raise BadConfig(f"The setting {name} holds sections: write [{name}.NAME].")
    for each, tree in value.items():
        _check_keys(tree, shape, f"{name}.{each}.")


def _near(key: str, known: Mapping[str, object], prefix: str) -> str:
    close = difflib.get_close_matches(key, known, 1)
    return f"did you mean {prefix}{close[0]}?" if close else "see `chinwag config-reference`."


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple["Setting", str]]:
    known = {setting.variable: setting for setting in settings()}
    for name in sorted(environ):
        if not name.startswith(_PREFIX):
            continue
        key = name.removeprefix(_PREFIX)
        if key not in known:
            near = _near(key, known, _PREFIX)
            raise BadConfig(f"The environment variable {name} is no setting: {near}")
        yield known[key], environ[name]


def _typed(setting: "Setting", text: str) -> object:
    """The value that `text` spells; a list is written as JSON or with commas."""
    if setting.kind != "list":
        return _converted(text, setting.type, setting.name, strict=False)
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return [part.strip() for part in text.split(",") if part.strip()]


def _put(tree: dict[str, Any], dotted: str, value: object) -> None:
    section, _, key = dotted.rpartition(".")
    (tree.setdefault(section, {}) if section else tree)[key] = value


def _converted(value: object, kind: Any, name: str, *, strict: bool = True) -> Any:
    try:
        return msgspec.convert(value, kind, strict=strict)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$")
        name = name or where.rstrip("`").lstrip(".")
        why = text[0].lower() + text[1:]
        raise BadConfig(f"The setting {name} cannot be used: {why}.") from None


# --- describing -----------------------------------------------------------------------------


class Setting(NamedTuple):
    """One setting as the reference shows it."""

    name: str  # section.key
    kind: str
    default: object
    sentence: str
    bounds: str
    type: Any

    @property
    def variable(self) -> str:
        """The environment variable that sets it, without its prefix."""
        return self.name.replace(".", "_").upper()


def settings() -> Iterator[Setting]:
    """Every setting with a fixed name, section by section."""
    for section in sections():
        if ".NAME" not in section.name:
            yield from section.settings


class Section(NamedTuple):
    """Settings that stand together."""

    name: str
    title: str
    settings: list[Setting]


def sections() -> Iterator[Section]:
    """All sections, those with a free name too."""
    for field in msgspec.structs.fields(Config):
        if get_origin(field.type) is dict:
            yield from _tables(f"{field.name}.NAME", get_args(field.type)[1])
        elif isinstance(field.type, type) and issubclass(field.type, Struct):
            yield from _tables(field.name, field.type)
        else:
            yield Section(field.name, "Stands before all sections.", [_setting(field.name, field)])


def _tables(name: str, shape: type[Struct]) -> Iterator[Section]:
    """The section `name` and those below it."""
    own, below = [], []
    for field in msgspec.structs.fields(shape):
        if isinstance(field.type, type) and issubclass(field.type, Struct):
            below.append((f"{name}.{field.name}", field.type))
        else:
            own.append(_setting(f"{name}.{field.name}", field))
    yield Section(name, inspect.cleandoc(shape.__doc__ or ""), own)
    for each, inner in below:
        yield from _tables(each, inner)


def _setting(name: str, field: msgspec.structs.FieldInfo) -> Setting:
    base, meta = get_args(field.type)
    default = field.default
    if default is msgspec.NODEFAULT:
        assert field.default_factory is not msgspec.NODEFAULT
        default = field.default_factory()
    if isinstance(base, UnionType):
        base = get_args(base)[0]
    kind = (get_origin(base) or base).__name__
    return Setting(name, kind, default, meta.description, _bounds(meta), field.type)


def _bounds(meta: Meta) -> str:
    if meta.pattern:
        return f"`{meta.pattern}`"
    low = "" if meta.ge is None else f"≥ {meta.ge}"
    high = "" if meta.le is None else f"≤ {meta.le}"
    return ", ".join(filter(None, [low, high]))


def reference() -> str:
    """All settings as a Markdown page."""
    parts = [_HEAD]
    for name, title, found in sections():
        heading = f"[{name}]" if "." in found[0].name else name
        rows = [_row(setting) for setting in found]
        parts.append(f"\n## `{heading}`\n\n{title}\n\n{_TABLE}" + "".join(rows))
    return "".join(parts)


def _row(setting: Setting) -> str:
    key = setting.name.rpartition(".")[2]
    default = msgspec.json.encode(setting.default).decode()
    return f"| `{key}` | {setting.kind} | `{default}` | {setting.bounds} | {setting.sentence} |\n"


_TABLE: Final = "| Key | Type | Default | Bounds | Meaning |\n|---|---|---|---|---|\n"
_HEAD: Final = """# Settings

Written by `chinwag config-reference > docs/configuration.md`; a test compares the two.

Settings stand in a TOML file given by `--config`; an unknown key is an error. Each can be set by an
environment variable too: `listen` in the section `[server]` by `CHINWAG_SERVER_LISTEN`, lists as
JSON or with commas. The command line wins over the environment, the environment over the file.
`chinwag check-config FILE` tells whether a file can be used.
"""
