"""Calls as clients see them. Source: specification 03, paragraph 9 and scenarios S38 to S42."""

from typing import Any

import pytest

from chinwag.core import ids
from chinwag.core.limits import Limits
from chinwag.engine.ops import call
from chinwag.engine.topic import RETRY_S
from chinwag.store import topics
from stage import ALICE, BOB, Actor, Open, Stage

RING = {"webrtc": "started", "mime": "text/x-drafty"}
NAME = ids.p2p_name(ALICE, BOB)


@pytest.fixture
async def stage(open_stage: Open) -> Stage:
    """A stage where people may call each other for half a minute."""
    servers: tuple[dict[str, object], ...] = ({"urls": ["stun:stun.example.com"]},)
    return await open_stage(Limits(ice_servers=servers, call_timeout_s=30))


class Phones:
    """Alice and Bob in conversation, and a device of each that is only on `me`."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.a, self.a2 = stage.actor(ALICE), stage.actor(ALICE)
        self.b, self.b2 = stage.actor(BOB), stage.actor(BOB)
        self.calls = 0
        self.all = {"a": self.a, "a2": self.a2, "b": self.b, "b2": self.b2}

    async def open(self) -> None:
        """Everybody is where they should be."""
        await self.a.say(sub={"topic": BOB})
        await self.b.say(sub={"topic": ALICE})
        for actor in (self.a2, self.b2):
            await actor.say(sub={"topic": "me"})
        self.heard()

    async def ring(self) -> dict[str, list[Any]]:
        """Alice calls Bob."""
        self.calls += 1
        pub = {"id": f"{self.calls}", "topic": BOB, "noecho": True, "head": RING, "content": "ring"}
        await self.a.say(pub=pub)
        return self.heard()

    async def note(
        self, actor: Actor, event: str, seq: int = 1, **more: Any
    ) -> dict[str, list[Any]]:
        """`actor` signals something."""
        peer = BOB if actor.uid == ALICE else ALICE
        await actor.say(note={"topic": peer, "what": "call", "event": event, "seq": seq, **more})
        return self.heard()

    def heard(self) -> dict[str, list[Any]]:
        """What each device has heard since the last time, in a short form."""
        found = {name: [short(m) for m in actor.heard] for name, actor in self.all.items()}
        for actor in self.all.values():
            actor.heard.clear()
        return {name: said for name, said in found.items() if said}


def short(message: Any) -> Any:
    """The gist of a message."""
    kind, body = next(iter(message.items()))
    match kind:
        case "ctrl":
            return body["code"]
        case "data":
            return ("data", body["topic"], body["seq"], body.get("head", {}).get("webrtc"))
        case "pres":
            return ("pres", body.get("src"), body["what"], body.get("act"))
        case _:
            known = ("topic", "what", "seq")
            return {k: v for k, v in body.items() if k not in known} | {"to": body["topic"]}


@pytest.fixture
async def phones(stage: Stage) -> Phones:
    """Four devices."""
    phones = Phones(stage)
    await phones.open()
    return phones


def news_of(seq: int, how: str) -> dict[str, list[Any]]:
    """What a line of the log brings to everybody."""
    return {
        "a": [("data", BOB, seq, how)],
        "b": [("data", ALICE, seq, how)],
        "a2": [("pres", BOB, "msg", None)],
        "b2": [("pres", ALICE, "msg", ALICE)],
    }


def with_end(news: dict[str, list[Any]], by: str = "") -> dict[str, list[Any]]:
    """`news`, and the end of the call that comes with it."""
    who = {"from": by} if by else {}
    for name, peer in (("a", BOB), ("b", ALICE)):
        news[name].append({"event": "hang-up", "to": peer})
    for name, peer in (("a2", BOB), ("b2", ALICE)):
        news[name].append({"event": "hang-up", "to": "me", "src": peer, **who})
    return news


async def test_a_call_from_ringing_to_the_end(phones: Phones) -> None:
    """S38."""
    news = news_of(1, "started")
    assert await phones.ring() == news | {"a": [202]}
    for actor in (phones.b, phones.b2):
        rings = {"from": BOB, "event": "ringing", "to": BOB}
        assert await phones.note(actor, "ringing") == {"a": [rings]}
    news = news_of(2, "accepted")
    news["a"].append({"from": BOB, "event": "accept", "to": BOB})
    stop = {"src": ALICE, "from": BOB, "event": "accept", "payload": {"p": 1}, "to": "me"}
    news["b2"].append(stop)
    assert await phones.note(phones.b, "accept", payload={"p": 1}) == news
    sdp = {"type": "offer", "sdp": "v=0"}
    heard = await phones.note(phones.a, "offer", payload=sdp)
    assert heard == {"b": [{"from": ALICE, "event": "offer", "payload": sdp, "to": ALICE}]}
    heard = await phones.note(phones.b, "answer", payload=sdp)
    assert heard == {"a": [{"from": BOB, "event": "answer", "payload": sdp, "to": BOB}]}
    heard = await phones.note(phones.a, "hang-up")
    assert heard == with_end(news_of(3, "finished"), ALICE)
    assert await phones.note(phones.b, "hang-up") == {}
    assert phones.stage.hub.engaged == {}


async def test_the_log_is_kept_as_messages(phones: Phones) -> None:
    """03 §9.5 and 9.6."""
    await phones.ring()
    await phones.note(phones.b, "accept")
    phones.stage.clock.ms += 5_000
    await phones.note(phones.b, "hang-up")
    answer = await phones.a.say(get={"topic": BOB, "what": "data"})
    heads = [m["data"]["head"] for m in answer if "data" in m]
    common = {"replace": ":1", "mime": "text/x-drafty", "sender": BOB}
    lasted = heads[0].pop("webrtc-duration")
    assert 5_000 <= lasted < 6_000
    assert heads[:2] == [{**common, "webrtc": "finished"}, {**common, "webrtc": "accepted"}]
    desc = await phones.a.meta("desc", topic=BOB)
    assert (desc["read"], desc["recv"]) == (3, 3)  # QUIRK: the caller has read it, who hung up not
    assert "read" not in await phones.b.meta("desc", topic=ALICE)


async def test_who_accepts_stops_the_ringing_on_all_other_devices(phones: Phones) -> None:
    """03 §9.5, step 3: also on those that are attached to the conversation."""
    await phones.b.say(sub={"topic": "me"})
    await phones.ring()
    heard = await phones.note(phones.b2, "accept")
    assert {"src": ALICE, "from": BOB, "event": "accept", "to": "me"} in heard["b"]
    assert heard["b2"] == [("pres", ALICE, "msg", ALICE)]


@pytest.mark.parametrize(("who", "how"), [("a", "missed"), ("b2", "declined")])
async def test_hanging_up_before_an_answer(phones: Phones, who: str, how: str) -> None:
    """S40."""
    await phones.ring()
    actor = phones.all[who]
    assert await phones.note(actor, "hang-up") == with_end(news_of(2, how), actor.uid)
    assert await phones.note(actor, "hang-up") == {}


async def test_nobody_answers(phones: Phones) -> None:
    """S39; then there may be another call, which the first one's time does not end."""
    await phones.ring()
    await phones.stage.elapse(30)
    assert phones.heard() == with_end(news_of(2, "missed"))
    assert (await phones.ring())["a"] == [202]
    await phones.stage.elapse(29)
    assert phones.heard() == {}
    await phones.note(phones.b, "accept", seq=3)
    await phones.stage.elapse(31)
    assert phones.heard() == {}


