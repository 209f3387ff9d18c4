"""What becomes of accounts, and what the server promises about it.

Once it has said that somebody is suspended, deleted, or has another password, nobody is connected
as that person who should not be, and no token of before leads back in.
"""

from collections import Counter
from typing import TYPE_CHECKING

from chinwag.core import ids
from chinwag.core.modes import P
from chinwag.core.state import State
from chinwag.engine.session import Session
from sim.asks import Ask, Packet, Person

if TYPE_CHECKING:
    from sim.server import Server
    from sim.world import World

TABLE_MIN = 1000  # news that may wait: with fewer some are dropped, and tables are not complete;
# where the store fails nobody may ever be told of a change, until he comes again


class Office:
    """Knows what was asked for and what was promised."""

    def __init__(self, world: "World") -> None:
        self._world = world
        self.barred: set[str] = set()  # accounts that nobody may be connected as
        self.void: set[str] = set()  # tokens that lead nowhere
        self._given: dict[Session, str] = {}  # tokens
        self._pending: Counter[str] = Counter()  # restorations without an answer
        faults = world.plan.store
        sound = not (faults.refused or faults.unsure or faults.conflict or faults.unread)
        self._told = world.plan.bounds.news >= TABLE_MIN
        self._complete = sound and self._told

    def restores(self, uid: str) -> None:
        """Somebody is about to be restored: no promise holds any more."""
        self.barred.discard(uid)
        self._pending[uid] += 1

    # --- what is said ----------------------------------------------------------------------

    def look(self, session: Session, asks: dict[str, Ask], kind: str, body: Packet) -> str:
        """What is wrong with a frame as far as accounts are concerned; empty: nothing."""
        if session.uid in self.barred and body.get("code") != 205:
            return "something is said to somebody who is out"
        ask = asks.get(body.get("id", ""))
        if ask is None or kind != "ctrl":
            return ""
        if ask.kind == "login" and body["code"] == 200:
            self._given[session] = body["params"]["token"]
            return "a void token was good" if ask.packet["secret"] in self.void else ""
        if ask.kind in ("acc", "del") and ask.packet.get("what", "user") == "user":
            return self._answered(session, ask, body["code"])
        return ""

    def _answered(self, session: Session, ask: Ask, code: int) -> str:
        """The server has done, or not done, something with an account."""
        uid = str(ask.packet.get("user") or self._world.witness.uid(session))
        if ask.packet.get("status") == "ok" and code < 500:
            self._pending[uid] -= 1
        if code != 200 or ask.packet.get("status") == "ok":
            return ""
        own = session.uid == uid
        keeps = [self._given.get(session)] if own and ask.kind == "acc" else []
        self.void.update(t for t in self._tokens(uid) if t not in keeps)
        if self._others(uid, session):
            return f"{uid} is still connected elsewhere"
        if "scheme" not in ask.packet and not self._pending[uid]:
            self.barred.add(uid)
        return ""

    def _others(self, uid: str, session: Session) -> bool:
        return bool(session.sessions.of(uid) - {session})

    def _tokens(self, uid: str) -> set[str]:
        return {d.token for d in self._world.devices if d.account.uid == uid and d.token}

    # --- what is there ---------------------------------------------------------------------

    def inside(self, server: "Server") -> list[str]:
        """What is wrong with who is connected."""
        return [f"{uid} is connected and out" for uid in self.barred if server.sessions.of(uid)]

    def settled(self, server: "Server") -> list[str]:
        """What is wrong when everything has calmed down."""
        found = []
        for person in self._world.people:
            if self._world.ledger.state(person.uid) is not State.OK:
                if server.sessions.of(person.uid):
                    found.append(f"{person.uid} is connected, though not in good standing")
            else:
                found += self._contacts(server, person)
        return found

    def _contacts(self, server: "Server", person: Person) -> list[str]:
        """The table of contacts tells what is true."""
        own = server.hub.topics.get(person.uid)
        if own is None or not own.announced:
            seen = own is not None and any(a.counted for a in own.attached.values())
            return [f"{person.uid} is there, and contacts do not know it"] if seen else []
        found = []
        for name, contact in own.contacts.items():
            if self._told and name[:3] == "usr" and self._ended(name):
                found.append(f"{person.uid} has a deleted contact {name}")
            elif self._judged(person.uid, name) and contact.online != self._is_online(
                server, person.uid, name
            ):
                found.append(f"{person.uid} believes {name} to be online: {contact.online}")
        return found

    def _ended(self, uid: str) -> bool:
        return self._world.ledger.state(uid) is State.DELETED

    def _is_online(self, server: "Server", uid: str, name: str) -> bool:
        """Whether a contact is seen by `uid`: it is there, and not muted."""
        topic = server.hub.topics.get(name)
        if topic is None or not topic.announced:
            return False
        if not name.startswith("usr"):
            return self._hears(name, uid)
        shared = ids.p2p_name(uid, name)
        theirs = self._world.ledger.sub(shared, name)
        return self._hears(shared, uid) and theirs is not None and theirs.deleted_ms is None

    def _judged(self, uid: str, name: str) -> bool:
        """Whether a contact can be judged: not where somebody has muted the own `me`.

        Who has done so tells nobody any more, but still answers those who ask.
        """
        mes = (uid, name) if name.startswith("usr") else (uid,)
        return self._complete and all(self._hears(me, me) for me in mes)

    def _hears(self, topic: str, uid: str) -> bool:
        sub = self._world.ledger.sub(topic, uid)
        return sub is not None and bool(sub.eff & P)
