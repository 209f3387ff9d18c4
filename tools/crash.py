"""Kill a loaded server again and again, and look whether anything it acknowledged is lost.

    python tools/crash.py [--rounds 20] [--db sqlite|postgres|mysql] [--kill server|database|both]
                          [--seed N] [--config FILE]

In each round several people, over WebSockets and by long polling, flood conversations and groups
and upload files; at a random moment the server, its database or both are killed, as a power cut
would, and started again on the same data. What was not answered is sent again. Then everybody
reads everything. What must hold:

1. a message that was acknowledged is there once, at the seq it was acknowledged with;
2. the seqs of a topic are 1..n, and the messages of one author are in the order they were sent;
3. nothing is there that nobody sent, nobody has heard what is not there, and what was sent again
   is there once;
4. everybody reads the same history;
5. who said something has read and received it, and nobody has read more than there is;
6. a file is there whole or not at all, and an acknowledged one is there;
7. a server that has lost its database keeps its sessions, and accepts everything that is said
   again when the database is back.
"""

import argparse
import asyncio
import contextlib
import itertools
import logging
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import crowd  # noqa: E402 - it lies in tests, which a script has to find first
from crowd import Client, Diary, Packet, Person, Talker  # noqa: E402 - as above
from databases import SERVERS, Server  # noqa: E402 - as above
from live import Live  # noqa: E402 - as above

PEOPLE: Final = ("anna", "boris", "clara", "david")
GROUPS: Final = 2
LIVE_S: Final = (0.2, 1.5)  # how long a round floods
AWAY_S: Final = (0.0, 1.0)  # how long the database is away from a server that lives
FILE_MAX: Final = 400_000  # bytes
HEAR_S: Final = 0.2  # for clients to hear what the server said before its end
SHOWN_MAX: Final = 20  # violations that are printed
AGAIN: Final = 0.2  # how often the server is killed once more while it recovers
APART: Final = 0.5  # how often the database dies before the server, where both do
WHOLE: Final = 10  # rounds after which everything is read, not only what is new
SERIOUS: Final = ("Traceback", " ERROR ")  # in the log of the server
COMPLAINT_MAX: Final = 3000
VICTIMS: Final = ("server", "database", "both")


@dataclass(slots=True)
class Town:
    """Who is there, where they meet, and what is known of each place."""

    live: Live
    rng: random.Random
    database: Server | None = None  # None: it is a file
    kill: str = "server"
    people: list[Person] = field(default_factory=list)
    places: dict[str, "Place"] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)  # acknowledged uploads by path
    faults: list[str] = field(default_factory=list)

    def places_of(self, person: Person) -> list[tuple[str, "Place"]]:
        """Where `person` goes."""
        return [(title, place) for title, place in self.places.items() if person.uid in place.names]

    def told(self, fault: str) -> None:
        """Note that something does not hold."""
        self.faults.append(fault)

    @property
    def acknowledged(self) -> int:
        """How many messages are."""
        return sum(len(place.diary.acknowledged) for place in self.places.values())


@dataclass(slots=True)
class Place:
    """A topic: the name each person knows it by, and what is known of it."""

    names: dict[str, str]  # by user id
    diary: Diary = field(default_factory=Diary)
    read: list[Packet] = field(default_factory=list)  # what everybody has read already


