"""Which devices are told of what: specification 03, paragraphs 8.2, 8.3 and 13."""

import pytest

from cast import A, B, C, Cast, D, E
from chinwag.core import ids
from chinwag.core.limits import Limits
from chinwag.engine.ops import push
from chinwag.store import subs
from pushbox import PushBox, Told, push_to
from stage import ALICE, BOB, CAROL, Actor, Open, Stage, new_group

TXT = {"txt": "hi"}


def but(told: Told, *names: str) -> Told:
    """`told` without what is the same everywhere."""
    return {k: v for k, v in told.items() if k not in ("ts", "unread", *names)}


@pytest.fixture
async def box(cast: Cast, stage: Stage) -> PushBox:
    """Where pushes to everybody of the cast go."""
    await cast.pair("a1 b1 b2")
    return await push_to(stage, A, B, C, D, E)


async def test_a_message_in_a_conversation(cast: Cast, box: PushBox) -> None:
    """S01: the author's devices are told in silence, and so are those of one who is there."""
    pub = {"topic": B, "head": {"mime": "text/x-drafty"}, "content": TXT}
    await cast.say("a1", pub=pub)
    told = box.told()
    same = {
        "what": "msg",
        "xfrom": A,
        "seq": "1",
        "mime": "text/x-drafty",
        "content": "hi",
        "rc": '{"txt":"hi"}',
        "silent": "true",
    }
    assert but(told[A]) == {**same, "topic": B}
    assert but(told[B]) == {**same, "topic": A}
    assert told[A]["ts"].endswith("Z")
    assert (told[A]["unread"], told[B]["unread"]) == ("0", "1")  # D14b: nothing is a number too


async def test_who_is_only_on_me_is_told_aloud(cast: Cast, box: PushBox) -> None:
    await cast["b1"].say(leave={"topic": A})
    await cast["a1"].say(pub={"topic": B, "content": "psst"})
    assert "silent" not in box.told()[B]


@pytest.mark.parametrize("head", [{"replace": ":1"}, {"replace": ":1", "webrtc": "finished"}])
async def test_an_edit_is_told_in_silence(cast: Cast, box: PushBox, head: dict[str, str]) -> None:
    """S09."""
    await cast["b1"].say(leave={"topic": A})
    await cast["a1"].say(pub={"topic": B, "content": "psst"})
    box.told()
    await cast["b2"].say(sub={"topic": A})
    await cast["b2"].say(leave={"topic": A})
    await cast["a1"].say(pub={"topic": B, "content": "psst!", "head": {"replace": ":1"}})
    assert box.told()[B]["silent"] == "true"


async def test_a_group_with_mixed_rights(cast: Cast, stage: Stage) -> None:
    """S06: who has muted it is told nothing, nor who may not read."""
    await cast.group("a1 b1 c1")
    box = await push_to(stage, A, B, C, D, E)
    await cast["c1"].say(set={"topic": cast.topic, "sub": {"mode": "JRWS"}})
    await cast["a1"].say(set={"topic": cast.topic, "sub": {"user": D, "mode": "JWP"}})
    await cast["b1"].say(leave={"topic": cast.topic})
    box.told()
    await cast["a1"].say(pub={"topic": cast.topic, "content": "hello"})
    told = box.told()
    assert {uid: "silent" in each for uid, each in told.items()} == {A: True, B: False}
    assert told[B]["topic"] == cast.topic


