"""Plug-ins over gRPC: the service `Plugin` of model.proto, called with a deadline.

Connections are made at the first call and made again by themselves; a plug-in that is down keeps
nothing from starting. Source: specification 06, paragraph 6.
"""

import os
from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

import msgspec

from chinwag.config_hooks import Plugin
from chinwag.core import filters, modes
from chinwag.core.state import Level, TopicState
from chinwag.ports import Frame
from chinwag.ports_hooks import (
    AccountEvent,
    Action,
    Asked,
    Event,
    HookFailed,
    MessageEvent,
    Ruling,
    SearchRuling,
    SubscriptionEvent,
    TopicEvent,
    Verdict,
)
from chinwag.wire import ctrl, protobuf, protobuf_plugins
from chinwag.wire.codec import Malformed
from chinwag.wire.messages import Packet
from chinwag.wire.pbx import model_pb2 as pb

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # it writes to standard error by itself
import grpc
import grpc.aio

_SERVICE: Final = "/pbx.Plugin/"
_OPTIONS: Final = [("grpc.max_reconnect_backoff_ms", 5000), ("grpc.enable_retries", 0)]
_ACTIONS: Final = {
    Action.CREATE: pb.CREATE,
    Action.UPDATE: pb.UPDATE,
    Action.DELETE: pb.DELETE,
}
_LEVELS: Final = {
    Level.NONE: pb.NONE,
    Level.ANON: pb.ANON,
    Level.AUTH: pb.AUTH,
    Level.ROOT: pb.ROOT,
}
A = TypeVar("A")


class GrpcHook:
    """One plug-in."""

    def __init__(self, name: str, settings: Plugin, now_ms: Callable[[], int]) -> None:
        wanted = msgspec.structs.asdict(settings.filters)
        self.name = name
        self.finds: bool = wanted.pop("find")
        code = settings.failure_code
        self.failure = ctrl.custom(code, settings.failure_text) if code else None
        self._target = settings.target
        self._timeout_s = settings.timeout_ms / 1000 or None
        self._filters = {
            method: filters.parse(text) for method, text in wanted.items() if text is not None
        }
        self._now_ms = now_ms
        self._channel: grpc.aio.Channel | None = None
        self._calls: dict[str, Callable[..., Awaitable[Any]]] = {}

    async def open(self) -> None:
        """Know where the plug-in is; nothing is sent yet."""
        self._channel = channel = grpc.aio.insecure_channel(self._target, options=_OPTIONS)
        for method, answer in _METHODS.items():
            self._calls[method] = channel.unary_unary(
                _SERVICE + method,
                request_serializer=lambda message: message.SerializeToString(),
                response_deserializer=answer.FromString,
            )

    async def close(self) -> None:
        """End the connection."""
        if self._channel is not None:
            await self._channel.close()

    async def _call(self, method: str, message: Any, kind: type[A]) -> A:
        try:
            answer = await self._calls[method](message, timeout=self._timeout_s)
        except grpc.aio.AioRpcError as error:
            raise HookFailed(f"{method}: {error.code().name}") from None
        assert isinstance(answer, kind)
        return answer

    # --- asked -----------------------------------------------------------------------------

    def watches(self, packet: Packet) -> bool:
        """Whether packets like this one are put to it."""
        wanted = self._filters.get("fire_hose")
        kind = type(packet).__name__.lower()
        return wanted is not None and wanted.wants_packet(kind, getattr(packet, "topic", ""))

    async def judge(self, asked: Asked) -> Ruling:
        """What is to become of a packet. Raises HookFailed within its time."""
        decoded = asked.decoded
        assert decoded.packet is not None
        message = protobuf_plugins.request(decoded.packet, decoded.envelope.extra)
        if message is None:
            return Ruling(Verdict.CONTINUE)
        answer = await self._call(
            "FireHose", pb.ClientReq(msg=message, sess=_session(asked)), pb.ServerResp
        )
        match answer.status:
            case pb.CONTINUE:
                return Ruling(Verdict.CONTINUE)
            case pb.DROP:
                return Ruling(Verdict.DROP)
            case pb.REPLACE:
                return _replaced(answer.clmsg)
            case _:  # RESPOND, and whatever comes after it
                return self._responded(answer.srvmsg)

    def _responded(self, message: pb.ServerMsg) -> Ruling:
        try:
            body = protobuf_plugins.response(message, self._now_ms())
        except ValueError as error:
            raise HookFailed(f"FireHose: {error}") from None
        return Ruling(Verdict.RESPOND, None if body is None else Frame(body))

    async def find(self, uid: str, query: str) -> SearchRuling:
        """What is to become of a search. Raises HookFailed within its time."""
        asked = pb.SearchQuery(user_id=uid, query=query)
        answer = await self._call("Find", asked, pb.SearchFound)
        match answer.status:
            case pb.CONTINUE:
                return SearchRuling(Verdict.CONTINUE)
            case pb.DROP:
                return SearchRuling(Verdict.DROP)
            case pb.REPLACE:
                return SearchRuling(Verdict.REPLACE, query=answer.query)
        try:
            found = [protobuf_plugins.sub_row(each) for each in answer.result]
        except ValueError as error:
            raise HookFailed(f"Find: {error}") from None
        return SearchRuling(Verdict.RESPOND, found=found)

    # --- told ------------------------------------------------------------------------------

    def wants(self, event: Event) -> bool:
        """Whether it is to be told of events like this one."""
        method, topic = _SUBJECTS[type(event)](event)
        wanted = self._filters.get(method)
        return wanted is not None and wanted.wants_event(event.action.value, topic)

    async def tell(self, event: Event) -> None:
        """Tell it. Raises HookFailed within its time."""
        method, message = _told(event)
        await self._call(method, message, pb.Unused)