def main() -> None:
    """Play the rounds; exit status 1 where something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    parser.add_argument("--db", choices=["sqlite", *SERVERS], default="sqlite")
    parser.add_argument("--kill", choices=VICTIMS, default="server")
    parser.add_argument("--config", help="settings of the server, a TOML file")
    chosen = parser.parse_args()
    options = ["--config", chosen.config] if chosen.config else []
    if chosen.db == "sqlite" and chosen.kill != "server":
        parser.error("SQLite is a part of the server: choose another --db to kill the database.")
    with tempfile.TemporaryDirectory() as folder, _database(chosen.db) as database:
        town = make_town(Path(folder), chosen.seed, options, database, chosen.kill)
        faults = play(town, chosen.rounds, chosen.seed)
    sys.exit(1 if faults else 0)


@contextlib.contextmanager
def _database(product: str) -> Iterator[Server | None]:
    """A server for the database, while it is needed; None: it needs none."""
    if product == "sqlite":
        yield None
        return
    kind = SERVERS[product]
    if absent := kind.missing():
        sys.exit(f"There is no {absent} here: apt-get install {kind.package}")
    server = kind().start()
    try:
        yield server
    finally:
        server.remove()


def make_town(
    folder: Path,
    seed: int,
    options: Sequence[str] = (),
    database: Server | None = None,
    kill: str = "server",
) -> Town:
    """A town whose server keeps its data in `folder` and in a new database of `database`."""
    where = ["--database", database.new_database()] if database else []
    live = Live(folder / "data", "--no-web", *where, *options)
    return Town(live, random.Random(seed), database, kill)


def play(town: Town, rounds: int, seed: int) -> list[str]:
    """What did not hold in `rounds` rounds; reports each round and the whole."""
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # clients write to a dead server
    kept = town.database.product if town.database else "sqlite"
    print(f"seed {seed}: {rounds} rounds on {kept}, killing {town.kill}", flush=True)
    with town.live:
        asyncio.run(_settle(town))
        for number in range(1, rounds + 1):
            _round(town, f"{number} of {rounds}", whole=not number % WHOLE or number == rounds)
    if complaint := _complaint(town):
        town.told(f"the server has complained: {complaint}")
    _summarise(town, rounds, seed)
    return town.faults


def _complaint(town: Town) -> str:
    """What the server has logged; that its database was away is no complaint."""
    lines = town.live.log.read_text().splitlines()
    if town.database is None:
        return "\n".join(lines)[:COMPLAINT_MAX]
    at = next((n for n, line in enumerate(lines) if any(word in line for word in SERIOUS)), None)
    return "" if at is None else "\n".join(lines[at:])[:COMPLAINT_MAX]


def _summarise(town: Town, rounds: int, seed: int) -> None:
    again = sum(len(place.diary.again) for place in town.places.values())
    print(
        f"{rounds} rounds, {town.acknowledged} messages and {len(town.files)} files acknowledged, "
        f"{again} messages sent again, {len(town.faults)} violations (seed {seed})"
    )
    for fault in town.faults[:SHOWN_MAX]:
        print(f"  {fault[:200]}")
    if len(town.faults) > SHOWN_MAX:
        print(f"  and {len(town.faults) - SHOWN_MAX} more")


async def _settle(town: Town) -> None:
    """Make the people, their conversations and their groups."""
    port = town.live.port
    town.people = [await crowd.register(port, name) for name in PEOPLE]
    for one, other in itertools.combinations(town.people, 2):
        async with crowd.session(port, one) as client:
            await client.get("sub", topic=other.uid)
        town.places[f"{one.name}-{other.name}"] = Place({one.uid: other.uid, other.uid: one.uid})
    owner, *members = town.people
    for number in range(GROUPS):
        async with crowd.session(port, owner) as client:
            name = (await client.get("sub", topic="new"))["topic"]
        for member in members:
            async with crowd.session(port, member) as client:
                await client.get("sub", topic=name)
        town.places[f"group {number}"] = Place({person.uid: name for person in town.people})


# --- one round ------------------------------------------------------------------------------


def _round(town: Town, title: str, *, whole: bool) -> None:
    """Flood, kill, start again, look."""
    faults, known, files = len(town.faults), town.acknowledged, len(town.files)
    blow = Blow(town)
    asyncio.run(_flood(town, title.partition(" ")[0], blow))
    started = time.monotonic()
    told = blow.told + _come_back(town)
    back_s = time.monotonic() - started
    stored = asyncio.run(_look(town, whole=whole))
    print(
        f"round {title}: {told}, back after {back_s:.2f} s; {town.acknowledged - known} messages "
        f"and {len(town.files) - files} files acknowledged, {stored} messages in all, "
        f"{len(town.faults) - faults} violations",
        flush=True,
    )


def _come_back(town: Town) -> str:
    """Start again what is dead; what more was done to it."""
    if town.database is not None and not town.database.alive:
        town.database.start()
    if town.live.alive:
        return ""
    town.live.start()
    if town.rng.random() >= AGAIN:
        return ""
    town.live.kill()
    town.live.start()
    return ", and again"


async def _flood(town: Town, number: str, blow: "Blow") -> None:
    """Everybody talks everywhere and uploads, until the blow has fallen."""
    port, rng = town.live.port, town.rng
    async with contextlib.AsyncExitStack() as stack:
        tasks: list[asyncio.Task[None]] = []
        clients: list[Client] = []
        for at, person in enumerate(town.people):
            polls = (at + int(number)) % 2 == 0
            client = await stack.enter_async_context(crowd.session(port, person, polls=polls))
            clients.append(client)
            for title, place in town.places_of(person):
                await _enter(client, person, place)
                mark = f"{number} {person.name} {title}"
                name, turns = place.names[person.uid], random.Random(rng.random())
                talker = Talker(client, name, place.diary, turns, mark)
                tasks.append(asyncio.ensure_future(talker.run()))
            tasks.append(asyncio.ensure_future(_upload(town, client, person)))
        await blow.fall()
        if blow.spares_server:
            await _spared(town, clients)
        await asyncio.wait_for(asyncio.gather(*tasks), 2 * crowd.ASK_S)
    for title, place in town.places.items():
        for fault in place.diary.faults:
            town.told(f"round {number}, {title}: {fault}")
        place.diary.faults.clear()


async def _spared(town: Town, clients: list[Client]) -> None:
    """Go on for a while; then all that was said is to be accepted, on the same connections."""
    await asyncio.sleep(town.rng.uniform(*LIVE_S))
    for client in clients:
        if client.lost:
            town.told(f"{client.uid} has lost the connection, though the server lives")
        client.enough = True


class Blow:
    """What is killed in one round, and when."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._after_s = town.rng.uniform(*LIVE_S)
        self._away_s = town.rng.uniform(*AWAY_S)
        self._first = town.kill == "both" and town.rng.random() < APART
        self.spares_server = town.kill == "database"

    @property
    def told(self) -> str:
        """In words."""
        match self._town.kill:
            case "database":
                what = f"database killed, {self._away_s:.2f} s away,"
            case "both":
                order = f" {self._away_s / 2:.2f} s before the server" if self._first else ""
                what = f"both killed, the database{order or ' at once'},"
            case _:
                what = "killed"
        return f"{what} after {self._after_s:.2f} s"

    async def fall(self) -> None:
        """Wait, and kill, at a moment that the clients' own turns have no say in."""
        town = self._town
        if self.spares_server:
            assert town.database is not None
            await asyncio.to_thread(self._kill_database)
            await asyncio.sleep(self._away_s)
            await asyncio.to_thread(town.database.start)
            return
        await asyncio.to_thread(self._freeze)
        await asyncio.sleep(HEAR_S)  # a client that writes to a dead server hears no more
        if town.kill == "both" and town.database is not None and town.database.alive:
            town.database.kill()
        town.live.kill()

    def _kill_database(self) -> None:
        assert self._town.database is not None
        time.sleep(self._after_s)
        self._town.database.kill()

    def _freeze(self) -> None:
        if self._first:
            self._kill_database()
            time.sleep(self._away_s / 2)
        else:
            time.sleep(self._after_s)
        self._town.live.freeze()


