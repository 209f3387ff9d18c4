"""Packets in protobuf: from a ClientMsg to our Structs, from our JSON to a ServerMsg.

Free-form values travel as JSON text in `bytes`. What a client sends in place of JSON is refused
instead of being stored as nothing (DEFECT 8), and every field of the tables is honoured (DEFECTs 5
to 7 and 9). Source: specification 06, paragraphs 2 and 3.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import msgspec
from google.protobuf.message import DecodeError
from msgspec import Raw

from chinwag.wire.codec import Decoded, Malformed, too_deep
from chinwag.wire.messages import (
    NOTHING,
    Acc,
    ClientMessage,
    Credential,
    Defacs,
    Del,
    Extra,
    Get,
    GetOpts,
    GetQuery,
    Hi,
    Instant,
    Leave,
    Login,
    Note,
    Packet,
    Pub,
    SeqRange,
    Set,
    SetDesc,
    SetQuery,
    SetSub,
    Sub,
)
from chinwag.wire.pbx import model_pb2 as pb

TOKEN_TEXT: Final = 68  # characters of a token in base64; its bytes are 50
_ERASE: Final = "\u2421"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LEVELS: Final = {pb.ANON: "anon", pb.AUTH: "auth", pb.ROOT: "root"}
DELETES: Final = {
    pb.ClientDel.MSG: "msg",
    pb.ClientDel.TOPIC: "topic",
    pb.ClientDel.SUB: "sub",
    pb.ClientDel.USER: "user",
    pb.ClientDel.CRED: "cred",
}
NOTES: Final = {pb.READ: "read", pb.RECV: "recv", pb.KP: "kp", pb.CALL: "call"}
EVENTS: Final = {
    pb.ACCEPT: "accept",
    pb.ANSWER: "answer",
    pb.HANG_UP: "hang-up",
    pb.ICE_CANDIDATE: "ice-candidate",
    pb.INVITE: "invite",
    pb.OFFER: "offer",
    pb.RINGING: "ringing",
}
NOTE_CODES: Final = {text: code for code, text in NOTES.items()}
EVENT_CODES: Final = {text: code for code, text in EVENTS.items()}
_NEWS_NAMES: Final = {name.lower(): name for name in pb.ServerPres.What.keys()}  # noqa: SIM118 - an enum
_OBJECT: Final = msgspec.json.Decoder(dict[str, Raw])
_ROWS: Final = msgspec.json.Decoder(list[dict[str, Raw]])
_TEXTS: Final = msgspec.json.Decoder(list[str])
_FREE: Final = msgspec.json.Decoder()
Fields = dict[str, Raw]


# --- client to server -----------------------------------------------------------------------


def decode(raw: bytes) -> Decoded:
    """The message in the ClientMsg `raw`. Raises Malformed."""
    try:
        message = pb.ClientMsg.FromString(raw)
    except DecodeError:
        raise Malformed from None
    kind = message.WhichOneof("Message")
    packet: Packet | None = None
    if kind is not None:
        sent = getattr(message, kind)
        try:
            packet = _PACKETS[kind](sent)
        except (ValueError, OverflowError):
            raise Malformed(getattr(sent, "id", ""), getattr(sent, "topic", "")) from None
    extra = _extra(message.extra) if message.HasField("extra") else None
    return Decoded(ClientMessage(extra=extra), packet)


def _extra(sent: pb.ClientExtra) -> Extra:
    return Extra(
        attachments=list(sent.attachments) or None,
        obo=sent.on_behalf_of,
        authlevel=_LEVELS.get(sent.auth_level, ""),
    )


def _value(raw: bytes) -> Raw:
    """Free-form JSON; empty or null: absent. Raises ValueError.

    Tools that quote a text without escaping it mean the text, and a bare mark erases.
    """
    if not raw:
        return NOTHING
    if too_deep(raw):
        raise ValueError("too deep")
    try:
        text = str(raw, "utf-8")
        if _FREE.decode(raw) is None:
            return NOTHING
    except UnicodeDecodeError:
        raise
    except (msgspec.DecodeError, RecursionError):
        if text == _ERASE:
            return Raw(msgspec.json.encode(_ERASE))
        if len(text) > 1 and text[0] == text[-1] == '"':
            return Raw(msgspec.json.encode(text[1:-1]))
        raise ValueError("not JSON") from None
    return Raw(raw)


def _values(sent: Mapping[str, bytes]) -> dict[str, Raw]:
    """A map of free-form values without those that are nothing. Raises ValueError."""
    read = {key: _value(raw) for key, raw in sent.items()}
    return {key: raw for key, raw in read.items() if bytes(raw) not in (b"", b"null")}


def _hi(sent: pb.ClientHi) -> Hi:
    return Hi(
        id=sent.id,
        ver=sent.ver,
        ua=sent.user_agent,
        dev=sent.device_id or None,
        lang=sent.lang or None,
        platf=sent.platform,
        bkg=sent.background,
    )


def _acc(sent: pb.ClientAcc) -> Acc:
    return Acc(
        id=sent.id,
        user=sent.user_id,
        tmpscheme=sent.tmp_scheme,
        tmpsecret=sent.tmp_secret,
        status=sent.state,
        authlevel=_LEVELS.get(sent.auth_level, ""),
        scheme=sent.scheme,
        secret=sent.secret,
        login=sent.login,
        tags=list(sent.tags) or None,
        desc=_desc(sent.desc),
        cred=[_credential(each) for each in sent.cred] or None,
    )


def _login(sent: pb.ClientLogin) -> Login:
    return Login(
        id=sent.id,
        scheme=sent.scheme,
        secret=_secret(sent.scheme, sent.secret),
        cred=[_credential(each) for each in sent.cred] or None,
    )


def _secret(scheme: str, raw: bytes) -> bytes:
    """The secret; the chatbot sends a token as the text it was given (paragraph 7.1)."""
    if scheme.lower() == "token" and len(raw) == TOKEN_TEXT:
        try:
            return msgspec.json.decode(b'"' + raw + b'"', type=bytes)
        except msgspec.MsgspecError:
            return raw
    return raw


def _credential(sent: pb.ClientCred) -> Credential:
    params = _values(sent.params)
    return Credential(
        meth=sent.method,
        val=sent.value,
        resp=sent.response,
        params=Raw(msgspec.json.encode(params)) if params else NOTHING,
    )


def _desc(sent: pb.SetDesc) -> SetDesc | None:
    """None where all of it is empty: some tools always send one."""
    defacs = None
    if sent.default_acs.auth or sent.default_acs.anon:
        defacs = Defacs(auth=sent.default_acs.auth, anon=sent.default_acs.anon)
    values = [_value(raw) for raw in (sent.public, sent.trusted, sent.private)]
    if defacs is None and not any(bytes(value) for value in values):
        return None
    return SetDesc(defacs, *values)


def _set_parts(sent: pb.SetQuery) -> dict[str, Any]:
    """The members of a {set} or of the `set` of a {sub}; what is empty is absent."""
    sub = sent.sub
    return {
        "desc": _desc(sent.desc),
        "sub": SetSub(user=sub.user_id, mode=sub.mode) if sub.user_id or sub.mode else None,
        "tags": list(sent.tags) or None,
        "cred": _credential(sent.cred) if sent.HasField("cred") else None,
        "aux": _values(sent.aux) or None,
    }


def _get_parts(sent: pb.GetQuery) -> dict[str, Any]:
    return {
        "what": sent.what,
        "desc": _opts(sent.desc) if sent.HasField("desc") else None,
        "sub": _opts(sent.sub) if sent.HasField("sub") else None,
        "data": _opts(sent.data) if sent.HasField("data") else None,
    }


def _opts(sent: pb.GetOpts) -> GetOpts:
    ims_ms = sent.if_modified_since
    return GetOpts(
        user=sent.user,
        topic=sent.topic,
        ims=Instant(ims_ms) if ims_ms > 0 else None,
        since=sent.since_id,
        before=sent.before_id,
        limit=sent.limit,
        ranges=_ranges(sent.ranges),
    )


def _ranges(sent: Iterable[pb.SeqRange]) -> list[SeqRange] | None:
    return [SeqRange(low=each.low, hi=each.hi) for each in sent] or None


def _sub(sent: pb.ClientSub) -> Sub:
    parts = _set_parts(sent.set_query)
    change = SetQuery(**parts) if any(part is not None for part in parts.values()) else None
    query = GetQuery(**_get_parts(sent.get_query)) if sent.HasField("get_query") else None
    return Sub(id=sent.id, topic=sent.topic, set=change, get=query)


def _pub(sent: pb.ClientPub) -> Pub:
    return Pub(
        id=sent.id,
        topic=sent.topic,
        noecho=sent.no_echo,
        head=_values(sent.head) or None,
        content=_value(sent.content),
    )


def _del(sent: pb.ClientDel) -> Del:
    return Del(
        id=sent.id,
        topic=sent.topic,
        what=DELETES.get(sent.what, ""),
        delseq=_ranges(sent.del_seq),
        user=sent.user_id,
        cred=_credential(sent.cred) if sent.HasField("cred") else None,
        hard=sent.hard,
    )


def _note(sent: pb.ClientNote) -> Note:
    return Note(
        topic=sent.topic,
        what=NOTES.get(sent.what, ""),
        seq=sent.seq_id,
        unread=sent.unread,
        event=EVENTS.get(sent.event, ""),
        payload=_value(sent.payload),
    )


_PACKETS: Final[dict[str, Callable[[Any], Packet]]] = {
    "hi": _hi,
    "acc": _acc,
    "login": _login,
    "sub": _sub,
    "leave": lambda sent: Leave(id=sent.id, topic=sent.topic, unsub=sent.unsub),
    "pub": _pub,
    "get": lambda sent: Get(id=sent.id, topic=sent.topic, **_get_parts(sent.query)),
    "set": lambda sent: Set(id=sent.id, topic=sent.topic, **_set_parts(sent.query)),
    "del": _del,
    "note": _note,
}


# --- server to client -----------------------------------------------------------------------


def encode(body: bytes) -> bytes:
    """The ServerMsg of the server message whose JSON is `body`."""
    kind, fields = next(iter(_OBJECT.decode(body).items()))
    message = pb.ServerMsg()
    getattr(message, kind).CopyFrom(_ENVELOPES[kind](_OBJECT.decode(fields)))
    return message.SerializeToString()


def _get(fields: Fields, name: str, default: Any) -> Any:
    raw = fields.get(name)
    return default if raw is None else _FREE.decode(raw)


def _str(fields: Fields, name: str) -> str:
    return str(_get(fields, name, ""))


def _int(fields: Fields, name: str) -> int:
    return int(_get(fields, name, 0))


def _ms(fields: Fields, name: str) -> int:
    """An instant in milliseconds; 0: none."""
    text = _str(fields, name)
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(milliseconds=1) if text else 0


def _bytes(fields: Fields, name: str) -> bytes:
    raw = bytes(fields.get(name, b""))
    return b"" if raw == b"null" else raw


def texts(raw: bytes | Raw | None) -> dict[str, bytes]:
    """A JSON object as a map of JSON texts; None: an empty one."""
    return {} if raw is None else {k: bytes(v) for k, v in _OBJECT.decode(raw).items()}


def _map(fields: Fields, name: str) -> dict[str, bytes]:
    return texts(fields.get(name))


def _object(fields: Fields, name: str) -> Fields | None:
    raw = fields.get(name)
    return None if raw is None else _OBJECT.decode(raw)


def _ctrl(fields: Fields) -> pb.ServerCtrl:
    return pb.ServerCtrl(
        id=_str(fields, "id"),
        topic=_str(fields, "topic"),
        code=_int(fields, "code"),
        text=_str(fields, "text"),
        params=_map(fields, "params"),
    )


def _data(fields: Fields) -> pb.ServerData:
    return pb.ServerData(
        topic=_str(fields, "topic"),
        from_user_id=_str(fields, "from"),
        timestamp=_ms(fields, "ts"),
        seq_id=_int(fields, "seq"),
        head=_map(fields, "head"),
        content=_bytes(fields, "content"),
    )


def _pres(fields: Fields) -> pb.ServerPres:
    return pb.ServerPres(
        topic=_str(fields, "topic"),
        src=_str(fields, "src"),
        what=_NEWS_NAMES.get(_str(fields, "what"), "X3"),
        user_agent=_str(fields, "ua"),
        seq_id=_int(fields, "seq"),
        del_id=_int(fields, "clear"),
        del_seq=_seqs(fields, "delseq"),
        target_user_id=_str(fields, "tgt"),
        actor_user_id=_str(fields, "act"),
        acs=_acs(fields, "dacs"),
    )


def _seqs(fields: Fields, name: str) -> list[pb.SeqRange]:
    raw = fields.get(name)
    rows = [] if raw is None else _ROWS.decode(raw)
    return [pb.SeqRange(low=_int(row, "low"), hi=_int(row, "hi")) for row in rows]


def _acs(fields: Fields, name: str) -> pb.AccessMode | None:
    acs = _object(fields, name)
    return None if acs is None else pb.AccessMode(want=_str(acs, "want"), given=_str(acs, "given"))


def _info(fields: Fields) -> pb.ServerInfo:
    return pb.ServerInfo(
        topic=_str(fields, "topic"),
        from_user_id=_str(fields, "from"),
        what=NOTE_CODES.get(_str(fields, "what"), pb.X1),
        seq_id=_int(fields, "seq"),
        src=_str(fields, "src"),
        event=EVENT_CODES.get(_str(fields, "event"), pb.X2),
        payload=_bytes(fields, "payload"),
    )


def _meta(fields: Fields) -> pb.ServerMeta:
    desc, gone = _object(fields, "desc"), _object(fields, "del")
    rows = fields.get("sub")
    creds = fields.get("cred")
    meta = pb.ServerMeta(
        id=_str(fields, "id"),
        topic=_str(fields, "topic"),
        desc=None if desc is None else _topic_desc(desc),
        sub=[] if rows is None else [_topic_sub(row) for row in _ROWS.decode(rows)],
        tags=_TEXTS.decode(fields["tags"]) if "tags" in fields else [],
        cred=[] if creds is None else [_cred(row) for row in _ROWS.decode(creds)],
        aux=_map(fields, "aux"),
    )
    if gone is not None:
        values = pb.DelValues(del_id=_int(gone, "clear"), del_seq=_seqs(gone, "delseq"))
        getattr(meta, "del").CopyFrom(values)
    return meta


def _cred(row: Fields) -> pb.ServerCred:
    return pb.ServerCred(
        method=_str(row, "meth"), value=_str(row, "val"), done=bool(_get(row, "done", False))
    )


def _seen(fields: Fields) -> tuple[int, str]:
    seen = _object(fields, "seen") or {}
    return _ms(seen, "when"), _str(seen, "ua")


def _topic_desc(fields: Fields) -> pb.TopicDesc:
    defacs = _object(fields, "defacs")
    seen_ms, agent = _seen(fields)
    return pb.TopicDesc(
        created_at=_ms(fields, "created"),
        updated_at=_ms(fields, "updated"),
        touched_at=_ms(fields, "touched"),
        defacs=None
        if defacs is None
        else pb.DefaultAcsMode(auth=_str(defacs, "auth"), anon=_str(defacs, "anon")),
        acs=_acs(fields, "acs"),
        seq_id=_int(fields, "seq"),
        read_id=_int(fields, "read"),
        recv_id=_int(fields, "recv"),
        del_id=_int(fields, "clear"),
        public=_bytes(fields, "public"),
        private=_bytes(fields, "private"),
        trusted=_bytes(fields, "trusted"),
        state=_str(fields, "state"),
        last_seen_time=seen_ms,
        last_seen_user_agent=agent,
        is_chan=bool(_get(fields, "chan", False)),
        online=bool(_get(fields, "online", False)),
    )


def _topic_sub(fields: Fields) -> pb.TopicSub:
    seen_ms, agent = _seen(fields)
    return pb.TopicSub(
        updated_at=_ms(fields, "updated"),
        deleted_at=_ms(fields, "deleted"),
        touched_at=_ms(fields, "touched"),
        online=bool(_get(fields, "online", False)),
        acs=_acs(fields, "acs") or pb.AccessMode(),
        seq_id=_int(fields, "seq"),
        read_id=_int(fields, "read"),
        recv_id=_int(fields, "recv"),
        del_id=_int(fields, "clear"),
        public=_bytes(fields, "public"),
        private=_bytes(fields, "private"),
        trusted=_bytes(fields, "trusted"),
        user_id=_str(fields, "user"),
        topic=_str(fields, "topic"),
        last_seen_time=seen_ms,
        last_seen_user_agent=agent,
    )


_ENVELOPES: Final[dict[str, Callable[[Fields], Any]]] = {
    "ctrl": _ctrl,
    "data": _data,
    "pres": _pres,
    "meta": _meta,
    "info": _info,
}
