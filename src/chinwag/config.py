"""Every setting once: its type, its default, its bounds and a sentence.

Settings come from a TOML file, environment variables `CHINWAG_SECTION_KEY` and the command line,
the later ones winning. An unknown key is an error.
"""

import difflib
import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from chinwag.core.limits import Limits

STOCK_SALT = "T713/rYYgW7g4m3vG6zGRh7+FM1t0T8j13koXScOAj4="


class BadConfig(Exception):
    """The settings cannot be used; the message says which one and why."""


class Server(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where the server listens and who may connect."""

    listen: Annotated[
        str, Meta(description="Address and port to listen on, HOST:PORT.")
    ] = "127.0.0.1:6060"
    api_path: Annotated[
        str, Meta(description="Prefix of all API paths; begins and ends with a slash.")
    ] = "/"
    api_key_salt: Annotated[
        str,
        Meta(description="Base64 secret the API keys are made with; stock clients need the default."),
    ] = STOCK_SALT
    trusted_proxies: Annotated[
        list[str],
        Meta(description="Addresses of reverse proxies whose X-Forwarded-For is believed."),
    ] = []
    connections_max: Annotated[
        int, Meta(ge=1, description="Connections beyond this number are refused with 503.")
    ] = 50_000
    backlog_max: Annotated[
        int, Meta(ge=65536, description="Unsent bytes after which a slow client is closed.")
    ] = 4_194_304
    ping_s: Annotated[
        float, Meta(ge=1, description="Seconds between pings of a WebSocket connection.")
    ] = 49.5
    dead_s: Annotated[
        float, Meta(ge=2, description="Seconds of silence after which a connection is dropped.")
    ] = 120.0


class LimitSettings(Struct, forbid_unknown_fields=True, kw_only=True):
    """How much of everything."""

    max_message_size: Annotated[
        int, Meta(ge=1024, description="Bytes of one client message.")
    ] = 262_144
    max_subscriber_count: Annotated[int, Meta(ge=2, description="Members of one group.")] = 1024
    max_tag_count: Annotated[int, Meta(ge=1, description="Tags of one user or group.")] = 16
    msg_delete_age_s: Annotated[
        int,
        Meta(ge=0, description="Seconds within which a message can be erased for all; 0: always."),
    ] = 600
    p2p_delete: Annotated[
        bool, Meta(description="Whether both parties of a conversation may erase for both.")
    ] = True
    permanent_accounts: Annotated[
        bool, Meta(description="Whether people are kept from deleting their own accounts.")
    ] = False


class Auth(Struct, forbid_unknown_fields=True, kw_only=True):
    """Log-in."""

    login_min: Annotated[int, Meta(ge=2, le=32, description="Characters of a log-in name.")] = 4
    password_min: Annotated[int, Meta(ge=1, description="Characters of a password.")] = 6
    token_life_s: Annotated[int, Meta(ge=60, description="Seconds a token is good for.")] = 1_209_600
    token_serial: Annotated[
        int, Meta(ge=0, le=65535, description="Raise it to end all tokens at once.")
    ] = 1
    anonymous: Annotated[bool, Meta(description="Whether guests may make accounts.")] = True


class Tags(Struct, forbid_unknown_fields=True, kw_only=True):
    """Tags by which people and groups are found."""

    alias: Annotated[
        str, Meta(description="Namespace of tags only one may have; empty: none.")
    ] = "alias"
    masked: Annotated[
        list[str], Meta(description="Namespaces only those who have such a tag can search.")
    ] = []


class Media(Struct, forbid_unknown_fields=True, kw_only=True):
    """Uploaded files."""

    max_size: Annotated[int, Meta(ge=0, description="Bytes of one file; 0: no uploads.")] = 8_388_608


class Email(Struct, forbid_unknown_fields=True, kw_only=True):
    """Confirmation of e-mail addresses."""

    enabled: Annotated[
        bool, Meta(description="Whether people may attach an e-mail address.")
    ] = False
    required: Annotated[
        bool, Meta(description="Whether an account needs a confirmed e-mail address.")
    ] = False
    debug_response: Annotated[
        str, Meta(description="A code that always confirms; for tests only.")
    ] = ""


class Calls(Struct, forbid_unknown_fields=True, kw_only=True):
    """Audio and video calls."""

    enabled: Annotated[bool, Meta(description="Whether calls are offered to clients.")] = False
    timeout_s: Annotated[int, Meta(ge=1, description="Seconds until a call is missed.")] = 30
    ice_servers: Annotated[
        list[dict[str, Any]], Meta(description="STUN and TURN servers: tables with `urls`.")
    ] = []


class Config(Struct, forbid_unknown_fields=True, kw_only=True):
    """All settings."""

    server: Server = msgspec.field(default_factory=Server)
    limits: LimitSettings = msgspec.field(default_factory=LimitSettings)
    auth: Auth = msgspec.field(default_factory=Auth)
    tags: Tags = msgspec.field(default_factory=Tags)
    media: Media = msgspec.field(default_factory=Media)
    email: Email = msgspec.field(default_factory=Email)
    calls: Calls = msgspec.field(default_factory=Calls)
    country: Annotated[
        str, Meta(pattern="^[A-Z]{2}$", description="Country of numbers without a country code.")
    ] = "US"

    def to_limits(self) -> Limits:
        """The settings that rules need."""
        required = {"auth": ["email"]} if self.email.required else {}
        return Limits(
            max_message_size=self.limits.max_message_size,
            max_subscriber_count=self.limits.max_subscriber_count,
            max_tag_count=self.limits.max_tag_count,
            max_file_size=self.media.max_size,
            msg_delete_age_s=self.limits.msg_delete_age_s,
            p2p_delete=self.limits.p2p_delete,
            permanent_accounts=self.limits.permanent_accounts,
            alias_ns=self.tags.alias,
            masked_ns=frozenset(self.tags.masked),
            restricted_ns=frozenset({"basic", "email"} if self.email.enabled else {"basic"}),
            validators=frozenset({"email"} if self.email.enabled else ()),
            required_creds=required,
            country=self.country,
            ice_servers=tuple(self.calls.ice_servers) if self.calls.enabled else (),
            call_timeout_s=self.calls.timeout_s,
            token_life_s=self.auth.token_life_s,
        )


# --- reading --------------------------------------------------------------------------------


def load(path: Path | None, environ: Mapping[str, str] = os.environ) -> Config:
    """The settings in the file `path`, if any, and in `environ`. Raises BadConfig."""
    tree = {} if path is None else _read(path)
    for dotted, value in _from_environment(environ):
        _put(tree, dotted, value)
    _check_keys(tree, Config, "")
    try:
        config = msgspec.convert(tree, Config, strict=False)
    except msgspec.ValidationError as error:
        text, _, where = str(error).partition(" - at `$.")
        raise BadConfig(f"The setting {where.rstrip('`')} is not usable: {text}.") from None
    return checked(config)


def checked(config: Config) -> Config:
    """`config` if its settings fit together. Raises BadConfig."""
    if config.calls.enabled and not config.calls.ice_servers:
        raise BadConfig("Calls are enabled, but calls.ice_servers names no server: add one.")
    path = config.server.api_path
    if not path.startswith("/") or not path.endswith("/"):
        raise BadConfig("The setting server.api_path must begin and end with a slash.")
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadConfig(f"The configuration {path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"The configuration {path} is no valid TOML: {error}.") from None


def _from_environment(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    known = {"CHINWAG_" + key.replace(".", "_").upper(): key for key, *_ in settings()}
    for name in sorted(environ):
        if name.startswith("CHINWAG_"):
            if name not in known:
                raise BadConfig(f"The environment variable {name} is no setting.{_near(name, known)}")
            yield known[name], environ[name]


def _put(tree: dict[str, Any], dotted: str, value: str) -> None:
    section, _, key = dotted.rpartition(".")
    (tree.setdefault(section, {}) if section else tree)[key] = value


def _check_keys(tree: dict[str, Any], shape: type[Struct], prefix: str) -> None:
    known = {field.name: field.type for field in msgspec.structs.fields(shape)}
    for key, value in tree.items():
        if key not in known:
            raise BadConfig(f"There is no setting {prefix}{key}.{_near(key, known)}")
        inner = known[key]
        if isinstance(inner, type) and issubclass(inner, Struct):
            if not isinstance(value, dict):
                raise BadConfig(f"The setting {prefix}{key} is a section: write [{prefix}{key}].")
            _check_keys(value, inner, f"{prefix}{key}.")


def _near(key: str, known: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(key, known, 1)
    return f" Did you mean {close[0]}?" if close else " See `chinwag config-reference`."


# --- describing -----------------------------------------------------------------------------


def settings() -> Iterator[tuple[str, str, object, str]]:
    """Every setting: dotted name, type, default, sentence."""
    for section in msgspec.structs.fields(Config):
        if isinstance(section.type, type) and issubclass(section.type, Struct):
            for field in msgspec.structs.fields(section.type):
                yield _setting(f"{section.name}.{field.name}", field)
        else:
            yield _setting(section.name, section)


def _setting(name: str, field: msgspec.structs.FieldInfo) -> tuple[str, str, object, str]:
    base, *extras = get_args(field.type)
    default = field.default
    if default is msgspec.NODEFAULT:
        default = field.default_factory()
    kind = (get_origin(base) or base).__name__
    return name, kind, default, extras[0].description


def reference() -> str:
    """All settings as a Markdown page."""
    rows = [
        f"| `{name}` | {kind} | `{msgspec.json.encode(default).decode()}` | {sentence} |"
        for name, kind, default, sentence in settings()
    ]
    return _REFERENCE.format(rows="\n".join(rows))


_REFERENCE = """# Settings

Written by `chinwag config-reference > docs/configuration.md`.

Settings stand in a TOML file given by `--config`; `server.listen` is the key `listen` in the section
`[server]`. Each can be set by an environment variable too: `server.listen` by
`CHINWAG_SERVER_LISTEN`. The command line wins over the environment, the environment over the file.

| Setting | Type | Default | Meaning |
|---|---|---|---|
{rows}
"""