async def _enter(client: Client, person: Person, place: Place) -> None:
    name = place.names[person.uid]
    client.diaries[name] = place.diary
    await client.get("sub", topic=name)


async def _upload(town: Town, client: Client, person: Person) -> None:
    """Upload file after file until the server is gone, or it is enough."""
    rng = random.Random(town.rng.random())
    with contextlib.suppress(*crowd.LOST):
        while not client.enough:
            content = crowd.proven(rng.randbytes(rng.randrange(1, FILE_MAX)))
            pause_s = rng.random() / 5
            if path := await crowd.upload(town.live.port, person, content, pause_s):
                town.files[path] = content


# --- what must hold -------------------------------------------------------------------------


async def _look(town: Town, *, whole: bool) -> int:
    """Everybody reads what is new, or the `whole`; how many messages there are."""
    if whole:
        for place in town.places.values():
            place.read.clear()
    histories: dict[str, list[list[Packet]]] = {title: [] for title in town.places}
    for person in town.people:
        async with crowd.session(town.live.port, person) as client:
            for title, place in town.places_of(person):
                histories[title].append(await _read(town, client, place, person))
    for title, readings in histories.items():
        for fault in compare(town.places[title].diary, readings):
            town.told(f"{title}: {fault}")
        town.places[title].read = readings[0]
    await asyncio.to_thread(_check_files, town)
    return sum(len(readings[0]) for readings in histories.values())


