"""One client of a simulated person: what it says, what it hears, and whether that fits."""

import asyncio
import base64
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any

import msgspec

from chinwag.core import ids
from chinwag.engine.session import Session
from chinwag.testing.network import Link
from sim.asks import Ask, Packet, Person, name_of
from sim.innards import Reader
from sim.witness import WatchedOutbox

if TYPE_CHECKING:
    from sim.world import World

WAITS_S = 5.0  # how long stock clients wait for an answer to {pub}
PATIENCE_S = 8.0  # how long a client waits for an answer to {hi}, {login} and {sub}


@dataclass(slots=True)
class Stay:
    """What was heard of a topic while attached to it."""

    attached: bool = True  # False: only the `get` of the {sub} is answered
    heard: list[Packet] = field(default_factory=list)  # {data} not yet sorted out
    live: int = 0  # newest seq of live {data}
    newest: int = 0  # and of any
    pages: set[int] = field(default_factory=set)


class Device:
    """One client."""

    def __init__(
        self, world: "World", person: Person, name: str, account: Person | None = None
    ) -> None:
        self.world = world
        self.person = person
        self.account = account or person  # who logs in; root may act for `person`
        self.name = name
        self.random: Random = world.plan.random(f"device {name}")
        self.token = ""
        self.link: Link | None = None
        self.session: Session | None = None
        self.asks: dict[str, Ask] = {}
        self.stays: dict[str, Stay] = {}
        self.wanted: list[str] = []  # topics to attach to after a reconnection
        self.unanswered: list[Ask] = []  # messages to send again
        self.unechoed: set[str] = set()  # contents of accepted messages without echo
        self.news: dict[str, int] = {}  # newest message by topic, as heard on `me`
        self.ringing: dict[str, int] = {}  # calls by topic
        self.count = 0
        self.served: dict[str, int] = {}  # number of the newest request done, by topic

    @property
    def online(self) -> bool:
        """Whether the device is connected and logged in."""
        return self.link is not None and self.link.open and bool(self.session and self.session.uid)

    # --- connecting ------------------------------------------------------------------------

    async def connect(self) -> bool:
        """Connect, say {hi}, log in, attach again; False: it did not work."""
        server = self.world.server
        if server is None:
            return False
        outbox = WatchedOutbox(self.world.witness, self.world.plan.bounds.backlog_bytes)
        session = server.life.run(server.accept, outbox)
        if session is None:
            return False
        reader = Reader(session, self.world.plan.bounds, self.world.broken)
        self.link = Link(self.world.net, self, outbox, reader, server.life.run)
        server.links.append(self.link)
        self.session = outbox.session = session
        if self.account is not self.person:
            self.world.witness.acting[session] = self.person.uid
        self.asks, self.stays, self.served = {}, {}, {}
        self.unechoed.clear()
        outbox.asks = self.asks
        self.world.note(self.name, "connects")
        if not (await self._log_in() and await self._attach_again() and self.online):
            return False
        again, self.unanswered = self.unanswered, []
        for ask in {str(ask.packet["content"]): ask for ask in again}.values():
            self._resend(ask)
        return True

    async def _log_in(self) -> bool:
        background = self.random.random() < 0.1
        hello = await self.ask("hi", ver="0.25", ua=f"Sim/{self.name}", bkg=background)
        if hello is None or "ctrl" not in hello or hello["ctrl"]["code"] >= 300:
            return self.close()
        if self.token and self.random.random() < 0.8:
            scheme, secret = "token", self.token
        else:
            plain = f"{self.account.login}:{self.account.secret}".encode()
            scheme, secret = "basic", base64.b64encode(plain).decode()
        login = self.say("login", scheme=scheme, secret=secret)
        if self.random.random() < 0.3:  # some clients do not wait
            for topic in ["me", *self.wanted]:
                self.say("sub", topic=topic)
        answer = None if login is None else await self._answer(login)
        if answer is None or answer["ctrl"]["code"] != 200:
            if answer is not None and answer["ctrl"]["code"] == 401:
                self._secret_refused(scheme)
            return self.close()
        self.token = answer["ctrl"]["params"]["token"]
        return True

    def _secret_refused(self, scheme: str) -> None:
        if scheme == "token":
            self.token = ""
        else:
            self.account.wrong()

    async def _attach_again(self) -> bool:
        for topic in ["me", *self.wanted]:
            if await self.ask("sub", topic=topic) is None:
                return self.close()
        return True

    def close(self) -> bool:
        """Hang up."""
        link, self.link = self.link, None
        if link is not None and link.open:
            link.close()
            self._over()
        return False

    # --- saying ----------------------------------------------------------------------------

    def say(self, kind: str, **packet: Any) -> Ask | None:
        """Say something that is to be answered; does not wait."""
        if self.link is None or not self.link.open:
            return None
        number = self._next()
        return self._say(Ask(str(number), kind, packet, str(packet.get("topic", "")), number))

    def _resend(self, ask: Ask) -> None:
        """Say a message again on another connection; one with a name gets a new id."""
        number = self._next()
        ident = str(number) if name_of(ask.packet) else ask.id
        self._say(Ask(ident, ask.kind, ask.packet, ask.topic, number, again=True))

    def insist(self) -> None:
        """Say a message again on the same connection, as clients do that wait in vain."""
        now_s = self.world.loop.time()
        asks = [ask for ask in self.asks.values() if ask.kind == "pub" and self._doubts(ask, now_s)]
        if asks and self.link is not None and self.link.open:
            ask = self.random.choice(asks)
            ask.copies, ask.again = ask.copies + 1, True
            self._send({ask.kind: {"id": ask.id, **ask.packet}})

    def _doubts(self, ask: Ask, now_s: float) -> bool:
        """Whether a client may say a message again and mean the same one.

        Where the network holds messages back, or the server does not read on, one without a name
        might seem to be said anew.
        """
        plan = self.world.plan
        held = plan.net.stall > 0 or plan.rates.account_times == 1
        if name_of(ask.packet):
            return True
        if ask.answers:
            if held and len(ask.answers) < ask.copies:
                return False
            return ask.answers[-1] >= 500  # accepted ones would be said anew
        return now_s - ask.said_s > WAITS_S and not held

    def _next(self) -> int:
        self.count += 1
        return self.count

    def _say(self, ask: Ask) -> Ask:
        self.asks[ask.id] = ask
        ask.said_s = self.world.loop.time()
        self._send({ask.kind: {"id": ask.id, **ask.packet}})
        return ask

    async def ask(self, kind: str, **packet: Any) -> Packet | None:
        """Say something; the first answer, None: there was none in time."""
        ask = self.say(kind, **packet)
        return None if ask is None else await self._answer(ask)

    async def _answer(self, ask: Ask) -> Packet | None:
        ask.first = self.world.loop.create_future()
        done, _ = await asyncio.wait([ask.first], timeout=PATIENCE_S)
        return ask.first.result() if done else None

    def whisper(self, kind: str, **packet: Any) -> None:
        """Say something that is not answered."""
        if self.link is not None and self.link.open:
            self._send({kind: packet})

    def _send(self, packet: Packet) -> None:
        if self.account is not self.person and not packet.keys() & {"hi", "login"}:
            packet["extra"] = {"obo": self.person.uid}
        text = msgspec.json.encode(packet)
        self.world.note(self.name, text.decode(), ">")
        assert self.link is not None
        self.link.say(text)

    # --- hearing ---------------------------------------------------------------------------

    def heard(self, message: bytes) -> None:
        """Take one message of the server."""
        text = message.decode()
        self.world.note(self.name, text, "<")
        ((kind, body),) = msgspec.json.decode(message).items()
        if kind == "data":
            self._heard_data(body)
        elif kind in ("ctrl", "meta"):
            self._heard_answer(kind, body)
        elif kind == "pres" and body["what"] == "msg":
            self.news[body["src"]] = body["seq"]

    def _heard_data(self, body: Packet) -> None:
        stay = self.stays.get(body["topic"])
        if stay is None:
            self.broken(f"{{data}} of {body['topic']} without being attached")
        else:
            stay.heard.append(body)
            stay.newest = max(stay.newest, body["seq"])
        if (body.get("head") or {}).get("webrtc") == "started":
            self.ringing[body["topic"]] = body["seq"]

    def _heard_answer(self, kind: str, body: Packet) -> None:
        if kind == "ctrl" and not body.get("id"):
            if body["code"] == 205 and body.get("topic"):
                self._leave(body["topic"])
            return
        ask = self.asks.get(body["id"])
        if ask is None:
            self.broken(f"an answer to nothing: {body}")
            return
        code = int(body["code"]) if kind == "ctrl" else 0
        ask.answers.append(code)
        if len(ask.answers) > ask.parts:
            self.broken(f"too many answers to {ask.kind} {ask.packet}: {ask.answers}")
        if kind == "ctrl":
            self._heard_ctrl(ask, body)
        if ask.first is not None and not ask.first.done():
            ask.first.set_result({kind: body})

    def _heard_ctrl(self, ask: Ask, body: Packet) -> None:
        code = body["code"]
        made = ids.is_new(ask.topic)  # each is another topic
        if len(ask.answers) == 1 and code < 300 and ask.topic and not made:
            if ask.number < self.served.get(ask.topic, 0):
                self.broken(f"request {ask.id} was served behind a later one")
            self.served[ask.topic] = ask.number
        if ask.kind == "sub" and len(ask.answers) == 1 and code == 200:
            self._attached(ask, body)
        elif code == 202 and ask.packet.get("noecho") and not ask.again:
            self.unechoed.add(ask.packet["content"])
        elif code == 208:
            self._page(ask, body)
        elif code == 200 and (ask.kind == "leave" or ask.packet.get("what") == "topic"):
            self._leave(ask.topic)

    def _attached(self, ask: Ask, body: Packet) -> None:
        topic = body["topic"]
        acs = (body.get("params") or {}).get("acs")
        asked = ask.packet.get("set", {}).get("sub", {}).get("mode", "J")  # unchanged: without acs
        if topic.startswith("chn"):
            asked += "JR"  # which readers keep, whatever they ask for
        self.stays[topic] = Stay("J" in (asked if acs is None else acs["want"]))
        if topic != "me" and topic not in self.wanted:
            self.wanted.append(topic)
        if ask.topic.startswith(("new", "nch")):
            self.world.places.append(topic)

    def _page(self, ask: Ask, body: Packet) -> None:
        """The {data} before a 208 were a page of history, newest first."""
        asked, count = body["topic"], body["params"]["count"]
        for topic in _names(asked):  # the {data} bear the reader's own
            stay = self.stays.get(topic)
            if stay is not None and count <= len(stay.heard):
                break
        else:
            self.broken(f"{count} messages were promised")
            return
        page = [data["seq"] for data in stay.heard[len(stay.heard) - count :]]
        del stay.heard[len(stay.heard) - count :]
        self._sort_out(topic, stay)
        if page != sorted(set(page), reverse=True):
            self.broken(f"a page out of order: {page}")
        wish = (ask.packet.get("get") or ask.packet).get("data") or {}
        low, high = wish.get("since") or 0, wish.get("before") or 1 << 31
        if not all(low <= seq < high for seq in page) or count > wish.get("limit", 100):
            self.broken(f"a page outside of {wish}: {page}")
        stay.pages.update(page)

    def _sort_out(self, topic: str, stay: Stay) -> None:
        """What is no page is live."""
        for data in stay.heard:
            if data["seq"] <= stay.live:
                self.broken(f"live {{data}} {data['seq']} of {topic} behind {stay.live}")
            if data["content"] in self.unechoed:
                self.broken(f"an echo that was not asked for: {data}")
            stay.live = data["seq"]
        stay.heard.clear()

    def _leave(self, asked: str) -> None:
        for topic in _names(asked):
            stay = self.stays.pop(topic, None)
            if stay is not None:
                self._sort_out(topic, stay)

    def lost(self) -> None:
        """The connection is no more."""
        self.world.note(self.name, "has lost the connection")
        self.link = None
        self._over()

    def _over(self) -> None:
        """What was said and not answered: messages will be sent again."""
        for ask in self.asks.values():
            if ask.kind == "pub" and not ask.answers:
                self.unanswered.append(ask)
            if ask.first is not None and not ask.first.done():
                ask.first.set_result(None)

    # --- checks ----------------------------------------------------------------------------

    def _owed(self) -> list[Ask]:
        """Requests on this connection that lack an answer."""
        return [ask for ask in self.asks.values() if len(ask.answers) < ask.owed]

    @property
    def owed(self) -> int:
        """How many requests on a connection that still stands lack an answer."""
        return len(self._owed()) if self.link is not None and self.link.open else 0

    def check_answers(self) -> None:
        """Every request on a connection that still stands has been answered."""
        if self.link is None or not self.link.open:
            return
        for ask in self._owed():
            self.broken(f"no answer to {ask.kind} {ask.packet}: {ask.answers}")
        for topic, stay in self.stays.items():
            self._sort_out(topic, stay)
        for ident in [i for i, ask in self.asks.items() if ask.answers]:
            del self.asks[ident]

    def broken(self, what: str) -> None:
        """Something is not as it must be."""
        self.world.broken(f"{self.name}: {what}")


def _names(topic: str) -> tuple[str, str]:
    """A topic's name and the other name if it may be a channel, else the same."""
    return topic, {"grp": ids.chn_of, "chn": ids.grp_of}.get(topic[:3], str)(topic)