async def test_the_line_is_busy(phones: Phones) -> None:
    """S41, also where two of them come at once; a plain message passes."""
    for call_id in ("1", "2"):
        phones.stage.hub.post(
            phones.a.request(pub={"id": call_id, "topic": BOB, "head": RING, "noecho": True})
        )
    await phones.stage.quiet()
    assert phones.heard()["a"] == [202, 486]
    assert await phones.b.ask(pub={"topic": ALICE, "head": RING}) == (486, None)
    assert await phones.b.ask(pub={"id": "1", "topic": ALICE, "content": "hi"}) == (202, {"seq": 2})


async def test_without_servers_there_are_no_calls(open_stage: Open) -> None:
    """03 §3.2, check 3."""
    bob = (await open_stage(Limits())).actor(BOB)
    await bob.say(sub={"topic": ALICE})
    assert await bob.ask(pub={"topic": ALICE, "head": RING}) == (501, None)
    assert await bob.ask(pub={"id": "1", "topic": ALICE, "head": {"webrtc": None}}) == (
        202,
        {"seq": 1},
    )


async def test_a_party_leaves(phones: Phones) -> None:
    """S42, the variant with {leave}: data, info and then the answer; what follows goes to `me`."""
    await phones.a.say(sub={"topic": "me"})
    await phones.ring()
    await phones.note(phones.b, "accept")
    await phones.a.say(leave={"topic": BOB})
    heard = phones.heard()
    assert heard["a"] == [
        ("data", BOB, 3, "disconnected"),
        {"event": "hang-up", "to": BOB},
        200,
        ("pres", BOB, "msg", None),
        {"event": "hang-up", "to": "me", "src": BOB},
    ]
    assert heard["b"] == [("data", ALICE, 3, "disconnected"), {"event": "hang-up", "to": ALICE}]


async def test_who_is_no_party_may_come_and_go(phones: Phones) -> None:
    """03 §9.6, last row: only a party ends the call."""
    await phones.ring()
    await phones.b.say(leave={"topic": ALICE})
    await phones.b.drop()
    assert [m for m in phones.heard().get("a", []) if m != 200] == []


@pytest.mark.parametrize("who", ["a", "b2"])
async def test_a_party_loses_the_connection(phones: Phones, who: str) -> None:
    """S42; DEFECT D10b: also one that answered without being attached."""
    await phones.ring()
    await phones.note(phones.b2, "accept")
    await phones.all[who].drop()
    other = "b" if who == "a" else "a"
    assert phones.heard()[other][-1] == {"event": "hang-up", "to": phones.all[who].uid}
    assert phones.stage.hub.engaged == {}


