"""One client: reads what it says, in order, and hands it on.

A session has no task of its own. Requests about topics go to the topic's actor at once; {hi},
{acc} and {login} are served one at a time, and what follows waits for them.
Source: specification 01, paragraphs 4 to 6.
"""

import logging
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from chinwag.core import handshake, ids, notes
from chinwag.core import scope as scopes
from chinwag.core.errors import Refused
from chinwag.core.handshake import Acting
from chinwag.core.ids import Kind
from chinwag.core.pace import Pace
from chinwag.core.scope import Scope
from chinwag.core.state import Level, TopicState
from chinwag.engine import account, ops
from chinwag.engine.hooks import FailedTo
from chinwag.engine.request import Request, ctrl_frame
from chinwag.engine.services import Services
from chinwag.engine.topic import Job, Lost, Topic
from chinwag.ports import Frame, Frames, Outbox, Peer
from chinwag.ports_hooks import Asked, Verdict
from chinwag.store.db import StoreError
from chinwag.wire import codec, ctrl
from chinwag.wire.codec import Decoded, Malformed
from chinwag.wire.messages import Acc, Del, Extra, Hi, Leave, Login, Note, Packet, Pub, Sub

if TYPE_CHECKING:
    from chinwag.engine.hub import Hub
    from chinwag.engine.sessions import Sessions

log = logging.getLogger(__name__)

WAITING_MAX: Final = 64  # messages behind a {login}; beyond it the client is not read from
REST_MS: Final = 50  # at least, so that a client that rests is not woken for every message
PROMOTION_S: Final = 5.0
_PROBE: Final = b"1"
_PROBE_REPLY: Final = Frame(b"0")


