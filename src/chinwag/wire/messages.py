"""Every packet of both directions as a msgspec Struct.

Free-form values (`public`, `content` …) stay raw JSON: an empty `Raw` means absent.
Source: specification 01, paragraphs 6 and 7.
"""

from typing import Annotated

import msgspec
from msgspec import Raw

Number = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
NOTHING = Raw()


class Instant(int):
    """Milliseconds since 1970, written as RFC 3339."""


class Defacs(msgspec.Struct, omit_defaults=True):
    """Default access: mode texts for authenticated users and for guests."""

    auth: str = ""
    anon: str = ""


# --- client to server -----------------------------------------------------------------------


class Credential(msgspec.Struct):
    """A credential to attach, to confirm or to delete."""

    meth: str = ""
    val: str = ""
    resp: str = ""
    params: Raw = NOTHING


class SetDesc(msgspec.Struct):
    """The description part of {set}, {sub} and {acc}."""

    defacs: Defacs | None = None
    public: Raw = NOTHING
    trusted: Raw = NOTHING
    private: Raw = NOTHING


class SetSub(msgspec.Struct):
    """The subscription part of {set} and {sub}."""

    user: str = ""
    mode: str = ""


class SetQuery(msgspec.Struct):
    """What a {set} or the `set` of a {sub} changes."""

    desc: SetDesc | None = None
    sub: SetSub | None = None
    tags: list[str | None] | None = None
    cred: Credential | None = None
    aux: dict[str, Raw] | None = None


class SeqRange(msgspec.Struct, omit_defaults=True):
    """Message numbers [low, hi); `hi` 0: just `low`."""

    low: Number = 0
    hi: Number = 0


class GetOpts(msgspec.Struct):
    """Options of one part of {get}."""

    user: str = ""
    topic: str = ""
    ims: Instant | None = None
    since: Number = 0
    before: Number = 0
    limit: Number = 0
    ranges: list[SeqRange] | None = None


class GetQuery(msgspec.Struct):
    """What a {get} or the `get` of a {sub} asks for."""

    what: str = ""
    desc: GetOpts | None = None
    sub: GetOpts | None = None
    data: GetOpts | None = None
    # `del` is a keyword in Python.
    deletions: GetOpts | None = msgspec.field(default=None, name="del")


class Hi(msgspec.Struct):
    """Handshake."""

    id: str = ""
    ver: str = ""
    ua: str = ""
    dev: str | None = None
    lang: str | None = None
    platf: str = ""
    bkg: bool = False


class Acc(msgspec.Struct):
    """Create or change an account."""

    id: str = ""
    user: str = ""
    tmpscheme: str = ""
    tmpsecret: bytes = b""
    status: str = ""
    authlevel: str = ""
    scheme: str = ""
    secret: bytes = b""
    login: bool = False
    tags: list[str | None] | None = None
    desc: SetDesc | None = None
    cred: list[Credential] | None = None


class Login(msgspec.Struct):
    """Authenticate the session."""

    id: str = ""
    scheme: str = ""
    secret: bytes = b""
    cred: list[Credential] | None = None


class Sub(msgspec.Struct):
    """Attach, subscribe, create."""

    id: str = ""
    topic: str = ""
    set: SetQuery | None = None
    get: GetQuery | None = None


class Leave(msgspec.Struct):
    """Detach, unsubscribe."""

    id: str = ""
    topic: str = ""
    unsub: bool = False


class Pub(msgspec.Struct):
    """Publish."""

    id: str = ""
    topic: str = ""
    noecho: bool = False
    head: dict[str, Raw] | None = None
    content: Raw = NOTHING


class Get(GetQuery):
    """Ask."""

    id: str = ""
    topic: str = ""


class Set(SetQuery):
    """Change."""

    id: str = ""
    topic: str = ""


class Del(msgspec.Struct):
    """Delete messages, a topic, a subscription, a credential or an account."""

    id: str = ""
    topic: str = ""
    what: str = ""
    delseq: list[SeqRange] | None = None
    user: str = ""
    cred: Credential | None = None
    hard: bool = False


class Note(msgspec.Struct):
    """Typing, receipts, calls; it has no id."""

    topic: str = ""
    what: str = ""
    seq: Number = 0
    unread: Number = 0
    event: str = ""
    payload: Raw = NOTHING


class Extra(msgspec.Struct):
    """What accompanies a packet."""

    attachments: list[str] | None = None
    obo: str = ""
    authlevel: str = ""