@pytest.mark.parametrize("who", ["a2", "b2"])
async def test_a_party_gives_the_conversation_up_elsewhere(phones: Phones, who: str) -> None:
    """DEFECT D10c: eviction took the party away without ending the call."""
    await phones.ring()
    await phones.note(phones.b, "accept")
    actor = phones.all[who]
    peer = ALICE if actor.uid == BOB else BOB
    await actor.say(sub={"topic": peer})
    phones.heard()
    await actor.say(leave={"topic": peer, "unsub": True})
    heard = phones.heard()
    assert ("data", BOB, 3, "disconnected") in heard["a"]
    assert ("data", ALICE, 3, "disconnected") in heard["b"]


async def test_a_caller_is_banned_while_it_rings(phones: Phones) -> None:
    """DEFECT D10c."""
    await phones.ring()
    await phones.b.say(set={"topic": ALICE, "sub": {"user": ALICE, "mode": "N"}})
    heard = phones.heard()
    assert heard["a"][:2] == [("data", BOB, 2, "disconnected"), {"event": "hang-up", "to": BOB}]


async def test_an_answer_to_a_caller_who_may_not_write(phones: Phones) -> None:
    """03 §9.5, step 1: the callee is told so, and it goes on ringing."""
    await phones.ring()
    await phones.b.say(set={"topic": ALICE, "sub": {"user": ALICE, "mode": "JRPA"}})
    phones.heard()
    assert await phones.note(phones.b, "accept") == {"b": [403]}
    assert (await phones.note(phones.b, "hang-up"))["a"][0] == ("data", BOB, 2, "declined")


async def test_only_the_two_of_them_have_a_say(phones: Phones) -> None:
    """03 §5.1 and 9.4: other notes, other numbers, other people."""
    await phones.ring()
    assert await phones.note(phones.b2, "offer") == {"b2": [409]}
    assert await phones.note(phones.b, "busy") == {}
    assert await phones.note(phones.b, "accept", seq=7) == {}
    root = phones.stage.actor(BOB)
    request = root.request(note={"topic": ALICE, "what": "call", "event": "accept", "seq": 1})
    request.uid = "usrSomebodyElse"
    phones.stage.hub.post(request)
    await phones.stage.quiet()
    assert phones.heard() == {}


async def test_the_next_server_ends_what_the_last_one_left_open(phones: Phones) -> None:
    """DEFECT D10: whether at its start or when somebody comes."""
    stage = phones.stage
    await phones.ring()
    topic = stage.hub.topics[NAME]
    for begin in ("start", "somebody"):
        call.drop(topic)  # what was only in memory is lost
        topic.forget_state()
        phones.heard()
        if begin == "start":
            await call.settle_all(stage.hub)
            await stage.quiet()
            assert phones.heard() == with_end(news_of(2, "disconnected"))
            assert await phones.ring() == news_of(3, "started") | {"a": [202]}
        else:
            await phones.b.say(get={"topic": ALICE, "what": "aux"})
            assert phones.heard()["a"] == [
                ("data", BOB, 4, "disconnected"),
                {"event": "hang-up", "to": BOB},
            ]
    assert await stage.db.read(topics.in_call) == []


async def test_a_log_that_could_not_be_closed_is_closed_later(phones: Phones) -> None:
    """DEFECT D10: a failing store must not leave a call open."""
    await phones.ring()
    phones.stage.db.moods = ["lost"]
    assert await phones.note(phones.a, "hang-up") == {}
    await phones.stage.elapse(RETRY_S)
    assert phones.heard() == with_end(news_of(2, "disconnected"))


@pytest.mark.parametrize("done", [False, True])
async def test_the_end_of_a_call_waits_for_a_silent_store(phones: Phones, done: bool) -> None:
    """Once it was built on what might be wrong: told twice, or put where another message was.

    `done`: the store has ended the call, and its answer is lost.
    """
    db = phones.stage.db
    await phones.ring()
    db.moods = ["unsure", "lost"] if done else ["lost"]
    assert await phones.note(phones.a, "hang-up") == {}
    db.silent = 1
    await phones.b.say(get={"topic": ALICE, "what": "aux"})
    assert phones.heard() == {"b": [204]}
    await phones.stage.elapse(RETRY_S)
    ended = news_of(2, "missed") if done else with_end(news_of(2, "disconnected"))
    assert phones.heard() == ended
    assert await db.read(topics.in_call) == []


async def test_an_answer_that_could_not_be_stored(phones: Phones) -> None:
    """03 §9.5, step 1: it goes on ringing."""
    await phones.ring()
    phones.stage.db.moods = ["lost"]
    assert await phones.note(phones.b, "accept") == {"b": [503]}
    assert (await phones.note(phones.b, "accept"))["a"][0] == ("data", BOB, 2, "accepted")


async def test_a_deleted_conversation_has_no_call(phones: Phones) -> None:
    """DEFECT D10: nothing is left of it."""
    await phones.ring()
    await phones.a.say(leave={"topic": BOB, "unsub": True})
    await phones.b.say(leave={"topic": ALICE, "unsub": True})
    assert phones.stage.hub.engaged == {}
    assert await phones.stage.db.read(topics.in_call) == []
