"""The cast of specification 03, paragraph 13: people in a group, each with several sessions.

A name such as `b2` means a session of B. Suffix 1: on `me` and attached to the topic of the scene,
2: on `me` only, 3: attached only.
"""

from typing import Any

from chinwag.core import ids
from stage import Actor, Stage, new_group

PEOPLE = {letter: ids.uid_text(0x1000 + i) for i, letter in enumerate("ABCDE")}
A, B, C, D, E = PEOPLE.values()
Heard = dict[str, list[Any]]


class Cast:
    """Sessions by name, and the topic of the scene."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.topic = ""
        self.sessions: dict[str, Actor] = {}

    def __getitem__(self, name: str) -> Actor:
        """The session of that name."""
        return self.sessions[name]

    async def people(self) -> None:
        """Everybody has an account."""
        for letter, uid in PEOPLE.items():
            await self.stage.account(uid, letter, [f"basic:user{letter.lower()}"])

    def name_for(self, name: str) -> str:
        """What the person behind a session calls the topic of the scene."""
        return ids.view(self.topic, PEOPLE[name[0].upper()])

    async def enter(self, names: str) -> None:
        """Sessions come, as their suffix says; what they hear of it is forgotten."""
        for name in names.split():
            actor = self.stage.actor(PEOPLE[name[0].upper()])
            actor.ua = ""
            self.sessions[name] = actor
            if name[1] in "12":
                await actor.say(sub={"topic": "me"})
        for name in names.split():
            if name[1] in "13":
                await self[name].say(sub={"topic": self.name_for(name)})
        self.heard()

    async def group(self, names: str, *, channel: bool = False) -> None:
        """A group of A; B and C are JRWPS, D is JRWP; E is no member."""
        owner = self.stage.actor(A)
        self.topic = await new_group(owner, "nch1" if channel else "new1")
        for uid, mode in ((B, "JRWPS"), (C, "JRWPS"), (D, "JRWP")):
            await owner.say(set={"topic": self.topic, "sub": {"user": uid, "mode": mode}})
        await owner.say(leave={"topic": self.topic})
        await self.enter(names)

    async def pair(self, names: str) -> None:
        """The conversation of A and B."""
        opener = self.stage.actor(A)
        await opener.say(sub={"topic": B, "set": {"sub": {"mode": "JRWPA"}}})
        self.topic = ids.p2p_name(A, B)
        peer = self.stage.actor(B)
        await peer.say(sub={"topic": A, "set": {"sub": {"mode": "JRWPA"}}})
        await opener.say(leave={"topic": B})
        await peer.say(leave={"topic": A})
        await self.enter(names)

    async def say(self, name: str, **packet: Any) -> Heard:
        """A session says something; what everybody hears."""
        await self[name].say(**packet)
        return self.heard()

    async def cause(self, name: str, **packet: Any) -> Heard:
        """A session says something; what everybody hears but for its answer."""
        heard = await self.say(name, **packet)
        rest = [m for m in heard.pop(name, []) if not is_ctrl(m)]
        return {**heard, name: rest} if rest else heard

    def heard(self) -> Heard:
        """What each session has heard since the last time, without what varies."""
        found = {name: [plain(m) for m in actor.heard] for name, actor in self.sessions.items()}
        for actor in self.sessions.values():
            actor.heard.clear()
        return {name: said for name, said in found.items() if said}


def plain(message: Any) -> Any:
    """A message without its time; a {ctrl} is its code, with its parameters if it has any."""
    kind, body = next(iter(message.items()))
    if kind == "ctrl":
        return (body["code"], body["params"]) if "params" in body else body["code"]
    body = {key: value for key, value in body.items() if key != "ts"}
    return (kind, body)


def is_ctrl(said: Any) -> bool:
    """Whether this is a {ctrl} as `plain` shows it."""
    return isinstance(said, int) or isinstance(said[0], int)


def pres(topic: str, what: str, **more: Any) -> Any:
    """A {pres} as `plain` shows it."""
    return ("pres", {"topic": topic, "what": what, **more})


def info(topic: str, sender: str, what: str, **more: Any) -> Any:
    """An {info} as `plain` shows it."""
    return ("info", {"topic": topic, "from": sender, "what": what, **more})


def data(topic: str, seq: int, content: Any, **more: Any) -> Any:
    """A {data} as `plain` shows it."""
    return ("data", {"topic": topic, "seq": seq, "content": content, **more})


def same(heard: Heard, expected: Heard) -> None:
    """Each session has heard what was expected; {pres} and {info} come in any order."""
    names = sorted(heard.keys() | expected.keys())
    both = [(n, ordered(heard.get(n, [])), ordered(expected.get(n, []))) for n in names]
    wrong = [f"{n} heard {said}, expected {due}" for n, said, due in both if said != due]
    assert not wrong, "\n".join(wrong)


def ordered(said: list[Any]) -> list[Any]:
    """{ctrl} and {data} in their order, then all {pres} and {info} sorted."""
    free = [m for m in said if isinstance(m, tuple) and m[0] in ("pres", "info")]
    return [m for m in said if m not in free] + sorted(free, key=repr)
