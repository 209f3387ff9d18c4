"""Every setting once: its type, its default, its bounds and a sentence."""

from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from chinwag.config_hooks import Plugin
from chinwag.config_push import Push, PushWebhook
from chinwag.config_webhooks import Webhooks
from chinwag.core.limits import Limits
from chinwag.core.rates import Rates

# Published with the stock clients, which carry the key made with it: docs/decisions/0004.
STOCK_SALT: Final = "T713/rYYgW7g4m3vG6zGRh7+FM1t0T8j13koXScOAj4="
_PORT_MAX: Final = 65535


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
    public_url: Annotated[
        str,
        Meta(description="Where browsers find the web client, for links in mails; ends with /."),
    ] = "http://127.0.0.1:6060/"
    connections_max: Annotated[
        int,
        Meta(
            ge=1,
            description="Clients beyond this number, and other connections beyond it, are refused "
            "with 503.",
        ),
    ] = 50_000
    backlog_max: Annotated[
        int, Meta(ge=65536, description="Unsent bytes after which a slow client is closed.")
    ] = 4_194_304
    ping_s: Annotated[
        float, Meta(ge=1, description="Seconds between pings of a WebSocket connection.")
    ] = 49.5
    dead_s: Annotated[
        float, Meta(ge=2, description="Seconds of silence after which a connection is dropped.")
    ] = 55.0


class Database(Struct, forbid_unknown_fields=True, kw_only=True):
    """Where everything is kept but uploads and secrets."""

    url: Annotated[
        str,
        Meta(
            description="Address of the database: `sqlite:///FILE`, "
            "`postgresql://USER:PASSWORD@HOST/NAME` or `mysql://USER:PASSWORD@HOST/NAME`; empty: "
            "an SQLite file in the data folder."
        ),
    ] = ""


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
    logical_names: Annotated[
        list[str],
        Meta(
            description="Other names for them, as `corp:basic`; `basic:` hides a name, and a "
            "renamed one must be hidden."
        ),
    ] = []
    add_to_tags: Annotated[
        bool, Meta(description="Whether people are found by their log-in name.")
    ] = True
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
        Meta(ge=1, description="New accounts from one address in a row; 20 more each minute."),
    ] = 100

    def visible(self) -> dict[str, str]:
        """What clients call the ways to log in, and what each of them is. Raises BadConfig.

        Source: specification 04, paragraph 3.3.
        """
        names = {scheme: scheme for scheme in self.schemes}
        for pair in self.logical_names:
            shown, colon, actual = pair.lower().partition(":")
            known = actual in ("", *self.schemes)
            if not (shown and colon and known) or ":" in actual:
                raise BadConfig(f"The setting auth.logical_names cannot be used: {pair}.")
            if shown in names and actual not in ("", names[shown]):
                raise BadConfig(f"The setting auth.logical_names uses {shown} twice.")
            names[shown] = actual
        names = {shown: actual for shown, actual in names.items() if actual}
        for actual in names.values():
            if list(names.values()).count(actual) > 1:
                raise BadConfig(f"Hide the old name of {actual}: add {actual}: to logical_names.")
        return names


class Rest(Struct, forbid_unknown_fields=True, kw_only=True):
    """The service that knows people, where auth.schemes names rest."""

    url: Annotated[str, Meta(description="Where it is asked, an http or https address.")] = ""
    allow_new_accounts: Annotated[
        bool, Meta(description="Whether people it knows get an account at their first log-in.")
    ] = False
    use_separate_endpoints: Annotated[
        bool, Meta(description="Whether the name of the question is appended to the address.")
    ] = False


class Tags(Struct, forbid_unknown_fields=True, kw_only=True):
    """Tags by which people and groups are found."""

    alias: Annotated[str, Meta(description="Namespace of tags only one may have; empty: none.")] = (
        "alias"
    )
    masked: Annotated[
        list[str], Meta(description="Namespaces only those who have such a tag can search.")
    ] = []


class LinkPreview(Struct, forbid_unknown_fields=True, kw_only=True):
    """Previews of pages that people link to."""

    enabled: Annotated[
        bool, Meta(description="Whether the server looks at pages of the web for its users.")
    ] = False
    ports: Annotated[list[int], Meta(description="Ports of other servers that may be asked.")] = (
        msgspec.field(default_factory=lambda: [80, 443])
    )


class Cleaning(Struct, forbid_unknown_fields=True, kw_only=True):
    """What is forgotten by itself."""

    period_s: Annotated[
        int, Meta(ge=0, description="Seconds between two searches for it; 0: nothing ever is.")
    ] = 600
    files_max: Annotated[
        int, Meta(ge=1, le=10_000, description="Files that are forgotten in one search.")
    ] = 100
    unconfirmed_h: Annotated[
        int,
        Meta(
            ge=0,
            description="Hours after which accounts are erased that never confirmed what they "
            "have to; 0: never.",
        ),
    ] = 0
    erased_days: Annotated[
        int,
        Meta(
            ge=0,
            description="Days after which deleted accounts and groups are gone for good; 0: never.",
        ),
    ] = 0