Packet = Hi | Acc | Login | Sub | Leave | Pub | Get | Set | Del | Note


class ClientMessage(msgspec.Struct):
    """The envelope of everything a client says."""

    pub: Pub | None = None
    sub: Sub | None = None
    leave: Leave | None = None
    hi: Hi | None = None
    login: Login | None = None
    get: Get | None = None
    set: Set | None = None
    # `del` is a keyword in Python.
    delete: Del | None = msgspec.field(default=None, name="del")
    acc: Acc | None = None
    note: Note | None = None
    extra: Extra | None = None

    def packet(self) -> Packet | None:
        """The packet that counts: the first present one in the order of the reference.

        Source: specification 01, paragraph 5, step 6 (QUIRK-11).
        """
        return (
            self.pub
            or self.sub
            or self.leave
            or self.hi
            or self.login
            or self.get
            or self.set
            or self.delete
            or self.acc
            or self.note
        )


# --- server to client -----------------------------------------------------------------------


class Acs(msgspec.Struct, omit_defaults=True):
    """Access modes as texts."""

    want: str = ""
    given: str = ""
    mode: str = ""


class Seen(msgspec.Struct, omit_defaults=True):
    """When and with what a user was last seen."""

    when: str = ""
    ua: str = ""


class Ctrl(msgspec.Struct, omit_defaults=True):
    """Reply."""

    code: int
    text: str
    ts: str
    id: str = ""
    topic: str = ""
    params: dict[str, object] | None = None


class Data(msgspec.Struct, omit_defaults=True):
    """A message."""

    topic: str
    ts: str
    seq: int
    content: Raw
    # `from` is a keyword in Python.
    sender: str = msgspec.field(default="", name="from")
    head: Raw | None = None


class Desc(msgspec.Struct, omit_defaults=True):
    """Description of a topic."""

    created: str = ""
    updated: str = ""
    touched: str = ""
    state: str = ""
    online: bool = False
    chan: bool = False
    seen: Seen | None = None
    defacs: Defacs | None = None
    acs: Acs | None = None
    seq: int = 0
    read: int = 0
    recv: int = 0
    clear: int = 0
    subcnt: int = 0
    public: Raw | None = None
    trusted: Raw | None = None
    private: Raw | None = None


class SubRow(msgspec.Struct, omit_defaults=True):
    """One subscription in a list. `acs` is always written, empty where nothing may be known."""

    acs: Acs
    user: str = ""
    topic: str = ""
    updated: str = ""
    deleted: str = ""
    online: bool = False
    read: int = 0
    recv: int = 0
    public: Raw | None = None
    trusted: Raw | None = None
    private: Raw | list[str] | None = None
    touched: str = ""
    seq: int = 0
    clear: int = 0
    subcnt: int = 0
    seen: Seen | None = None


class DelValues(msgspec.Struct):
    """What was deleted: the newest deletion id and the message numbers."""

    clear: int
    delseq: list[SeqRange]


class CredRow(msgspec.Struct, omit_defaults=True):
    """One credential of an account."""

    meth: str
    val: str
    done: bool = False


class Meta(msgspec.Struct, omit_defaults=True):
    """Answer to {get}."""

    topic: str
    id: str = ""
    ts: str = ""
    desc: Desc | None = None
    sub: list[SubRow] | None = None
    # `del` is a keyword in Python.
    deletions: DelValues | None = msgspec.field(default=None, name="del")
    tags: list[str] | None = None
    cred: list[CredRow] | None = None
    aux: dict[str, Raw] | None = None


class Dacs(msgspec.Struct, omit_defaults=True):
    """Change of access modes."""

    want: str = ""
    given: str = ""


class Pres(msgspec.Struct, omit_defaults=True):
    """Presence."""

    topic: str
    what: str
    src: str = ""
    ua: str = ""
    seq: int = 0
    clear: int = 0
    delseq: list[SeqRange] | None = None
    tgt: str = ""
    act: str = ""
    dacs: Dacs | None = None


class Info(msgspec.Struct, omit_defaults=True):
    """A forwarded {note}."""

    topic: str
    what: str
    src: str = ""
    # `from` is a keyword in Python.
    sender: str = msgspec.field(default="", name="from")
    seq: int = 0
    event: str = ""
    payload: Raw | None = None


class ServerMessage(msgspec.Struct, omit_defaults=True):
    """The envelope of everything the server says: exactly one member is set."""

    ctrl: Ctrl | None = None
    data: Data | None = None
    meta: Meta | None = None
    pres: Pres | None = None
    info: Info | None = None