class Session:
    """What the server knows of one client."""

    __slots__ = (
        "_account_pace",
        "_busy",
        "_decode",
        "_held",
        "_pace",
        "_resting",
        "_sid",
        "_waiting",
        "attached",
        "background",
        "closed",
        "country",
        "dev",
        "hub",
        "lang",
        "level",
        "outbox",
        "peer",
        "platf",
        "scope",
        "sessions",
        "token_s",
        "ua",
        "uid",
        "ver",
    )

    def __init__(
        self,
        outbox: Outbox,
        peer: Peer,
        hub: "Hub",
        sessions: "Sessions",
        decode: Callable[[bytes], Decoded] = codec.decode,
    ) -> None:
        self.outbox = outbox
        self.peer = peer
        self.hub = hub
        self.sessions = sessions
        self.uid = ""
        self.level = Level.NONE
        self.scope: Scope | None = None  # of the token of a bot
        self.token_s = 0  # when the token this client was given ends
        self.ver = 0  # packed protocol version; 0: no {hi} yet
        self.ua = ""
        self.platf = ""
        self.dev = ""
        self.lang = ""
        self.country = ""
        self.background = False
        self.closed = False
        self.attached: set[str] = set()
        self._decode = decode
        self._busy = False
        self._sid = ""  # by which plug-ins tell sessions apart
        self._waiting: deque[bytes] | None = None
        self._pace = Pace(sessions.rates)
        self._account_pace: Pace | None = None  # what all sessions of the user share
        self._resting = False  # the client is ahead of its time
        self._held = False

    @property
    def services(self) -> Services:
        """The ports of this server."""
        return self.hub.services

    # --- what comes in ---------------------------------------------------------------------

    def feed(self, message: bytes) -> None:
        """Take one whole message; returns at once."""
        if self.closed:
            return
        if self._busy:
            self._wait(message)
        else:
            self._take(message)

    def _wait(self, message: bytes) -> None:
        if self._waiting is None:
            self._waiting = deque()
        self._waiting.append(message)
        self._hold()

    def _go_on(self) -> None:
        """Take what has waited for an {acc}, {hi} or {login} to be served."""
        self._busy = False
        while self._waiting and not self._busy and not self.closed:
            self._take(self._waiting.popleft())
        if not self._busy:
            self._waiting = None
        self._hold()

    def _hold(self) -> None:
        """Stop reading from a client that is too far ahead, or go on."""
        hold = self._resting or len(self._waiting or ()) >= WAITING_MAX
        if hold != self._held:
            self._held = hold
            self.outbox.hold(hold)

    def _keep_pace(self, size: int, at_ms: int) -> None:
        """Let a client rest that talks too fast; nothing it says is lost."""
        rest_ms = self._pace.charge(size, at_ms)
        if self._account_pace is not None:
            rest_ms = max(rest_ms, self._account_pace.charge(size, at_ms))
        if rest_ms and not self._resting:
            self._resting = True
            Topic.later(max(rest_ms, REST_MS) / 1000, self._rested)
            self._hold()

    def _rested(self) -> None:
        self._resting = False
        self._hold()

    def gone(self) -> None:
        """The connection is lost or closed, or the client was thrown out."""
        if self.closed:
            return
        self.closed = True
        self._waiting = None
        self.sessions.remove(self)
        for name in sorted(self.attached | self.hub.engaged.get(self, set())):
            self.hub.topic(name).post(Lost(self))

    def _take(self, message: bytes) -> None:
        at_ms = self.services.clock.now_ms()
        self._keep_pace(len(message), at_ms)
        if message == _PROBE and self._decode is codec.decode:
            self.send(_PROBE_REPLY)
            return
        try:
            decoded = self._decode(message)
        except Malformed as error:
            self.send(ctrl_frame(ctrl.MALFORMED, at_ms, error.id, error.topic))
            return
        hooks = self.services.hooks
        if hooks and decoded.packet is not None and hooks.watch(decoded.packet):
            self._busy = True
            self.services.tasks.spawn("plug-ins", self._consult(decoded, at_ms))
        else:
            self._proceed(decoded, at_ms)

    async def _consult(self, decoded: Decoded, at_ms: int) -> None:
        """Let plug-ins judge what the client says; what follows waits."""
        counts = None
        try:
            counts = await self._judged(decoded, at_ms)
        finally:  # whatever the plug-in was, what waits goes on
            self._busy = False
            if counts is not None and not self.closed:
                self._proceed(counts, at_ms)
            if not self._busy:
                self._go_on()

    async def _judged(self, decoded: Decoded, at_ms: int) -> Decoded | None:
        """What counts in place of `decoded`; None: it has been dealt with."""
        packet = decoded.packet
        ident, topic = getattr(packet, "id", ""), getattr(packet, "topic", "")
        try:
            ruling = await self.services.hooks.judge(self._asked(decoded))
        except FailedTo as failed:
            self.send(ctrl_frame(failed.reply, at_ms, ident, topic))
            return None
        match ruling.verdict:
            case Verdict.CONTINUE:
                return decoded
            case Verdict.RESPOND if ruling.frame is not None:
                self.send(ruling.frame)
            case Verdict.REPLACE if ruling.decoded is None:
                self.send(ctrl_frame(ctrl.MALFORMED, at_ms, ident, topic))
        return ruling.decoded

    def _asked(self, decoded: Decoded) -> Asked:
        self._sid = self._sid or self.services.entropy.token()
        return Asked(
            decoded,
            sid=self._sid,
            uid=self.uid,
            level=self.level,
            remote_addr=self.peer.remote_addr,
            ua=self.ua,
            dev=self.dev,
            lang=self.lang,
        )

    def _proceed(self, decoded: Decoded, at_ms: int) -> None:
        """Do what the client says."""
        try:
            acting = self._acting(decoded)
        except Refused as refused:
            self._refuse_extra(decoded.packet, refused, at_ms)
            return
        if decoded.packet is None:
            self.send(ctrl_frame(ctrl.MALFORMED, at_ms))
            return
        request = Request(self, decoded.packet, at_ms)
        request.uid, request.level = acting
        request.files = _files(decoded.envelope.extra)
        try:
            self._dispatch(request)
        except Refused as refused:
            self._refuse(request, refused)
        except Exception:  # boundary: a session survives whatever one message does to it
            log.exception("message_failed", extra={"packet": type(decoded.packet).__name__})
            self._refuse(request, Refused(ctrl.INTERNAL))

    def _acting(self, decoded: Decoded) -> Acting:
        return handshake.acting(decoded.envelope.extra, Acting(self.uid, self.level))

    def _refuse_extra(self, packet: Packet | None, refused: Refused, at_ms: int) -> None:
        """Whoever may not act for others learns to which request that is the answer (DEFECT-15).

        Without an id there is nothing to tell, as in the reference.
        """
        ident = getattr(packet, "id", "")
        topic = getattr(packet, "topic", "") if ident else ""
        self.send(ctrl_frame(refused.reply, at_ms, ident, topic))

    @staticmethod
    def _refuse(request: Request, refused: Refused) -> None:
        """Answer, unless it is a note: only who is not attached is told so (QUIRK-23)."""
        note = isinstance(request.packet, Note)
        if request.answered or (note and refused.reply is not ctrl.ATTACH_FIRST):
            return
        without = refused.reply == ctrl.OUT_OF_SEQUENCE or isinstance(
            request.packet, Hi | Acc | Login
        )
        request.reply(refused.reply, refused.params, topic="" if without else None)

    # --- dispatch --------------------------------------------------------------------------

    def _dispatch(self, request: Request) -> None:
        packet = request.packet
        handshake.check(packet, greeted=self.ver != 0, uid=request.uid)
        if self.scope is not None:
            self._check_scope(self.scope, request)
        match packet:
            case Hi():
                self._serve(request, account.hello)
            case Acc():
                self._serve(request, account.acc)
            case Login():
                self._serve(request, account.login)
            case Del() if packet.what == "user":
                self._serve(request, account.delete_user)
            case Note() if not notes.wellformed(packet):
                return
            case Note() if packet.what in notes.TYPING and not self._may_type(request):
                return
            case _:
                self._route(request)

    def _check_scope(self, scope: Scope, request: Request) -> None:
        """Keep a bot within the bounds of its token. Raises Refused."""
        scope.check(request.packet, request.sent, request.uid)
        if scope.rate and scopes.counts(request.packet):
            self.services.guard.check_rate(scope.token, scope.rate, request.at_ms)

    def _may_type(self, request: Request) -> bool:
        return self.services.guard.may_type(request.uid, request.at_ms)

    def _serve(
        self, request: Request, call: Callable[["Session", Request], Awaitable[None]]
    ) -> None:
        """Serve a request about the account; what follows waits."""
        request.sent = ""
        self._busy = True
        self.services.tasks.spawn("account", self._guard(request, call))

    async def _guard(
        self, request: Request, call: Callable[["Session", Request], Awaitable[None]]
    ) -> None:
        try:
            await call(self, request)
        except Refused as refused:
            self._refuse(request, refused)
        except StoreError:
            self._refuse(request, Refused(ctrl.UNAVAILABLE))
        except Exception:  # boundary: a session survives whatever one request does to it
            log.exception("account_failed", extra={"packet": type(request.packet).__name__})
            self._refuse(request, Refused(ctrl.INTERNAL))
        finally:
            self._go_on()

    def _route(self, request: Request) -> None:
        """Hand a request about a topic to the topic's actor."""
        packet = request.packet
        if isinstance(packet, Sub) and ids.is_new(request.sent):
            request.name = ids.grp_name(self.services.entropy.number())
        else:
            request.name = _routed(request)
        if isinstance(packet, Note) and packet.what == "call" and not ids.is_p2p(request.name):
            return
        if request.name not in self.hub.topics and _needs_attachment(packet, request.name):
            raise Refused(_not_attached(packet))
        self.hub.post(request)

    # --- what goes out ---------------------------------------------------------------------

    def send(self, frame: Frame) -> bool:
        """Queue `frame` for the client; False: it is gone or being closed."""
        return not self.closed and self.outbox.put(frame)

    def send_all(self, frames: Frames) -> bool:
        """Queue `frames` in their order, likewise."""
        return not self.closed and self.outbox.put_all(frames)

    def authenticated(self, uid: str, level: Level, scope: Scope | None = None) -> None:
        """The client has proven to be `uid`, and may do what `scope` lets pass."""
        self.uid = uid
        self.level = level
        self.scope = scope
        self._account_pace = self.sessions.add(self)

    def stay_in_background(self) -> None:
        """The client comes to fetch something: it counts once it has stayed for a while (D15)."""
        self.background = True
        Topic.later(PROMOTION_S, self._promote)

    def _promote(self) -> None:
        self.background = False
        for name in sorted(self.attached):
            self.hub.topic(name).post(Job("promote", self._promoted))

    async def _promoted(self, topic: Topic, state: TopicState | None) -> None:
        if state is not None:
            await ops.promote(topic, self)

    def evict(self) -> None:
        """Throw the client out at once: the account is no more, or may not be used."""
        self._end(ctrl.EVICTED)
        self.token_s = 0  # no change of the password spares it
        self.gone()

    def dismiss(self) -> None:
        """Close the connection of somebody who is not known; the client may come back."""
        if not self.closed:
            self.outbox.close()

    def shutdown(self) -> None:
        """Tell the client that the server goes down, and close."""
        self._end(ctrl.SHUTDOWN)

    def _end(self, why: ctrl.Reply) -> None:
        self.send(ctrl_frame(why, self.services.clock.now_ms()))
        self.outbox.close()


def _files(extra: Extra | None) -> tuple[str, ...]:
    """The ids of the uploaded files that come along."""
    urls = extra.attachments if extra is not None else None
    return tuple(ids.file_id(url) or "" for url in urls or ())


def _routed(request: Request) -> str:
    """The routing name of the topic a request is about. Raises Refused.

    Source: specification 02, paragraph 1.4 and T-S26.
    """
    name = ids.route(request.sent, request.uid)
    if name == ids.NOWHERE and isinstance(request.packet, Sub) and ids.p2p_pair(request.sent):
        raise Refused(ctrl.PERMISSION_DENIED)  # other people's conversation
    return name


def _needs_attachment(packet: Packet, name: str) -> bool:
    """Whether only an attached session may say `packet`: no need to wake the topic up."""
    match packet:
        case Leave():
            return True
        case Pub():
            return ids.kind_of(name) is not Kind.SYS
        case Del():
            return packet.what in ("", "msg", "sub", "cred")
        case Note():
            return not notes.from_outside(packet)
        case _:
            return False


def _not_attached(packet: Packet) -> ctrl.Reply:
    if isinstance(packet, Leave) and not packet.unsub:
        return ctrl.NOT_JOINED
    return ctrl.ATTACH_FIRST