class Media(Struct, forbid_unknown_fields=True, kw_only=True):
    """Uploaded files."""

    max_size: Annotated[int, Meta(ge=0, description="Bytes of one file; 0: no uploads.")] = (
        8_388_608
    )
    cors_origins: Annotated[
        list[str],
        Meta(
            description="Pages that may load files: origins such as https://*.example.com; "
            "`*` alone: all."
        ),
    ] = msgspec.field(default_factory=lambda: ["*"])


class Confirmation(Struct, forbid_unknown_fields=True, kw_only=True):
    """How addresses are confirmed."""

    code_length: Annotated[int, Meta(ge=4, le=12, description="Digits of a code.")] = 6
    code_life_s: Annotated[
        int, Meta(ge=60, le=604_800, description="Seconds a code that confirms is good for.")
    ] = 86_400
    failures_max: Annotated[
        int, Meta(ge=1, le=10, description="Wrong answers to one code; then it is dead.")
    ] = 3
    reset_life_s: Annotated[
        int, Meta(ge=60, le=86_400, description="Seconds a code for a new password is good for.")
    ] = 900
    templates: Annotated[
        str,
        Meta(description="Folder with messages in other words; see the operations page."),
    ] = ""
    language: Annotated[
        str, Meta(description="Language of messages to people whose own is not there.")
    ] = "en"
    development: Annotated[
        bool,
        Meta(description="Allows `debug_response`, with which anybody can confirm any address."),
    ] = False


class Email(Struct, forbid_unknown_fields=True, kw_only=True):
    """Confirmation of e-mail addresses; without `host` nothing is sent."""

    enabled: Annotated[
        bool, Meta(description="Whether people may attach an e-mail address; needs `host`.")
    ] = False
    required: Annotated[
        bool, Meta(description="Whether an account needs a confirmed e-mail address.")
    ] = False
    required_levels: Annotated[
        list[str],
        Meta(description="Accounts of which levels, where it is required: anon, auth, root."),
    ] = msgspec.field(default_factory=lambda: ["auth"])
    add_to_tags: Annotated[
        bool, Meta(description="Whether people are found by their confirmed address.")
    ] = True
    domains: Annotated[
        list[str], Meta(description="Domains addresses must belong to; none: any domain.")
    ] = []
    host: Annotated[str, Meta(description="Mail server that takes our mails.")] = ""
    port: Annotated[int, Meta(ge=1, le=_PORT_MAX, description="Its port.")] = 25
    security: Annotated[
        str,
        Meta(
            pattern="^(auto|starttls|tls|none)$",
            description="auto: TLS on port 465, else STARTTLS where it is offered; "
            "starttls: refuse to send without; tls: from the first byte; none.",
        ),
    ] = "auto"
    verify: Annotated[bool, Meta(description="Whether its certificate must be valid.")] = True
    login: Annotated[str, Meta(description="Name to log in to it; empty: no log-in.")] = ""
    password: Annotated[str, Meta(description="Password to log in to it.")] = ""
    auth_mechanism: Annotated[
        str,
        Meta(pattern="^(plain|login|cram-md5)$", description="plain, login or cram-md5."),
    ] = "plain"
    helo_host: Annotated[
        str, Meta(description="What to call ourselves; empty: the host of server.public_url.")
    ] = ""
    sender: Annotated[
        str, Meta(description='Address mails come from, as `"Chat" <noreply@example.com>`.')
    ] = ""
    debug_response: Annotated[
        str,
        Meta(description="A code that always confirms; for tests only, see confirm.development."),
    ] = ""


