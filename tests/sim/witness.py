"""Looks at every frame at the moment in which the server says it, and at what is stored then.

A reply promises something: it must be true in the tables before the frame goes out. Deliveries
must fit the recipient's rights as they are stored, and the name and view must be the recipient's.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from chinwag.core import ids, modes
from chinwag.core.modes import P, R, W
from chinwag.core.state import State
from chinwag.engine.session import Session
from chinwag.engine.topic import Attachment, Topic
from chinwag.ports import Frame
from chinwag.testing.outbox import MemoryOutbox
from sim.asks import Ask, Packet
from sim.ledger import Sub

if TYPE_CHECKING:
    from sim.world import World

SETTLED_MS = 15_000  # news about a topic may be that old when they reach somebody's `me`
_decode = msgspec.json.Decoder().decode


class WatchedOutbox(MemoryOutbox):
    """An outbox with a witness."""

    def __init__(self, witness: "Witness", limit_bytes: int) -> None:
        super().__init__(limit_bytes)
        self._witness = witness
        self.session: Session | None = None
        self.asks: dict[str, Ask] = {}

    def put(self, frame: Frame) -> bool:
        """Queue `frame` if it is as it must be."""
        if not self.closing and not self.gone and self.session is not None:
            self._witness.look(self.session, self.asks, frame.body)
        return super().put(frame)


class Witness:
    """Knows what must be true when something is said."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.ledger = world.ledger
        self._told: dict[tuple[Session, str], int] = {}  # newest message that a session knows of
        self._looked: dict[tuple[Session, str], tuple[Attachment, int, int]] = {}
        self.acting: dict[Session, str] = {}  # sessions of root, and for whom they act

    def uid(self, session: Session) -> str:
        """For whom a session speaks."""
        return self.acting.get(session, session.uid)

    def look(self, session: Session, asks: dict[str, Ask], text: bytes) -> None:
        """Report what is wrong with a frame."""
        ((kind, body),) = _decode(text).items()
        problem = self._world.office.look(session, asks, kind, body)
        if problem:
            self._world.broken(f"{problem}: to {session.uid} {text.decode()}")
        self._note(session, asks, kind, body)
        if self._ends(session, asks, body):
            return  # the account ends while others still serve it
        match kind:
            case "data":
                problem = self._data(session, asks, body)
            case "pres":
                problem = self._pres(session, body)
            case "info":
                problem = self._info(session, body)
            case _:
                problem = self._answer(session, asks, kind, body)
        if problem:
            self._world.broken(f"{problem}: to {self.uid(session)} {text.decode()}")

    def _ends(self, session: Session, asks: dict[str, Ask], body: Packet) -> bool:
        """Whether a frame concerns an account that ends, or may just have ended."""
        ended, ask = self._world.ended, asks.get(body.get("id", ""))
        views = [body.get("topic"), body.get("src"), ask.topic if ask is not None else ""]
        return self.uid(session) in ended or not ended.isdisjoint(views)

    def _note(self, session: Session, asks: dict[str, Ask], kind: str, body: Packet) -> None:
        """Remember what a session knows from now on, and whether it was attached."""
        ask = asks.get(body.get("id", ""))
        if kind == "data":
            self._knows(session, body["topic"], body["seq"])
        elif ask is not None and ask.topic and kind in ("ctrl", "meta"):
            ask.attached = ask.attached and self._is_attached(session, ask)
            if body.get("code") == 202:
                self._knows(session, ask.topic, body["params"]["seq"])

    def _knows(self, session: Session, view: str, seq: int) -> None:
        key = session, ids.route(view, self.uid(session))
        self._told[key] = max(self._told.get(key, 0), seq)

    def ends(self, uids: Iterable[str]) -> bool:
        """Whether one of these accounts ends just now, and not everybody knows it yet."""
        return not self._world.calm and not self._world.ended.isdisjoint(uids)

    # --- deliveries ------------------------------------------------------------------------

    def _attachment(self, session: Session, view: str) -> Attachment | None:
        topic = session.hub.topics.get(ids.route(view, self.uid(session)))
        return None if topic is None else topic.attached.get(session)

    def _sub(self, view: str, uid: str) -> Sub | None:
        """The stored subscription that `uid` has under the name `view`."""
        name = view if view.startswith("chn") else ids.route(view, uid)
        return self.ledger.sub(name, uid)

    def _exists(self, view: str, session: Session) -> bool:
        """Whether a topic is still there: it may have ended with its owner just now."""
        return view == "me" or self.ledger.exists(ids.route(view, self.uid(session)))

    def _over(self, name: str) -> bool:
        """Whether a topic has ended with its owner's account: what was so before may still be said.

        The server does the one and says the other later; the store alone knows in what order.
        """
        return self._world.deleted != "" and self.ledger.ended_with(name) == self._world.deleted

    def _gone(self, uid: str) -> bool:
        """Whether an account has ended: that somebody was invited before may still be said."""
        return uid == self._world.deleted and self.ledger.state(uid) is State.DELETED

    def _lacks(self, view: str, uid: str, need: int) -> bool:
        sub = self._sub(view, uid)
        return sub is None or sub.eff & need != need

    def _data(self, session: Session, asks: dict[str, Ask], body: Packet) -> str:
        view, name = body["topic"], ids.route(body["topic"], self.uid(session))
        reader = view.startswith("chn")
        attachment = self._attachment(session, view)
        asked = any(ask.kind == "sub" and ask.topic == view for ask in asks.values())
        if attachment is None and not asked:
            return "{data} to a session that is not attached"
        if reader == ("from" in body) or (attachment is not None and attachment.reader != reader):
            return "the wrong view"
        if not self.ledger.exists(name):
            return ""
        if self._lacks(view, self.uid(session), R):
            return "{data} without R"
        return self._unlike(name, body)

    def untold(self, session: Session, topic: Topic, sub: Sub, seq: int) -> bool:
        """Whether a session that reads `topic` has missed its newest message, `seq`.

        Whoever came, or whose rights changed, since the last look cannot be blamed; nor who has not
        read what was sent, and is told nothing more.
        """
        assert isinstance(session.outbox, MemoryOutbox)
        if session.outbox.gone:
            return False
        key = (session, topic.name)
        attachment = topic.attached[session]
        before = self._looked.get(key)
        self._looked[key] = (attachment, sub.updated_ms, seq)
        if before is None or before[0] is not attachment or before[1] != sub.updated_ms:
            return False
        return before[2] < seq and self._told.get(key, 0) < seq

    def _unlike(self, name: str, body: Packet) -> str:
        row = self.ledger.message(name, body["seq"])
        if row is None or row.erased:
            return "{data} that is not stored"
        if _value(row.content) != body["content"] or body.get("from", row.sender) != row.sender:
            return "{data} that differs from what is stored"
        return ""

    def _pres(self, session: Session, body: Packet) -> str:
        view, what = body["topic"], body["what"]
        attachment = self._attachment(session, view)
        if attachment is None:
            return "{pres} to a session that is not attached"
        if view.startswith("p2p") or body.get("src", "").startswith("p2p"):
            return "{pres} with an internal name"
        if attachment.reader and ("act" in body or "tgt" in body or "src" in body):
            return "{pres} that tells a reader who it was"
        if what in ("acs", "gone"):
            return ""
        if self._lacks(view, self.uid(session), P):
            return "{pres} without P" if self._exists(view, session) else ""
        return self._about(session, body, P | R if what in ("msg", "read", "recv") else 0)

    def _info(self, session: Session, body: Packet) -> str:
        if body["what"] == "call":  # parties of a call are told, attached or not
            return ""
        attachment = self._attachment(session, body["topic"])
        if attachment is None or attachment.reader:
            return "{info} to a session that is not attached"
        if body["topic"] != "me":
            lacks = self._lacks(body["topic"], self.uid(session), R)
            lacks = lacks and self._exists(body["topic"], session)
            return "{info} without R" if lacks else ""
        return self._about(session, body, P | R)

    def _about(self, session: Session, body: Packet, need: int) -> str:
        """News on `me` take a while: only rights that did not change lately can be judged."""
        if body["topic"] != "me" or not need:
            return ""
        sub = self._sub(body["src"], self.uid(session))
        if sub is None:  # erased while the news were under way, or never there
            erased = not self.ledger.exists(ids.route(body["src"], self.uid(session)))
            return "" if erased else "news of a topic that the recipient never had"
        settled = sub.updated_ms < self._world.now_ms() - SETTLED_MS
        return "news that are not allowed" if settled and sub.eff & need != need else ""

    # --- answers ---------------------------------------------------------------------------

    def _answer(self, session: Session, asks: dict[str, Ask], kind: str, body: Packet) -> str:
        ask = asks.get(body.get("id", ""))
        if ask is None or not ask.topic:
            return ""
        if kind == "meta":
            return self._meta(session, ask, body)
        code = body["code"]
        if code == 202:
            return self._accepted(session, ask, body)
        if code != 200:
            return ""
        params = body.get("params") or {}
        if "acs" in params:
            return self._acs(session, body["topic"], params)
        return self._done(session, ask, params)

    def _is_attached(self, session: Session, ask: Ask) -> bool:
        if ids.is_new(ask.topic):
            return True
        return self._attachment(session, ask.topic) is not None

    def _accepted(self, session: Session, ask: Ask, body: Packet) -> str:
        name, seq = ids.route(ask.topic, self.uid(session)), body["params"]["seq"]
        row, stored = self.ledger.message(name, seq), self.ledger.said(name, seq)
        if not stored or stored[-1].sender != self.uid(session):
            return "202 for what is not stored"
        if row is None and not self._over(name):
            return "202 for what is stored no more"
        said = stored[-1]
        if not said.alive or (name != "sys" and not said.mode & W):
            return "202 without W, or behind the end of the topic"
        if _value(said.content) != ask.packet["content"]:
            return "202 for something else"
        if said.signed != (session.uid if session in self.acting else ""):
            return f"202 for a message that is signed by {said.signed!r}"
        if row is not None:
            self._world.accepted[ask.packet["content"]] = (name, self.ledger.born(name), seq)
        return ""

    def _acs(self, session: Session, view: str, params: dict[str, Any]) -> str:
        uid = params.get("user", self.uid(session))
        sub = self._own(session, view, uid)
        acs = params["acs"]
        want, given = modes.parse(acs["want"]), modes.parse(acs["given"])
        if sub is None or sub.deleted_ms is not None:
            name = ids.route(view, self.uid(session))
            over = self._over(name) or self._gone(uid)
            was = self.ledger.last_modes(name, uid) if over else None
            return "" if was == (want, given) else "modes of no subscription"
        if view == "slf":  # the grant is stored in full but counts as JRWDO
            given = sub.given
        return "" if (want, given) == (sub.want, sub.given) else "modes that are not stored"

    def _own(self, session: Session, view: str, uid: str) -> Sub | None:
        """The live full subscription of `uid`, else the reader's."""
        name = ids.route(view, self.uid(session))
        full = self.ledger.sub(name, uid)
        if name.startswith("grp") and (full is None or full.deleted_ms is not None):
            return self.ledger.sub(ids.chn_of(name), uid)
        return full

    def _done(self, session: Session, ask: Ask, params: dict[str, Any]) -> str:
        """What a plain 200 promises."""
        name, uid = ids.route(ask.topic, self.uid(session)), self.uid(session)
        what = str(ask.packet.get("what", ""))
        if ask.kind == "del" and what in ("", "msg"):
            done = params.get("del", 0)
            right = done == self.ledger.numbers(name)[1]
            right = right or (self._over(name) and self.ledger.struck(name, done))
            return "" if right else "a deletion that is not stored"
        if ask.kind == "del" and what == "sub":
            return "somebody is still there" if self._live(name, ask.packet["user"]) else ""
        if (ask.kind, what) == ("del", "topic") or ask.packet.get("unsub"):
            views = (name,) if ask.kind == "leave" else (name, ids.chn_of(name))
            views = (ids.chn_of(name),) if ask.topic.startswith("chn") else views
            live = self.ledger.exists(name) and any(self._live(v, uid) for v in views)
            return "a subscription that is still there" if live else ""
        return ""

    def _live(self, name: str, uid: str) -> bool:
        sub = self.ledger.sub(name, uid)
        return sub is not None and sub.deleted_ms is None

    def _meta(self, session: Session, ask: Ask, body: Packet) -> str:
        desc = body.get("desc")
        if desc is None or not ask.attached or not ask.topic.startswith(("usr", "grp", "chn")):
            return ""
        name = ids.route(ask.topic, self.uid(session))
        sub = self._own(session, ask.topic, self.uid(session))
        if sub is None or not sub.eff & R:
            return "numbers without R" if "seq" in desc and not self._read(session, name) else ""
        seq = self.ledger.numbers(name)[0]
        late = session.hub.marks.of_topic(name).get(self.uid(session))
        past = late is None or late.at_ms < sub.created_ms  # of a subscription before this one
        read, recv = (0, 0) if late is None or past else (late.read, late.recv)
        stored = (seq, max(sub.read, read), max(sub.read, sub.recv, read, recv))
        told = tuple(desc.get(key, 0) for key in ("seq", "read", "recv"))
        topic = session.hub.topics.get(name)
        if topic is not None and not topic.loaded:  # the store is silent: what was known before
            early = any(now > then for now, then in zip(told, stored, strict=True))
            return f"numbers that are not stored yet, {stored}" if early else ""
        return "" if told == stored else f"numbers that are not stored, {stored}"

    def _read(self, session: Session, name: str) -> bool:
        """Whether somebody could read a group when it ended."""
        modes_then = self.ledger.last_modes(name, self.uid(session)) if self._over(name) else None
        return modes_then is not None and bool(modes_then[0] & modes_then[1] & R)


def _value(content: bytes | None) -> Any:
    return None if content is None else _decode(content)