_METHODS: Final[dict[str, Any]] = {
    "FireHose": pb.ServerResp,
    "Find": pb.SearchFound,
    "Account": pb.Unused,
    "Topic": pb.Unused,
    "Subscription": pb.Unused,
    "Message": pb.Unused,
}
_SUBJECTS: Final[dict[type[Event], Callable[[Any], tuple[str, str]]]] = {
    AccountEvent: lambda _event: ("account", ""),
    TopicEvent: lambda event: ("topic", event.name),
    SubscriptionEvent: lambda event: ("subscription", event.topic),
    MessageEvent: lambda event: ("message", event.topic),
}


def _replaced(message: pb.ClientMsg) -> Ruling:
    try:
        decoded = protobuf.decode(message.SerializeToString())
    except Malformed:
        return Ruling(Verdict.REPLACE)
    return Ruling(Verdict.REPLACE, decoded=decoded)


def _session(asked: Asked) -> pb.Session:
    return pb.Session(
        session_id=asked.sid,
        user_id=asked.uid,
        auth_level=_LEVELS[asked.level],
        remote_addr=asked.remote_addr,
        user_agent=asked.ua,
        device_id=asked.dev,
        language=asked.lang,
    )


# --- events ---------------------------------------------------------------------------------


def _told(event: Event) -> tuple[str, Any]:
    """The method that tells of `event`, and what is sent."""
    match event:
        case AccountEvent():
            return "Account", _account(event)
        case TopicEvent():
            return "Topic", _topic(event)
        case SubscriptionEvent():
            return "Subscription", _subscription(event)
        case MessageEvent():
            return "Message", _message(event)


def _account(event: AccountEvent) -> pb.AccountEvent:
    user = event.user
    return pb.AccountEvent(
        action=_ACTIONS[event.action],
        user_id=user.uid,
        default_acs=pb.DefaultAcsMode(auth=modes.text(user.auth), anon=modes.text(user.anon)),
        public=user.public or b"",
        tags=user.tags,
    )


def _topic(event: TopicEvent) -> pb.TopicEvent:
    desc = None if event.state is None else _topic_desc(event.state)
    return pb.TopicEvent(action=_ACTIONS[event.action], name=event.name, desc=desc)


def _topic_desc(state: TopicState) -> pb.TopicDesc:
    return pb.TopicDesc(
        created_at=state.created_ms,
        updated_at=state.updated_ms,
        defacs=pb.DefaultAcsMode(auth=modes.text(state.auth), anon=modes.text(state.anon)),
        seq_id=state.seq,
        del_id=state.clear,
        public=state.public or b"",
        trusted=state.trusted or b"",
    )


def _subscription(event: SubscriptionEvent) -> pb.SubscriptionEvent:
    """The user's id goes without its prefix (QUIRK)."""
    member = event.member
    deleted = event.action is Action.DELETE
    want = modes.text(member.want) if event.want_changed and not deleted else ""
    given = modes.text(member.given) if event.given_changed and not deleted else ""
    return pb.SubscriptionEvent(
        action=_ACTIONS[event.action],
        topic=event.topic,
        user_id=member.uid.removeprefix("usr"),
        del_id=member.clear,
        read_id=member.read,
        recv_id=member.recv,
        mode=pb.AccessMode(want=want, given=given),
        private=member.private or b"",
    )


def _message(event: MessageEvent) -> pb.MessageEvent:
    message = event.message
    return pb.MessageEvent(
        action=_ACTIONS[event.action],
        msg=pb.ServerData(
            topic=event.topic,
            from_user_id=message.sender,
            timestamp=message.ts_ms,
            seq_id=message.seq,
            head=protobuf.texts(message.head),
            content=message.content or b"",
        ),
    )