class Tel(Struct, forbid_unknown_fields=True, kw_only=True):
    """Confirmation of telephone numbers by text message."""

    enabled: Annotated[bool, Meta(description="Whether people may attach a telephone number.")] = (
        False
    )
    required: Annotated[
        bool, Meta(description="Whether an account needs a confirmed telephone number.")
    ] = False
    required_levels: Annotated[
        list[str],
        Meta(description="Accounts of which levels, where it is required: anon, auth, root."),
    ] = msgspec.field(default_factory=lambda: ["auth"])
    add_to_tags: Annotated[
        bool, Meta(description="Whether people are found by their confirmed number.")
    ] = True
    sms: Annotated[
        str, Meta(description="Installed sender of text messages; `webhook` is built in.")
    ] = "webhook"
    url: Annotated[
        str,
        Meta(description="Where `webhook` posts {to, text, sender}; a gateway of yours."),
    ] = ""
    secret: Annotated[
        str, Meta(description="Sent along as `Authorization: Bearer …`; empty: nothing is.")
    ] = ""
    sender: Annotated[str, Meta(description="Who text messages come from.")] = "Chinwag"
    debug_response: Annotated[
        str,
        Meta(description="A code that always confirms; for tests only, see confirm.development."),
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


GRPC_LISTEN: Final = "127.0.0.1:16060"  # where bots and tools look for a server


class Grpc(Struct, forbid_unknown_fields=True, kw_only=True):
    """The protocol for programs, as bots use it."""

    listen: Annotated[
        str,
        Meta(
            description="Address for gRPC, HOST:PORT or unix:PATH; empty: none. The server goes on "
            "without gRPC where another program uses the default port."
        ),
    ] = GRPC_LISTEN
    tls_cert: Annotated[
        str, Meta(description="File of the certificate chain (PEM); empty: no TLS.")
    ] = ""
    tls_key: Annotated[str, Meta(description="File of its private key (PEM).")] = ""


class Config(Struct, forbid_unknown_fields=True, kw_only=True):
    """All settings."""

    server: Server = msgspec.field(default_factory=Server)
    database: Database = msgspec.field(default_factory=Database)
    limits: LimitSettings = msgspec.field(default_factory=LimitSettings)
    auth: Auth = msgspec.field(default_factory=Auth)
    guard: Rates = msgspec.field(default_factory=Rates)
    rest: Rest = msgspec.field(default_factory=Rest)
    tags: Tags = msgspec.field(default_factory=Tags)
    media: Media = msgspec.field(default_factory=Media)
    preview: LinkPreview = msgspec.field(default_factory=LinkPreview)
    cleaning: Cleaning = msgspec.field(default_factory=Cleaning)
    confirm: Confirmation = msgspec.field(default_factory=Confirmation)
    email: Email = msgspec.field(default_factory=Email)
    tel: Tel = msgspec.field(default_factory=Tel)
    calls: Calls = msgspec.field(default_factory=Calls)
    push: Push = msgspec.field(default_factory=Push)
    push_webhook: PushWebhook = msgspec.field(default_factory=PushWebhook)
    grpc: Grpc = msgspec.field(default_factory=Grpc)
    webhooks: Webhooks = msgspec.field(default_factory=Webhooks)
    plugins: dict[str, Plugin] = msgspec.field(default_factory=dict)
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
            restricted_ns=self._restricted(),
            required_creds=self._required(),
            tagged_methods=frozenset(n for n, m in self.methods().items() if m.add_to_tags),
            debug_responses={
                n: m.debug_response for n, m in self.methods().items() if m.debug_response
            },
            failures_max=self.confirm.failures_max,
            code_length=self.confirm.code_length,
            confirm_life_s=self.confirm.code_life_s,
            reset_life_s=self.confirm.reset_life_s,
            country=self.country,
            ice_servers=tuple(self.calls.ice_servers) if self.calls.enabled else (),
            call_timeout_s=self.calls.timeout_s,
            resend_window_s=self.limits.resend_window_s,
            token_life_s=self.auth.token_life_s,
            push_life_s=self.push.life_s,
            hooks_give_up_h=self.webhooks.give_up_h,
        )

    def methods(self) -> dict[str, Email | Tel]:
        """The methods by which people confirm addresses, as far as messages can be sent.

        One that is enabled without a way to send anything is there in name only, unless it is
        required.
        """
        found: dict[str, Email | Tel] = {}
        if self.email.enabled and (self.email.host or self.email.required):
            found["email"] = self.email
        if self.tel.enabled:
            found["tel"] = self.tel
        return found

    def _required(self) -> dict[str, list[str]]:
        """Which methods accounts of which level need."""
        needed: dict[str, list[str]] = {}
        for name, method in self.methods().items():
            for level in method.required_levels if method.required else ():
                needed.setdefault(level, []).append(name)
        return needed

    def _restricted(self) -> set[str]:
        """Namespaces of tags that only the server may set.

        That of e-mail addresses always, so that nobody can lay claim to an address early.
        """
        found = {"email"}
        if self.tel.enabled and self.tel.add_to_tags:
            found.add("tel")
        if self.auth.add_to_tags:
            names = self.auth.visible().items()
            found |= {shown for shown, actual in names if actual == "basic"}
        return found


def split_address(listen: str) -> tuple[str, int]:
    """Host and port of HOST:PORT. Raises BadConfig."""
    host, colon, port = listen.rpartition(":")
    if not colon or not port.isdecimal() or int(port) > _PORT_MAX:
        raise BadConfig(f"The address {listen} cannot be used: write HOST:PORT, as 127.0.0.1:6060.")
    return host.strip("[]") or "0.0.0.0", int(port)  # noqa: S104 - asked for by leaving it out
