"""Kill a loaded server again and again, and look whether anything it acknowledged is lost.

    python tools/crash.py [--rounds 20] [--seed N] [--config FILE]

In each round several people flood conversations and groups and upload files; at a random moment the
server is killed, as a power cut would, and started again on the same data. Then everybody reads
everything. What must hold:

1. a message that was acknowledged is there once, at the seq it was acknowledged with;
2. the seqs of a topic are 1..n, and the messages of one author are in the order they were sent;
3. nothing is there that nobody sent, and nobody has heard what is not there;
4. everybody reads the same history;
5. who said something has read and received it, and nobody has read more than there is;
6. a file is there whole or not at all, and an acknowledged one is there.
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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

import crowd  # noqa: E402 - it lies in tests, which a script has to find first
from crowd import Client, Diary, Packet, Person  # noqa: E402 - as above
from live import Live  # noqa: E402 - as above

PEOPLE: Final = ("anna", "boris", "clara", "david")
GROUPS: Final = 2
LIVE_S: Final = (0.2, 1.5)  # how long a round floods
FILE_MAX: Final = 400_000  # bytes
HEAR_S: Final = 0.2  # for clients to hear what the server said before its end
SHOWN_MAX: Final = 20  # violations that are printed
AGAIN: Final = 0.2  # how often the server is killed once more while it recovers


@dataclass(slots=True)
class Town:
    """Who is there, where they meet, and what is known of each place."""

    live: Live
    rng: random.Random
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


@dataclass(slots=True)
class Place:
    """A topic: the name each person knows it by, and what is known of it."""

    names: dict[str, str]  # by user id
    diary: Diary = field(default_factory=Diary)


def main() -> None:
    """Play the rounds; exit status 1 where something does not hold."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1 << 32))
    parser.add_argument("--config", help="settings of the server, a TOML file")
    chosen = parser.parse_args()
    options = ["--config", chosen.config] if chosen.config else []
    with tempfile.TemporaryDirectory() as folder:
        faults = play(Path(folder), chosen.rounds, chosen.seed, options)
    sys.exit(1 if faults else 0)


def play(folder: Path, rounds: int, seed: int, options: list[str] | None = None) -> list[str]:
    """What did not hold in `rounds` rounds; reports each round and the whole."""
    logging.getLogger("asyncio").setLevel(logging.ERROR)  # clients write to a dead server
    print(f"seed {seed}", flush=True)
    live = Live(folder / "data", "--no-web", *(options or []))
    town = Town(live, random.Random(seed))
    with live:
        asyncio.run(_settle(town))
        for number in range(1, rounds + 1):
            _round(town, number)
    log = live.log.read_text()
    if log:
        town.told(f"the server has complained: {log[:2000]}")
    _summarise(town, rounds, seed)
    return town.faults


def _summarise(town: Town, rounds: int, seed: int) -> None:
    acknowledged = sum(len(place.diary.acknowledged) for place in town.places.values())
    print(
        f"{rounds} rounds, {acknowledged} messages and {len(town.files)} files acknowledged, "
        f"{len(town.faults)} violations (seed {seed})"
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


def _round(town: Town, number: int) -> None:
    """Flood, kill, start again, look."""
    faults = len(town.faults)
    known = sum(len(place.diary.acknowledged) for place in town.places.values())
    lived_s = town.rng.uniform(*LIVE_S)
    asyncio.run(_flood(town, number, lived_s))
    again = town.rng.random() < AGAIN
    started = time.monotonic()
    town.live.start()
    if again:
        town.live.kill()
        town.live.start()
    back_s = time.monotonic() - started
    stored = asyncio.run(_look(town))
    acknowledged = sum(len(place.diary.acknowledged) for place in town.places.values())
    print(
        f"round {number}: killed after {lived_s:.2f} s{', and again' if again else ''}, back after "
        f"{back_s:.2f} s: {acknowledged - known} acknowledged, {stored} messages and "
        f"{len(town.files)} files in all, {len(town.faults) - faults} violations",
        flush=True,
    )


async def _flood(town: Town, number: int, lived_s: float) -> None:
    """Everybody talks everywhere and uploads, until the server is killed."""
    port, rng = town.live.port, town.rng
    async with contextlib.AsyncExitStack() as stack:
        tasks: list[asyncio.Task[None]] = []
        for person in town.people:
            client = await stack.enter_async_context(crowd.session(port, person))
            for title, place in town.places_of(person):
                await _enter(client, person, place)
                mark = f"{number} {person.name} {title}"
                tasks.append(_talk(client, person, place, random.Random(rng.random()), mark))
            tasks.append(asyncio.ensure_future(_upload(town, person, random.Random(rng.random()))))
        await asyncio.to_thread(_freeze, town.live, lived_s)
        await asyncio.sleep(HEAR_S)  # a client that writes to a dead server hears no more
        town.live.kill()
        await asyncio.wait_for(asyncio.gather(*tasks), crowd.ASK_S)
    for title, place in town.places.items():
        for fault in place.diary.faults:
            town.told(f"round {number}, {title}: {fault}")
        place.diary.faults.clear()


def _freeze(live: Live, after_s: float) -> None:
    """Stop the server at a moment that the clients' own turns have no say in."""
    time.sleep(after_s)
    live.freeze()


async def _enter(client: Client, person: Person, place: Place) -> None:
    name = place.names[person.uid]
    client.diaries[name] = place.diary
    await client.get("sub", topic=name)


def _talk(
    client: Client, person: Person, place: Place, rng: random.Random, mark: str
) -> "asyncio.Task[None]":
    name = place.names[person.uid]
    return asyncio.ensure_future(crowd.flood(client, name, place.diary, rng, mark))


async def _upload(town: Town, person: Person, rng: random.Random) -> None:
    """Upload file after file until the server is gone."""
    with contextlib.suppress(*crowd.LOST):
        while True:
            content = crowd.proven(rng.randbytes(rng.randrange(1, FILE_MAX)))
            pause_s = rng.random() / 5
            path = await crowd.upload(town.live.port, person, content, pause_s)
            town.files[path] = content


# --- what must hold -------------------------------------------------------------------------


async def _look(town: Town) -> int:
    """Everybody reads everything; how many messages there are."""
    histories: dict[str, list[list[Packet]]] = {title: [] for title in town.places}
    for person in town.people:
        async with crowd.session(town.live.port, person) as client:
            for title, place in town.places_of(person):
                histories[title].append(await _read(town, client, place, person))
    for title, readings in histories.items():
        for fault in compare(town.places[title].diary, readings):
            town.told(f"{title}: {fault}")
    await asyncio.to_thread(_check_files, town)
    return sum(len(readings[0]) for readings in histories.values())


async def _read(town: Town, client: Client, place: Place, person: Person) -> list[Packet]:
    """The history of a place as `person` reads it; marks and counters are checked."""
    name = place.names[person.uid]
    await client.get("sub", topic=name)
    read = await crowd.history(client, name)
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
    return faults + _disorder(first)


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


def _disorder(read: list[Packet]) -> list[str]:
    """Messages of one author that have overtaken one another."""
    faults: list[str] = []
    newest: dict[str, int] = {}
    for data in read:
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