async def _read(town: Town, client: Client, place: Place, person: Person) -> list[Packet]:
    """The history of a place as `person` reads it; marks and counters are checked."""
    name = place.names[person.uid]
    await client.get("sub", topic=name)
    read = place.read + await crowd.history(client, name, len(place.read) + 1)
    client.metas.clear()
    client.ask("get", topic=name, what="desc sub")
    await client.get("leave", topic=name)  # a fence: all metas are there
    desc = next(meta["desc"] for meta in client.metas if "desc" in meta)
    subs = next(meta["sub"] for meta in client.metas if "sub" in meta)
    newest = read[-1]["seq"] if read else 0
    if desc.get("seq", 0) != newest:
        town.told(f"{name}: newest message is {newest}, its description says {desc.get('seq')}")
    own = {data["from"]: data["seq"] for data in read}
    for sub in subs:
        marks = (own.get(sub["user"], 0), sub.get("read", 0), sub.get("recv", 0), newest)
        if list(marks) != sorted(marks):
            town.told(f"{name}: said, read, received, newest of {sub['user']} are {marks}")
    return read


def compare(diary: Diary, readings: list[list[Packet]]) -> list[str]:
    """What is wrong with what several people have read in one place."""
    first = readings[0]
    texts = {data["seq"]: data["content"] for data in first}
    faults = [f"seqs are not 1..n: {_gaps(first)}"] if _gaps(first) else []
    faults += [f"{other[0]['seq']} is read differently" for other in _different(first, readings)]
    for kind, known in (("acknowledged", diary.acknowledged), ("heard", diary.seen)):
        wrong = [(seq, text) for seq, text in known.items() if texts.get(seq) != text]
        faults += [
            f"{kind} at {seq}: {text[:40]}, there is {texts.get(seq)}" for seq, text in wrong
        ]
    if len(set(texts.values())) != len(first):
        faults.append("a message is there twice")
    faults += [
        f"{data['seq']} was never sent by {data['from']}"
        for data in first
        if diary.sent.get(data["content"]) != data["from"]
    ]
    return faults + _disorder(diary, first)


def _gaps(read: list[Packet]) -> list[int]:
    """The first few seqs that are not where they should be."""
    return [data["seq"] for at, data in enumerate(read, 1) if data["seq"] != at][:5]


def _different(first: list[Packet], readings: list[list[Packet]]) -> list[list[Packet]]:
    """For each reading that is not as the first one, where it begins to differ."""
    plain = [(data["seq"], data["from"], data["ts"], data["content"]) for data in first]
    differing = []
    for reading in readings[1:]:
        other = [(data["seq"], data["from"], data["ts"], data["content"]) for data in reading]
        if other != plain:
            at = next((i for i, (a, b) in enumerate(zip(plain, other, strict=False)) if a != b), -1)
            differing.append(reading[at:] or first[at:])
    return differing


def _disorder(diary: Diary, read: list[Packet]) -> list[str]:
    """Messages of one author that have overtaken one another, though each was sent once."""
    faults: list[str] = []
    newest: dict[str, int] = {}
    for data in read:
        if data["content"] in diary.again:
            continue
        *mark, number, _filling = data["content"].rsplit(" ", 2)
        author = f"{data['from']} {mark}"
        if int(number) <= newest.get(author, 0):
            faults.append(f"{data['seq']}: {author} said {number} after {newest[author]}")
        newest[author] = int(number)
    return faults


def _check_files(town: Town) -> None:
    """Acknowledged files are there; whatever else is there is whole."""
    port, person = town.live.port, town.people[0]
    for path, content in town.files.items():
        if crowd.download(port, person, path) != content:
            town.told(f"{path} is not what was uploaded")
    known = {path.rsplit("/", 1)[-1].partition(".")[0] for path in town.files}
    for file in (town.live.data / "uploads").glob("*/*"):
        if file.suffix == ".part":
            town.told(f"{file.name} was not swept away")
        elif file.name not in known:
            served = crowd.download(port, person, f"/v0/file/s/{file.name}")
            if served is not None and not crowd.whole(served):
                town.told(f"half of {file.name} is served")


if __name__ == "__main__":
    main()
