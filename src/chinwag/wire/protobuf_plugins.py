"""Packets for plug-ins in protobuf, and what plug-ins answer.

The other way round than for clients: what a client says becomes a ClientMsg, a ServerMsg becomes
our JSON. Source: specification 06, paragraphs 3.6 and 6; DEFECT 14.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec
from msgspec import Raw

from chinwag.wire import codec, protobuf
from chinwag.wire.messages import (
    Acc,
    Acs,
    Credential,
    CredRow,
    Ctrl,
    Dacs,
    Data,
    Defacs,
    Del,
    DelValues,
    Desc,
    Extra,
    Get,
    GetOpts,
    GetQuery,
    Hi,
    Info,
    Leave,
    Login,
    Meta,
    Note,
    Packet,
    Pres,
    Pub,
    Seen,
    SeqRange,
    ServerMessage,
    Set,
    SetDesc,
    SetQuery,
    Sub,
    SubRow,
)
from chinwag.wire.pbx import model_pb2 as pb

_LEVELS: Final = {"anon": pb.ANON, "auth": pb.AUTH}  # ROOT is turned into NONE (QUIRK)
_LATEST_MS: Final = 253_402_300_799_999  # the end of the year 9999
_DELETES: Final = {text: code for code, text in protobuf.DELETES.items()}
_FREE: Final = msgspec.json.Decoder()


class NotJson(ValueError):
    """Free-form bytes of a plug-in are no JSON."""


# --- client to plug-in ----------------------------------------------------------------------


def request(packet: Packet, extra: Extra | None) -> pb.ClientMsg | None:
    """The ClientMsg that means `packet`; None: protobuf has no words for it."""
    if isinstance(packet, Note) and packet.what not in protobuf.NOTE_CODES:
        return None
    message = pb.ClientMsg()
    kind = type(packet).__name__.lower()
    try:
        getattr(message, kind).CopyFrom(_PACKETS[kind](packet))
    except (ValueError, OverflowError):  # a number that does not fit
        return None
    if extra is not None:
        message.extra.CopyFrom(
            pb.ClientExtra(
                attachments=extra.attachments or (),
                on_behalf_of=extra.obo,
                auth_level=_LEVELS.get(extra.authlevel, pb.NONE),
            )
        )
    return message


def _value(raw: Raw) -> bytes:
    return b"" if bytes(raw) == b"null" else bytes(raw)


def _values(given: Mapping[str, Raw] | None) -> dict[str, bytes]:
    return {key: bytes(raw) for key, raw in (given or {}).items() if _value(raw)}


def _texts(given: Iterable[str | None] | None) -> list[str]:
    return [text for text in given or () if text is not None]


def _hi(packet: Hi) -> pb.ClientHi:
    return pb.ClientHi(
        id=packet.id,
        user_agent=packet.ua,
        ver=packet.ver,
        device_id=packet.dev or "",
        lang=packet.lang or "",
        platform=packet.platf,
        background=packet.bkg,
    )


def _acc(packet: Acc) -> pb.ClientAcc:
    return pb.ClientAcc(
        id=packet.id,
        user_id=packet.user,
        scheme=packet.scheme,
        secret=packet.secret,
        login=packet.login,
        tags=_texts(packet.tags),
        desc=_desc(packet.desc),
        cred=[_cred(each) for each in packet.cred or ()],
        state=packet.status,
        auth_level=_LEVELS.get(packet.authlevel, pb.NONE),
        tmp_scheme=packet.tmpscheme,
        tmp_secret=packet.tmpsecret,
    )


def _login(packet: Login) -> pb.ClientLogin:
    creds = [_cred(each) for each in packet.cred or ()]
    return pb.ClientLogin(id=packet.id, scheme=packet.scheme, secret=packet.secret, cred=creds)


def _cred(cred: Credential) -> pb.ClientCred:
    params = _FREE.decode(cred.params) if bytes(cred.params) else None
    return pb.ClientCred(
        method=cred.meth,
        value=cred.val,
        response=cred.resp,
        params={k: msgspec.json.encode(v) for k, v in params.items() if v is not None}
        if isinstance(params, dict)
        else {},
    )


def _desc(desc: SetDesc | None) -> pb.SetDesc | None:
    if desc is None:
        return None
    access = desc.defacs
    return pb.SetDesc(
        default_acs=None
        if access is None
        else pb.DefaultAcsMode(auth=access.auth, anon=access.anon),
        public=_value(desc.public),
        trusted=_value(desc.trusted),
        private=_value(desc.private),
    )


def _set_query(query: SetQuery | None) -> pb.SetQuery | None:
    if query is None:
        return None
    sub = query.sub
    return pb.SetQuery(
        desc=_desc(query.desc),
        sub=None if sub is None else pb.SetSub(user_id=sub.user, mode=sub.mode),
        tags=_texts(query.tags),
        cred=None if query.cred is None else _cred(query.cred),
        aux=_values(query.aux),
    )


def _get_query(query: GetQuery | None) -> pb.GetQuery | None:
    if query is None:
        return None
    parts = (query.desc, query.sub, query.data)
    desc, sub, data = (None if part is None else _opts(part) for part in parts)
    return pb.GetQuery(what=query.what, desc=desc, sub=sub, data=data)


def _opts(opts: GetOpts) -> pb.GetOpts:
    return pb.GetOpts(
        if_modified_since=opts.ims or 0,
        user=opts.user,
        topic=opts.topic,
        since_id=opts.since,
        before_id=opts.before,
        limit=opts.limit,
        ranges=_ranges(opts.ranges),
    )


def _ranges(ranges: list[SeqRange] | None) -> list[pb.SeqRange]:
    return [pb.SeqRange(low=each.low, hi=each.hi) for each in ranges or ()]


def _sub(packet: Sub) -> pb.ClientSub:
    changes, query = _set_query(packet.set), _get_query(packet.get)
    return pb.ClientSub(id=packet.id, topic=packet.topic, set_query=changes, get_query=query)


def _leave(packet: Leave) -> pb.ClientLeave:
    return pb.ClientLeave(id=packet.id, topic=packet.topic, unsub=packet.unsub)


def _pub(packet: Pub) -> pb.ClientPub:
    return pb.ClientPub(
        id=packet.id,
        topic=packet.topic,
        no_echo=packet.noecho,
        head=_values(packet.head),
        content=_value(packet.content),
    )


def _get(packet: Get) -> pb.ClientGet:
    return pb.ClientGet(id=packet.id, topic=packet.topic, query=_get_query(packet))


def _set(packet: Set) -> pb.ClientSet:
    return pb.ClientSet(id=packet.id, topic=packet.topic, query=_set_query(packet))


def _del(packet: Del) -> pb.ClientDel:
    return pb.ClientDel(
        id=packet.id,
        topic=packet.topic,
        what=_DELETES.get(packet.what, pb.ClientDel.X0),
        del_seq=_ranges(packet.delseq),
        user_id=packet.user,
        cred=None if packet.cred is None else _cred(packet.cred),
        hard=packet.hard,
    )


def _note(packet: Note) -> pb.ClientNote:
    return pb.ClientNote(
        topic=packet.topic,
        what=protobuf.NOTE_CODES[packet.what],
        seq_id=packet.seq,
        unread=packet.unread,
        event=protobuf.EVENT_CODES.get(packet.event, pb.X2),
        payload=_value(packet.payload),
    )


_PACKETS: Final[dict[str, Any]] = {
    "hi": _hi,
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


# --- plug-in to client ----------------------------------------------------------------------


def response(message: pb.ServerMsg, now_ms: int) -> bytes | None:
    """The JSON of what a plug-in says to a client; None: it says nothing. Raises NotJson."""
    kind = message.WhichOneof("Message")
    if kind is None:
        return None
    return codec.encode(ServerMessage(**{kind: _ANSWERS[kind](getattr(message, kind), now_ms)}))


def _raw(sent: bytes) -> Raw | None:
    """Free-form JSON. Raises NotJson."""
    if not sent:
        return None
    try:
        str(sent, "utf-8")
        _FREE.decode(sent)
    except (ValueError, RecursionError):
        raise NotJson(f"free-form bytes are no JSON: {sent[:20]!r}") from None
    return Raw(sent)


def _raws(sent: Mapping[str, bytes]) -> dict[str, Raw]:
    found = {key: _raw(value) for key, value in sent.items()}
    return {key: raw for key, raw in found.items() if raw is not None}


def _stamp(ms: int) -> str:
    """An instant; 0 and below, and what no calendar has: none (DEFECT 14)."""
    return codec.stamp(ms) if 0 < ms <= _LATEST_MS else ""


def _ctrl(sent: pb.ServerCtrl, now_ms: int) -> Ctrl:
    params: dict[str, object] = {**_raws(sent.params)}
    return Ctrl(
        code=sent.code,
        text=sent.text,
        ts=codec.stamp(now_ms),
        id=sent.id,
        topic=sent.topic,
        params=params or None,
    )


def _data(sent: pb.ServerData, now_ms: int) -> Data:
    head = _raws(sent.head)
    return Data(
        topic=sent.topic,
        ts=_stamp(sent.timestamp) or codec.stamp(now_ms),
        seq=sent.seq_id,
        content=_raw(sent.content) or Raw(b"null"),
        sender=sent.from_user_id,
        head=Raw(codec.encode_value(head)) if head else None,
    )


def _seqs(sent: Iterable[pb.SeqRange]) -> list[SeqRange]:
    return [SeqRange(low=each.low, hi=each.hi) for each in sent]


def _pres(sent: pb.ServerPres, _now_ms: int) -> Pres:
    acs = Dacs(want=sent.acs.want, given=sent.acs.given) if sent.HasField("acs") else None
    return Pres(
        topic=sent.topic,
        what=pb.ServerPres.What.Name(sent.what).lower(),
        src=sent.src,
        ua=sent.user_agent,
        seq=sent.seq_id,
        clear=sent.del_id,
        delseq=_seqs(sent.del_seq) or None,
        tgt=sent.target_user_id,
        act=sent.actor_user_id,
        dacs=acs,
    )


def _info(sent: pb.ServerInfo, _now_ms: int) -> Info:
    return Info(
        topic=sent.topic,
        what=protobuf.NOTES.get(sent.what, ""),
        src=sent.src,
        sender=sent.from_user_id,
        seq=sent.seq_id,
        event=protobuf.EVENTS.get(sent.event, ""),
        payload=_raw(sent.payload),
    )


def _meta(sent: pb.ServerMeta, now_ms: int) -> Meta:
    gone = getattr(sent, "del") if sent.HasField("del") else None
    return Meta(
        topic=sent.topic,
        id=sent.id,
        ts=codec.stamp(now_ms),
        desc=_topic_desc(sent.desc) if sent.HasField("desc") else None,
        sub=[sub_row(each) for each in sent.sub] or None,
        deletions=None if gone is None else DelValues(gone.del_id, _seqs(gone.del_seq)),
        tags=list(sent.tags) or None,
        cred=[CredRow(each.method, each.value, each.done) for each in sent.cred] or None,
        aux=_raws(sent.aux) or None,
    )


def _acs(sent: pb.AccessMode) -> Acs:
    """The modes; the effective one is what both name."""
    mode = "".join(letter for letter in sent.want if letter in sent.given)
    return Acs(want=sent.want, given=sent.given, mode=mode)


def _seen(when_ms: int, agent: str) -> Seen | None:
    return Seen(when=_stamp(when_ms), ua=agent) if when_ms > 0 or agent else None


def _topic_desc(sent: pb.TopicDesc) -> Desc:
    access = sent.defacs
    return Desc(
        created=_stamp(sent.created_at),
        updated=_stamp(sent.updated_at),
        touched=_stamp(sent.touched_at),
        state=sent.state,
        online=sent.online,
        chan=sent.is_chan,
        seen=_seen(sent.last_seen_time, sent.last_seen_user_agent),
        defacs=Defacs(access.auth, access.anon) if sent.HasField("defacs") else None,
        acs=_acs(sent.acs) if sent.HasField("acs") else None,
        seq=sent.seq_id,
        read=sent.read_id,
        recv=sent.recv_id,
        clear=sent.del_id,
        public=_raw(sent.public),
        trusted=_raw(sent.trusted),
        private=_raw(sent.private),
    )


def sub_row(sent: pb.TopicSub) -> SubRow:
    """One row of a list. Raises NotJson."""
    return SubRow(
        acs=_acs(sent.acs),
        user=sent.user_id,
        topic=sent.topic,
        updated=_stamp(sent.updated_at),
        deleted=_stamp(sent.deleted_at),
        online=sent.online,
        read=sent.read_id,
        recv=sent.recv_id,
        public=_raw(sent.public),
        trusted=_raw(sent.trusted),
        private=_raw(sent.private),
        touched=_stamp(sent.touched_at),
        seq=sent.seq_id,
        clear=sent.del_id,
        seen=_seen(sent.last_seen_time, sent.last_seen_user_agent),
    )


_ANSWERS: Final[dict[str, Any]] = {
    "ctrl": _ctrl,
    "data": _data,
    "pres": _pres,
    "info": _info,
    "meta": _meta,
}
