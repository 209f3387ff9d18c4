"""One topic of the store beside a model of dicts and sets. Source: specification 04, 2.5."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chinwag.core import ids, modes
from chinwag.core import ranges as rng
from chinwag.core.ranges import Range
from chinwag.core.state import Deletion, Draft, Member, TopicState, User
from chinwag.store import messages, migrate, schema, subs, topics, unread, users
from chinwag.store.db import Conflict
from chinwag.store.sqlite import make_engine
from stage import ALICE, BOB, CAROL

PEOPLE = [ALICE, BOB, CAROL]
WHO = st.sampled_from(PEOPLE)
SEQ = st.integers(0, 12)
RANGES = st.sets(SEQ, min_size=1, max_size=6).map(rng.of_numbers)
LIMIT = st.sampled_from([0, 1, 2, 200])
START_MS = 1_795_000_000_000
NUMBERS = count(1)


@dataclass
class Person:
    """What the model knows of a member."""

    live: bool = True
    read: int = 0
    recv: int = 0
    clear: int = 0
    hidden: set[int] = field(default_factory=set)


@dataclass
class Log:
    """One deletion: of whom, None for everybody."""

    id: int
    uid: str | None
    ranges: list[Range]


class Topic(RuleBasedStateMachine):
    """A group of three who post, read, delete, leave and come back."""

    engine: sa.Engine

    def __init__(self) -> None:
        super().__init__()
        self.name = ids.grp_name(next(NUMBERS))  # all of them share one database
        self.now_ms = START_MS
        self.sent: dict[int, Draft] = {}
        self.erased: set[int] = set()
        self.people = {uid: Person() for uid in PEOPLE}
        self.log: list[Log] = []
        self.clear = self.clear_hard = 0
        state = TopicState(self.name, self.now_ms, self.now_ms, self.now_ms, owner=ALICE)
        state.members = {uid: Member(uid, modes.FULL, modes.FULL) for uid in PEOPLE}
        with self.engine.begin() as tx:
            tx.execute(sa.delete(schema.subs))  # what other runs have left would be unread
            topics.create(tx, state)

    def tick(self) -> int:
        """A later millisecond."""
        self.now_ms += 1
        return self.now_ms

    def live(self) -> list[str]:
        """Who is subscribed."""
        return [uid for uid, person in self.people.items() if person.live]

    # --- what happens ----------------------------------------------------------------------

    @initialize(senders=st.lists(st.tuples(WHO, st.booleans()), min_size=6, max_size=9))
    def begin(self, senders: list[tuple[str, bool]]) -> None:
        """There is something to read."""
        self.post(senders)

    @rule(senders=st.lists(st.tuples(WHO, st.booleans()), min_size=1, max_size=3))
    def post(self, senders: list[tuple[str, bool]]) -> None:
        """Several people post in one transaction; those with R have read what they wrote."""
        drafts = [
            Draft(self.name, len(self.sent) + 1 + n, uid, self.tick(), None, b"%d" % n, marks)
            for n, (uid, marks) in enumerate(senders)
        ]
        with self.engine.begin() as tx:
            messages.append(tx, drafts)
        for draft in drafts:
            self.sent[draft.seq] = draft
            person = self.people[draft.sender]
            if draft.marks and person.live:
                person.read = max(person.read, draft.seq)
                person.recv = max(person.recv, draft.seq)

    @rule(gap=st.sampled_from([-1, 0, 2, 7]))
    def post_out_of_turn(self, gap: int) -> None:
        """A number that is not the next stores nothing."""
        draft = Draft(self.name, len(self.sent) + gap, ALICE, self.tick(), None, b"x", marks=True)
        with pytest.raises(Conflict), self.engine.begin() as tx:
            messages.append(tx, [draft])

    @precondition(lambda self: self.live())
    @rule(data=st.data(), read=SEQ, recv=SEQ)
    def mark(self, data: st.DataObject, read: int, recv: int) -> None:
        """Numbers of what was read and received never go back; nobody has read what is to come."""
        uid = data.draw(st.sampled_from(self.live()))
        read, recv = min(read, len(self.sent)), min(recv, len(self.sent))
        with self.engine.begin() as tx:
            subs.mark(tx, self.name, uid, read, recv)
        person = self.people[uid]
        person.read, person.recv = max(person.read, read), max(person.recv, recv)

    @rule(asked=RANGES, age_ms=st.integers(0, 9) | st.none())
    def erase(self, asked: list[Range], age_ms: int | None) -> None:
        """For everybody: just what exists and is young enough goes (D-05)."""
        since_ms = None if age_ms is None else self.now_ms - age_ms
        gone = {
            seq
            for seq in self.sent.keys() - self.erased
            if rng.contains(asked, seq) and (since_ms is None or self.sent[seq].ts_ms > since_ms)
        }
        with self.engine.begin() as tx:
            found = messages.erase(
                tx, self.name, rng.merge(asked), del_id=self.clear + 1, younger_than_ms=since_ms
            )
        assert found == rng.of_numbers(gone)
        if gone:
            self.erased |= gone
            self.clear = self.clear_hard = self.clear + 1
            self.log.append(Log(self.clear, None, found))
            for person in self.people.values():
                person.clear = self.clear

    @precondition(lambda self: self.live())
    @rule(data=st.data(), asked=RANGES)
    def hide(self, data: st.DataObject, asked: list[Range]) -> None:
        """For oneself."""
        uid = data.draw(st.sampled_from(self.live()))
        clipped = rng.clip(asked, len(self.sent))
        if not clipped:
            return
        self.clear += 1
        with self.engine.begin() as tx:
            messages.hide(tx, self.name, uid, clipped, del_id=self.clear)
        person = self.people[uid]
        person.clear = self.clear
        person.hidden |= {n for low, high in clipped for n in range(low, high)}
        self.log.append(Log(self.clear, uid, clipped))

    @rule(uid=WHO)
    def leave(self, uid: str) -> None:
        """What was hidden is seen again after a return (specification 02, paragraph 6)."""
        with self.engine.begin() as tx:
            assert subs.remove(tx, self.name, uid, self.tick()) == self.people[uid].live
        if self.people[uid].live:
            self.people[uid] = Person(live=False)
            self.log = [entry for entry in self.log if entry.uid != uid]

    @precondition(lambda self: len(self.live()) < len(PEOPLE))
    @rule(data=st.data())
    def come_back(self, data: st.DataObject) -> None:
        """All numbers begin again."""
        uid = data.draw(st.sampled_from([u for u in PEOPLE if not self.people[u].live]))
        with self.engine.begin() as tx:
            subs.put(tx, self.name, Member(uid, modes.FULL, modes.FULL), self.tick())
        self.people[uid] = Person()

    # --- what can be seen ------------------------------------------------------------------

    def visible(self, uid: str) -> list[int]:
        """What `uid` may see, newest first."""
        return sorted(self.sent.keys() - self.erased - self.people[uid].hidden, reverse=True)

    @rule(uid=WHO, since=SEQ, before=SEQ, limit=LIMIT)
    def look(self, uid: str, since: int, before: int, limit: int) -> None:
        """`since` inclusive, `before` exclusive, 0 for no bound."""
        with self.engine.begin() as tx:
            found = messages.page(tx, self.name, uid, since=since, before=before, limit=limit)
        seqs = [n for n in self.visible(uid) if n >= since and (not before or n < before)]
        assert [m.seq for m in found] == seqs[: limit or None]
        assert all((m.sender, m.content) == self.said(m.seq) for m in found)

    def said(self, seq: int) -> tuple[str, bytes | None]:
        """Who said what."""
        return self.sent[seq].sender, self.sent[seq].content

    @rule(uid=WHO, asked=RANGES, limit=LIMIT)
    def look_at(self, uid: str, asked: list[Range], limit: int) -> None:
        """Ranges take the place of bounds."""
        with self.engine.begin() as tx:
            found = messages.page(tx, self.name, uid, limit=limit, ranges=rng.merge(asked))
        seqs = [n for n in self.visible(uid) if rng.contains(asked, n)]
        assert [m.seq for m in found] == seqs[: limit or None]

    @rule(uid=WHO, since=SEQ, before=SEQ, limit=LIMIT)
    def what_was_deleted(self, uid: str, since: int, before: int, limit: int) -> None:
        """Of everybody or of oneself, from `since` to before `before`."""
        with self.engine.begin() as tx:
            found = messages.deletions(tx, self.name, uid, since=since, before=before, limit=limit)
        mine = [e for e in self.log if e.uid in (None, uid) and e.id >= since]
        mine = [entry for entry in mine if not before or entry.id < before]
        told: list[Range] = []
        for number, entry in enumerate(mine, 1):
            told += entry.ranges
            if limit and len(told) >= limit:
                mine = mine[:number]
                break
        assert found == Deletion(rng.merge(told), mine[-1].id if mine else 0)

    @invariant()
    def bob_sees_what_he_may(self) -> None:
        """Neither what is erased nor what he has hidden since he came."""
        with self.engine.begin() as tx:
            found = messages.page(tx, self.name, BOB)
        assert [m.seq for m in found] == self.visible(BOB)

    @invariant()
    def what_is_unread_is_what_is_left_to_see(self) -> None:
        """D12: a total is always what counting again finds."""
        with self.engine.begin() as tx:
            found = unread.totals(tx, PEOPLE)
        assert found == {
            uid: sum(n > p.read for n in self.visible(uid)) if p.live else 0
            for uid, p in self.people.items()
        }

    @precondition(lambda self: self.log)
    @invariant()
    def nobody_misses_a_deletion(self) -> None:
        """Whoever asks on behind the newest deletion of an answer gets them all (D-24)."""
        told: list[Range] = []
        since = 1
        with self.engine.begin() as tx:
            while (found := messages.deletions(tx, self.name, BOB, since=since, limit=1)).clear:
                told += found.ranges
                since = found.clear + 1
        mine = [r for entry in self.log if entry.uid in (None, BOB) for r in entry.ranges]
        assert rng.merge(told) == rng.merge(mine)

    @invariant()
    def a_fresh_load_agrees(self) -> None:
        """The topic and its members are what the model says."""
        with self.engine.begin() as tx:
            state = topics.load(tx, self.name)
        assert state is not None
        known = (state.seq, state.clear, state.clear_hard)
        assert known == (len(self.sent), self.clear, self.clear_hard)
        assert {m.uid: (m.read, m.recv, m.clear) for m in state.members.values()} == {
            uid: (p.read, p.recv, p.clear) for uid, p in self.people.items() if p.live
        }

    @invariant()
    def what_is_erased_is_gone(self) -> None:
        """Nothing of its content stays in the table."""
        query = sa.text("SELECT count(*) FROM messages WHERE erased > 0 AND content IS NOT NULL")
        with self.engine.begin() as tx:
            assert tx.execute(query).scalar() == 0


@pytest.fixture(autouse=True, scope="module")
def _database() -> Iterator[None]:
    """A real SQLite in memory with three people."""
    Topic.engine = make_engine(None)
    with Topic.engine.begin() as tx:
        migrate.upgrade(tx, migrate.STEPS)
        for uid in PEOPLE:
            user = User(uid, START_MS, START_MS)
            users.create(tx, user, private=None, auth=None, now_ms=START_MS)
    yield
    Topic.engine.dispose()


TestTopic = Topic.TestCase
TestTopic.settings = settings(max_examples=settings().max_examples // 2, stateful_step_count=20)