async def test_a_channel(stage: Stage) -> None:
    """S07, D-22 and D26: readers are told too, under their name for it, and of nobody."""
    alice, bob, carol = (stage.actor(uid) for uid in (ALICE, BOB, CAROL))
    name = await new_group(alice, "nch1")
    channel = ids.chn_of(name)
    await bob.say(sub={"topic": channel})
    await bob.say(leave={"topic": channel})
    await carol.say(sub={"topic": channel})
    box = await push_to(stage, ALICE, BOB, CAROL)
    await alice.say(pub={"topic": name, "content": "news"})
    told = box.told()
    reader = {"what": "msg", "topic": channel, "seq": "1", "content": "news"}
    assert but(told[BOB], "rc") == reader
    assert but(told[CAROL], "rc") == {**reader, "silent": "true"}
    assert told[BOB]["unread"] == "1"
    await stage.db.run(subs.set_modes, channel, BOB, 3, 11, stage.now())
    await alice.say(pub={"topic": name, "content": "more"})
    assert BOB not in box.told()
    assert await alice.ask(**{"del": {"topic": name, "what": "topic", "hard": True}}) == (200, None)
    gone = {"what": "sub", "topic": channel, "modeWant": "N", "modeGiven": "N", "silent": "true"}
    assert {uid: but(each) for uid, each in box.told().items()} == {BOB: gone, CAROL: gone}


async def test_what_was_read(cast: Cast, box: PushBox) -> None:
    """S12, D14, D14c and 07-06: under the name of the peer, with the number left then."""
    await cast["a1"].say(pub={"topic": B, "content": "one"})
    await cast["a1"].say(pub={"topic": B, "content": "two"})
    box.told()
    await cast["b1"].say(note={"topic": A, "what": "read", "seq": 1})
    told = box.told()
    assert told.keys() == {B}
    expected = {"what": "read", "silent": "true", "topic": A, "xfrom": B, "seq": "1"}
    assert but(told[B]) == expected
    assert told[B]["unread"] == "1"
    await cast["b1"].say(note={"topic": A, "what": "read", "seq": 2})
    assert box.told()[B]["unread"] == "0"
    await cast["b1"].say(note={"topic": A, "what": "recv", "seq": 2})
    assert box.told() == {}


async def test_what_a_reader_has_read(stage: Stage, alice: Actor, bob: Actor) -> None:
    """D14: a channel is called so to those who only read it."""
    name = await new_group(alice, "nch1")
    await bob.say(sub={"topic": ids.chn_of(name)})
    await alice.say(pub={"topic": name, "content": "news"})
    box = await push_to(stage, BOB)
    await bob.say(note={"topic": ids.chn_of(name), "what": "read", "seq": 1})
    told = box.told()[BOB]
    assert (told["topic"], told["unread"]) == (ids.chn_of(name), "0")


async def test_a_new_conversation(stage: Stage, alice: Actor) -> None:
    """S25: the peer is told, with the peer's own rights."""
    box = await push_to(stage, ALICE, BOB)
    await alice.say(sub={"topic": BOB})
    modes = {"modeWant": "JRWPASD", "modeGiven": "JRWPA"}
    told = box.told()
    assert told.keys() == {BOB}
    assert but(told[BOB], *modes) == {"what": "sub", "topic": ALICE, "xfrom": ALICE}
    assert told[BOB].keys() >= modes.keys()
    await alice.say(leave={"topic": BOB})
    await alice.say(sub={"topic": BOB})
    assert box.told() == {}


async def test_a_group_is_made_joined_and_others_are_invited(stage: Stage, alice: Actor) -> None:
    """S26, S27 and S45."""
    box = await push_to(stage, ALICE, BOB, CAROL)
    name = await new_group(alice)
    made = box.told()
    assert made.keys() == {ALICE}
    assert made[ALICE]["modeWant"] == "JRWPASDO"
    await alice.say(set={"topic": name, "sub": {"user": BOB}})
    expected = {"what": "sub", "topic": name, "xfrom": ALICE}
    modes = {"modeWant": "JRWPS", "modeGiven": "JRWPS"}
    assert {uid: but(each) for uid, each in box.told().items()} == {BOB: {**expected, **modes}}
    await stage.actor(CAROL).say(sub={"topic": name})
    told = {uid: but(each) for uid, each in box.told().items()}
    joined = {**expected, **modes, "xfrom": CAROL}
    assert told == {ALICE: joined, BOB: joined, CAROL: joined}


