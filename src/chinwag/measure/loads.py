"""What can be put on a server, and what is measured meanwhile."""

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from chinwag.measure.client import Client, Ctrl
from chinwag.measure.people import People, attach_all, new_group

ACCOUNTS: Final = 7  # that share the sessions of a group
LATE_S: Final = 15.0  # for what is still under way in the end
TEXT: Final = "The quick brown fox jumps over the lazy dog, and then writes home about it. "
_ACCEPTED: Final = 300
_now = time.perf_counter


@dataclass(frozen=True, slots=True)
class Size:
    """How large a load is."""

    sessions: int = 100
    seconds: float = 5.0
    rate: float = 20.0  # messages a second, of fanout
    window: int = 4  # messages of one client that are not answered yet, of hot
    characters: int = 150  # of a message

    @property
    def text(self) -> str:
        """What every message says."""
        return (TEXT * (self.characters // len(TEXT) + 1))[: self.characters]


@dataclass(slots=True)
class Outcome:
    """How the server bore it."""

    what: str  # was counted
    seconds: float = 0.0
    times_s: list[float] = field(default_factory=list)  # one for each that arrived
    failed: dict[str, int] = field(default_factory=dict)  # how many, by what became of them

    def fail(self, how: str, count: int = 1) -> None:
        """Something did not arrive."""
        if count:
            self.failed[how] = self.failed.get(how, 0) + count


Load = Callable[[People, Size], Awaitable[Outcome]]


async def fanout(people: People, size: Size) -> Outcome:
    """One writes to a group at a steady rate, all sessions read."""
    owner = await people.connect(await people.register())
    topic = await new_group(owner)
    readers = await _readers(people, topic, size.sessions)
    outcome = Outcome("deliveries")
    sent: list[float] = []
    wanted = int(size.rate * size.seconds)
    all_there = asyncio.Event()

    def hears(client: Client) -> None:
        place = -1

        def one() -> None:
            nonlocal place
            place += 1
            outcome.times_s.append(_now() - sent[place])
            if len(outcome.times_s) == wanted * len(readers):
                all_there.set()

        client.on_data = one

    for reader in readers:
        hears(reader)
    owner.on_ctrl = _refusals(outcome)
    begun = _now()
    for number in range(wanted):
        await asyncio.sleep(begun + number / size.rate - _now())
        sent.append(_now())
        await owner.say(_pub(topic, size.text, f"p{number}"))
    await _at_most(LATE_S, all_there)
    outcome.seconds = _now() - begun
    outcome.fail("missing", wanted * len(readers) - len(outcome.times_s))
    return outcome


async def hot(people: People, size: Size) -> Outcome:
    """All sessions write to one group, each as fast as it is answered."""
    person = await people.register()
    clients = await people.many(size.sessions, lambda _: people.connect(person))
    topic = await new_group(clients[0])
    await attach_all(clients[1:], topic)
    outcome = Outcome("messages")
    begun = _now()
    await asyncio.gather(
        *(_flood(client, topic, size, outcome) for client in clients for _ in range(size.window))
    )
    outcome.seconds = _now() - begun
    return outcome


async def _flood(client: Client, topic: str, size: Size, outcome: Outcome) -> None:
    """Send one message after the other, each when the one before it is answered."""
    until = _now() + size.seconds
    while (begun := _now()) < until:
        answer = await client.answer("pub", topic=topic, noecho=True, content=size.text)
        if answer.code < _ACCEPTED:
            outcome.times_s.append(_now() - begun)
        else:
            outcome.fail(f"refused with {answer.code}")


async def pairs(people: People, size: Size) -> Outcome:
    """Two and two talk, each answering the other at once."""
    count = max(1, size.sessions // 2)
    outcome = Outcome("messages")

    async def pair(_: int) -> tuple[Client, str, Client, str]:
        one, other = await people.register(), await people.register()
        here, there = await people.connect(one), await people.connect(other)
        await here.ask("sub", topic=other.uid)
        await there.ask("sub", topic=one.uid)
        return here, other.uid, there, one.uid

    made = await people.many(count, pair)
    begun = _now()
    await asyncio.gather(*(_talk(each, size, outcome) for each in made))
    outcome.seconds = _now() - begun
    return outcome


async def _talk(pair: tuple[Client, str, Client, str], size: Size, outcome: Outcome) -> None:
    here, to_there, there, to_here = pair
    heard = asyncio.Event()
    for client in (here, there):
        client.on_data = heard.set
        client.on_ctrl = _refusals(outcome)
    until, turn = _now() + size.seconds, 0
    while (begun := _now()) < until:
        speaker, topic = (here, to_there) if turn % 2 == 0 else (there, to_here)
        heard.clear()
        await speaker.say(_pub(topic, size.text, f"p{turn}"))
        try:
            async with asyncio.timeout(LATE_S):
                await heard.wait()
        except TimeoutError:
            outcome.fail("missing")
            return
        outcome.times_s.append(_now() - begun)
        turn += 1


async def login(people: People, size: Size) -> Outcome:
    """Clients connect, log in by token and leave, so many at a time."""
    person = await people.register()
    outcome = Outcome("log-ins")
    begun = _now()

    async def come_and_go() -> None:
        while (at := _now()) < begun + size.seconds:
            client = await people.connect(person)
            outcome.times_s.append(_now() - at)
            await people.dismiss(client)

    await asyncio.gather(*(come_and_go() for _ in range(size.sessions)))
    outcome.seconds = _now() - begun
    return outcome


LOADS: Final[dict[str, Load]] = {"fanout": fanout, "hot": hot, "pairs": pairs, "login": login}


# --- what they share ------------------------------------------------------------------------


async def _readers(people: People, topic: str, count: int) -> list[Client]:
    """Sessions attached to a group, of a few accounts."""
    accounts = [await people.register() for _ in range(min(ACCOUNTS, count))]

    async def one(number: int) -> Client:
        client = await people.connect(accounts[number % len(accounts)])
        await client.ask("sub", topic=topic)
        return client

    return await people.many(count, one)


def _pub(topic: str, text: str, ident: str) -> dict[str, object]:
    return {"pub": {"id": ident, "topic": topic, "noecho": True, "content": text}}


def _refusals(outcome: Outcome) -> Callable[[Ctrl], None]:
    """What counts messages that are refused."""

    def take(ctrl: Ctrl) -> None:
        if ctrl.code >= _ACCEPTED:
            outcome.fail(f"refused with {ctrl.code}")

    return take


async def _at_most(seconds: float, all_there: asyncio.Event) -> None:
    """Wait until everything has come, but not for ever."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(all_there.wait(), seconds)
