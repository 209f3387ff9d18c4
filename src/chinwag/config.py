"""Every setting once: its type, its default, its bounds and a sentence.

Settings come from a TOML file, environment variables `CHINWAG_SECTION_KEY` and the command line,
the later ones winning. An unknown key is an error.
"""

import base64
import binascii
import difflib
import ipaddress
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple, get_args, get_origin

import msgspec
from msgspec import Meta, Struct

from chinwag.core.limits import Limits

# Published with the stock clients, which carry the key made with it: docs/decisions/0004.
STOCK_SALT: Final = "T713/rYYgW7g4m3vG6zGRh7+FM1t0T8j13koXScOAj4="
# Reserved even where the method is not in use, so that nobody can lay claim to an address early.
_RESERVED: Final = frozenset({"basic", "email", "tel"})
_NAMESPACE: Final = re.compile(r"[a-z][A-Za-z0-9_]{1,15}")
_PORT_MAX: Final = 65535
_PREFIX: Final = "CHINWAG_"


class CannotStart(Exception):
    """The program cannot do its work; the message says why and what to do, in one sentence."""


class BadConfig(CannotStart):
    """The settings cannot be used; the message says which one and why."""


class Server(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where the server listens and who may connect."""

    listen: Annotated[
        str, Meta(description="Address and port to listen on, HOST:PORT; port 0: any free one.")
    ] = "127.0.0.1:6060"
    api_path: Annotated[
        str, Meta(description="Prefix of all API paths; begins and ends with a slash.")
    ] = "/"
    api_key_salt: Annotated[
        str,
        Meta(description="Base64 salt the API keys are made with; stock clients need the default."),
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
        int, Meta(ge=1024, le=1 << 30, description="Bytes of one client message.")
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
    resend_window_s: Annotated[
        int,
        Meta(
            ge=0,
            le=86_400,
            description="Seconds within which a message sent once more, with the same id by the "
            "same author, is answered as before and not stored twice; 0: never.",
        ),
    ] = 3600
    permanent_accounts: Annotated[
        bool, Meta(description="Whether people are kept from deleting their own accounts.")
    ] = False


class Auth(Struct, forbid_unknown_fields=True, kw_only=True):
    """Log-in."""

    schemes: Annotated[
        list[str],
        Meta(description="Ways to log in; without `anonymous` guests cannot make accounts."),
    ] = msgspec.field(default_factory=lambda: ["basic", "token", "anonymous", "code"])
    login_min: Annotated[int, Meta(ge=2, le=32, description="Characters of a log-in name.")] = 4
    password_min: Annotated[int, Meta(ge=1, le=1024, description="Characters of a password.")] = 6
    token_life_s: Annotated[
        int, Meta(ge=60, le=1 << 30, description="Seconds a token is good for.")
    ] = 1_209_600
    token_serial: Annotated[
        int, Meta(ge=0, le=65535, description="Change it to end all tokens at once.")
    ] = 1
    guesses_max: Annotated[
        int,
        Meta(
            ge=1,
            description="Failed log-ins in a row to one account, after which more are refused "
            "with 503; ten times as many from one address. One is forgiven every 30 seconds.",
        ),
    ] = 10
    new_accounts_max: Annotated[
        int,
        Meta(ge=1, description="New accounts from one address in a row; one more each minute."),
    ] = 100


class Tags(Struct, forbid_unknown_fields=True, kw_only=True):
    """Tags by which people and groups are found."""

    alias: Annotated[str, Meta(description="Namespace of tags only one may have; empty: none.")] = (
        "alias"
    )
    masked: Annotated[
        list[str], Meta(description="Namespaces only those who have such a tag can search.")
    ] = []


class Media(Struct, forbid_unknown_fields=True, kw_only=True):
    """Uploaded files."""

    max_size: Annotated[int, Meta(ge=0, description="Bytes of one file; 0: no uploads.")] = (
        8_388_608
    )


class Email(Struct, forbid_unknown_fields=True, kw_only=True):
    """Confirmation of e-mail addresses."""

    enabled: Annotated[bool, Meta(description="Whether people may attach an e-mail address.")] = (
        False
    )
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
        list[dict[str, Any]],
        Meta(description="STUN and TURN servers: tables with a list `urls`."),
    ] = []
    ice_servers_file: Annotated[
        str,
        Meta(
            description="JSON file with such a list, read at the start if ice_servers is empty; "
            "its place is relative to that of the settings."
        ),
    ] = ""


class Grpc(Struct, forbid_unknown_fields=True, kw_only=True):
    """The protocol for programs, as bots use it."""

    listen: Annotated[
        str,
        Meta(
            description="Address for gRPC, HOST:PORT or unix:PATH; empty: none. Usual: port 16060."
        ),
    ] = ""
    tls_cert: Annotated[
        str, Meta(description="File of the certificate chain (PEM); empty: no TLS.")
    ] = ""
    tls_key: Annotated[str, Meta(description="File of its private key (PEM).")] = ""


class Config(Struct, forbid_unknown_fields=True, kw_only=True):
    """All settings."""

    server: Server = msgspec.field(default_factory=Server)
    limits: LimitSettings = msgspec.field(default_factory=LimitSettings)
    auth: Auth = msgspec.field(default_factory=Auth)
    tags: Tags = msgspec.field(default_factory=Tags)
    media: Media = msgspec.field(default_factory=Media)
    email: Email = msgspec.field(default_factory=Email)
    calls: Calls = msgspec.field(default_factory=Calls)
    grpc: Grpc = msgspec.field(default_factory=Grpc)
    country: Annotated[
        str,
        Meta(pattern="^[A-Z]{2}$", description="Country of people whose language names none."),
    ] = "US"

    def to_limits(self) -> Limits:
        """The settings that rules need."""
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
            restricted_ns=_RESERVED,
            validators=frozenset({"email"} if self.email.enabled else ()),
            country=self.country,
            ice_servers=tuple(self.calls.ice_servers) if self.calls.enabled else (),
            call_timeout_s=self.calls.timeout_s,
            resend_window_s=self.limits.resend_window_s,
            token_life_s=self.auth.token_life_s,
        )


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
        if isinstance(inner, type) and issubclass(inner, Struct):
            if not isinstance(value, dict):
                raise BadConfig(f"The setting {prefix}{key} is a section: write [{prefix}{key}].")
            _check_keys(value, inner, f"{prefix}{key}.")


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


# --- checking -------------------------------------------------------------------------------


def checked(config: Config) -> Config:
    """`config` if its settings make sense together. Raises BadConfig."""
    split_address(config.server.listen)
    for problem in (*_server_problems(config.server), *_other_problems(config)):
        raise BadConfig(problem)
    return config


def _server_problems(server: Server) -> Iterator[str]:
    path = server.api_path
    if not (path.startswith("/") and path.endswith("/")):
        yield "The setting server.api_path must begin and end with a slash."
    try:
        salt = base64.b64decode(server.api_key_salt, validate=True)
    except (binascii.Error, ValueError):
        salt = b""
    if not salt:
        yield "The setting server.api_key_salt is no base64: make one with `chinwag keygen`."
    for address in server.trusted_proxies:
        if not _is_address(address):
            yield f"The setting server.trusted_proxies names {address}, which is no IP address."


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _other_problems(config: Config) -> Iterator[str]:
    if "token" not in config.auth.schemes:
        yield "The setting auth.schemes must name token: clients come back with it."
    for namespace in (*config.tags.masked, *filter(None, [config.tags.alias])):
        if not _NAMESPACE.fullmatch(namespace):
            yield f"The tag namespace {namespace} is not usable: 2 to 16 letters, no colon."
    if config.email.required:
        yield "The setting email.required cannot be on: this release sends no mails."
    if bool(config.grpc.tls_cert) != bool(config.grpc.tls_key):
        yield "The settings grpc.tls_cert and grpc.tls_key go together: give both or none."
    calls = config.calls
    if calls.enabled and not calls.ice_servers:
        yield "Calls are enabled, but no server is named: add one to calls.ice_servers."
    if not all(isinstance(each.get("urls"), list) for each in calls.ice_servers):
        yield "Each server for calls needs a list `urls`."


def split_address(listen: str) -> tuple[str, int]:
    """Host and port of HOST:PORT. Raises BadConfig."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > _PORT_MAX:
        raise BadConfig(f"The address {listen} cannot be used: write HOST:PORT, as 127.0.0.1:6060.")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 - asked for by leaving it out


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
    """Every setting, section by section."""
    for section in msgspec.structs.fields(Config):
        if isinstance(section.type, type) and issubclass(section.type, Struct):
            for field in msgspec.structs.fields(section.type):
                yield _setting(f"{section.name}.{field.name}", field)
        else:
            yield _setting(section.name, section)


def _setting(name: str, field: msgspec.structs.FieldInfo) -> Setting:
    base, meta = get_args(field.type)
    default = field.default
    if default is msgspec.NODEFAULT:
        assert field.default_factory is not msgspec.NODEFAULT
        default = field.default_factory()
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
    for section in msgspec.structs.fields(Config):
        found = [s for s in settings() if s.name.partition(".")[0] == section.name]
        title = section.type.__doc__ if "." in found[0].name else "Stands before all sections."
        heading = f"[{section.name}]" if "." in found[0].name else section.name
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