async def test_notes_to_oneself_tell_nobody(stage: Stage, alice: Actor) -> None:
    box = await push_to(stage, ALICE)
    await alice.say(sub={"topic": "slf"})
    await alice.say(pub={"topic": "slf", "content": "milk"})
    assert box.told() == {}


async def test_odd_content_is_told_without_words(cast: Cast, box: PushBox) -> None:
    """D13b and 07-13: what cannot be converted falls back to the bare notice."""
    for odd in (12, {"fmt": [{"len": 9, "tp": "ST"}]}, [1], {"txt": "a", "fmt": [{"at": -7}]}):
        await cast["a1"].say(pub={"topic": B, "content": odd})
        told = box.told()[B]
        assert told["content"] == ""
        assert "rc" not in told


async def test_a_call(open_stage: Open) -> None:
    """S38: in silence, and nobody wants to know of it later (TTL)."""
    servers: tuple[dict[str, object], ...] = ({"urls": ["stun:stun.example.com"]},)
    stage = await open_stage(Limits(ice_servers=servers, call_timeout_s=30))
    alice = stage.actor(ALICE)
    await alice.say(sub={"topic": BOB})
    box = await push_to(stage, BOB)
    head = {"webrtc": "started", "aonly": True, "mime": "text/x-drafty"}
    content = {"txt": " ", "fmt": [{"len": 1}], "ent": [{"tp": "VC"}]}
    await alice.say(pub={"topic": BOB, "head": head, "content": content})
    assert box.letters[0].left_s == 30
    told = but(box.told()[BOB], "rc", "mime")
    assert told == {
        "what": "msg",
        "topic": ALICE,
        "xfrom": ALICE,
        "seq": "1",
        "content": "[CALL]",
        "webrtc": "started",
        "aonly": "true",
        "silent": "true",
    }
    await alice.say(note={"topic": BOB, "what": "call", "event": "hang-up", "seq": 1})
    assert box.letters[0].left_s == 3600
    assert box.told()[BOB]["webrtc"] == "missed"


async def test_messages_that_a_crash_kept_from_devices(stage: Stage, alice: Actor) -> None:
    """D13: whoever has not read them is told when the server is back, and only once."""
    await alice.say(sub={"topic": BOB})
    for uid in (ALICE, BOB):
        await stage.actor(uid).say(sub={"topic": BOB if uid == ALICE else ALICE})
    box = await push_to(stage, ALICE, BOB)
    await alice.say(pub={"topic": BOB, "content": "told"})
    box.told()
    stage.hub.pushes.on = False  # the server ends before it comes to pushes
    await alice.say(pub={"topic": BOB, "content": "one"})
    await alice.say(pub={"topic": BOB, "content": "two"})
    back = await push_to(stage)
    await push.make_up(stage.hub)
    stage.hub.topics[ids.p2p_name(ALICE, BOB)].forget_state()
    stage.db.silent = 1  # the first attempt fails
    await stage.quiet()
    assert back.letters == []
    await alice.say(pub={"topic": BOB, "content": "three"})
    assert [letter.push.data["content"] for letter in back.letters] == ["three"] * 2
    back.told()
    await stage.elapse(push.RETRY_S)
    assert {letter.push.data["content"] for letter in back.letters} == {"one", "two"}
    assert len(back.letters) == 2
    assert {target.uid for target in back.targets()} == {BOB}
    back.told()
    await stage.elapse(push.RETRY_S)
    assert back.told() == {}
    assert box.told() == {}


async def test_a_message_that_was_stored_unseen(stage: Stage, alice: Actor) -> None:
    """D13: the store does not say whether it is done; it is, and devices are told once."""
    await alice.say(sub={"topic": BOB})
    box = await push_to(stage, BOB)
    stage.db.moods = ["unsure", "lost"]
    assert await alice.ask(pub={"topic": BOB, "content": "hm"}) == (503, None)
    await alice.say(leave={"topic": BOB})
    await stage.elapse(5)
    assert [letter.push.data["content"] for letter in box.letters] == ["hm"]
