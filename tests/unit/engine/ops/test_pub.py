"""{pub} as clients see it. Source: specification 03, paragraphs 3 and 13."""

from typing import Any

import pytest

from cast import A, B, Cast, data, pres, same
from chinwag.core import ids
from chinwag.core.ids import grp_of
from chinwag.core.limits import Limits
from chinwag.core.state import Level
from chinwag.store import messages, users
from chinwag.store.db import Tx
from stage import ALICE, BOB, Actor, Open, Stage, new_group

FROM_A = {"from": A}


async def test_without_echo(cast: Cast) -> None:
    """S01: the author's other devices hear it all the same, without `act` on `me`."""
    await cast.pair("a1 a2 a3 b1 b2")
    pub = {"id": "102", "topic": B, "noecho": True, "head": {"mime": "m"}, "content": {"txt": "hi"}}
    body = {"head": {"mime": "m"}, **FROM_A}
    same(
        await cast.say("a1", pub=pub),
        {
            "a1": [(202, {"seq": 1})],
            "a2": [pres("me", "msg", src=B, seq=1)],
            "a3": [data(B, 1, {"txt": "hi"}, **body)],
            "b1": [data(A, 1, {"txt": "hi"}, **body)],
            "b2": [pres("me", "msg", src=A, seq=1, act=A)],
        },
    )


async def test_with_echo_and_without_id(cast: Cast) -> None:
    """S02 and S03: first the answer, then the echo; no id, no answer."""
    await cast.pair("a1")
    heard = await cast.say("a1", pub={"id": "103", "topic": B, "content": "yo"})
    assert heard["a1"] == [(202, {"seq": 1}), data(B, 1, "yo", **FROM_A)]
    heard = await cast.say("a1", pub={"topic": B, "content": "no ack"})
    assert heard["a1"] == [data(B, 2, "no ack", **FROM_A)]


async def test_refusals(stage: Stage, alice: Actor, bob: Actor) -> None:
    """S04, S05 and 03 §3.2: a refusal is told even where no id was given."""
    name = await new_group(alice)
    assert await bob.ask(pub={"topic": name, "content": "x"}) == (409, None)
    await bob.say(sub={"topic": name, "set": {"sub": {"mode": "JRP"}}})
    assert await bob.ask(pub={"topic": name, "content": "x"}) == (403, None)
    await alice.say(sub={"topic": "me"})
    assert await alice.ask(pub={"topic": "me", "content": "x"}) == (403, None)
    nowhere = stage.actor(BOB)
    assert await nowhere.ask(pub={"topic": ALICE, "content": "x"}) == (409, None)


async def test_the_administrators(stage: Stage, bob: Actor) -> None:
    """S10: anybody, without being attached; root reads it."""
    root, elsewhere = stage.actor(ALICE, Level.ROOT), stage.actor(ALICE, Level.ROOT)
    await root.say(sub={"topic": "sys"})
    await elsewhere.say(sub={"topic": "me"})
    root.heard.clear()
    elsewhere.heard.clear()
    pub = {"id": "6", "topic": "sys", "content": {"txt": "abuse"}}
    assert await bob.ask(pub=pub) == (202, {"seq": 1})
    (message,) = root.heard
    assert (message["data"]["from"], message["data"]["topic"]) == (BOB, "sys")
    assert elsewhere.news() == [{"topic": "me", "src": "sys", "what": "msg", "seq": 1, "act": BOB}]


async def test_on_behalf_of_somebody(stage: Stage, alice: Actor, bob: Actor) -> None:
    """S08."""
    await bob.say(sub={"topic": ALICE})
    await alice.say(sub={"topic": BOB})
    root = stage.actor(ALICE, Level.ROOT)
    root.uid = "usrRoot"
    for packet in ({"sub": {"topic": BOB}}, {"pub": {"topic": BOB, "content": "bot"}}):
        root.uid = ALICE
        request = root.request(**packet)
        root.uid = "usrRoot"
        stage.hub.post(request)
        await stage.quiet()
    message = bob.heard[-1]["data"]
    assert (message["from"], message["head"]) == (ALICE, {"sender": "usrRoot"})


async def test_a_member_may_call_a_channel_by_its_other_name(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """03 §3.2, QUIRK; §2: readers see no names."""
    name = await new_group(alice, "nch1")
    channel = "chn" + name[3:]
    await bob.say(sub={"topic": channel})
    assert await bob.ask(pub={"topic": channel, "content": "x"}) == (403, None)
    bob.heard.clear()
    assert await alice.ask(pub={"id": "1", "topic": channel, "content": "x"}) == (202, {"seq": 1})
    message = bob.heard[-1]["data"]
    assert message["topic"] == channel
    assert "from" not in message
    assert alice.heard[-1]["data"]["topic"] == name
    assert grp_of(channel) == name


async def test_an_unknown_file_is_no_reason_to_lose_a_message(alice: Actor) -> None:
    """DEFECT D02: it was stored and answered with 500, and then blocked the topic."""
    await alice.say(sub={"topic": BOB})
    pub = {"id": "1", "topic": BOB, "noecho": True, "content": "look"}
    answer = await alice.say(files=("nosuchfile1",), pub=pub)
    assert answer[0]["ctrl"]["code"] == 202
    assert await alice.ask(pub={"id": "2", "topic": BOB, "content": "x"}) == (202, {"seq": 2})


async def test_a_failed_commit_uses_up_no_number(cast: Cast) -> None:
    """S05, DEFECT D02: nothing is heard of it, and the next message gets its number."""
    await cast.pair("a1 b1 b2")
    cast.stage.db.moods = ["lost"]
    pub = {"id": "9", "topic": B, "content": "x"}
    assert await cast.say("a1", pub=pub) == {"a1": [503]}
    assert (await cast.say("a1", pub=pub))["a1"][0] == (202, {"seq": 1})


@pytest.mark.parametrize("topic", [BOB, "grp"])
async def test_nothing_is_said_where_the_topic_has_ended(
    stage: Stage, alice: Actor, bob: Actor, topic: str
) -> None:
    """A message was accepted behind the end of an account, before the topic had heard of it."""
    name = await new_group(alice) if topic == "grp" else BOB
    await alice.say(sub={"topic": name})
    await stage.db.run(users.delete, ALICE, hard=False, now_ms=stage.now())
    answers = await alice.say(pub={"topic": name, "content": "x"})
    assert [answer["ctrl"]["code"] for answer in answers] == [205, 409]
    assert await stage.db.read(messages.at, ids.route(name, ALICE), 1) is None


async def test_what_somebody_else_stored_meanwhile_is_seen(cast: Cast) -> None:
    """03 §3.4, required sequence: on a collision the newest number is read again, once."""
    await cast.pair("a1 b1")
    await cast.say("a1", pub={"id": "1", "topic": B, "content": "one"})
    topic = cast.stage.hub.topics[cast.topic]
    assert topic.state is not None
    topic.state.seq = 0
    heard = await cast.say("a1", pub={"id": "2", "topic": B, "content": "two"})
    assert heard["a1"][1:] == [(202, {"seq": 2}), data(B, 2, "two", **FROM_A)]


async def test_a_message_to_the_administrators_is_stored_or_refused(
    stage: Stage, bob: Actor
) -> None:
    """DEFECT D07: it was accepted and thrown away where the topic was not running."""
    stage.db.moods = ["lost"]
    pub = {"id": "1", "topic": "sys", "content": "abuse"}
    assert await bob.ask(pub=pub) == (503, None)
    assert await bob.ask(pub=pub) == (202, {"seq": 1})


async def test_what_one_session_says_is_served_in_its_order(stage: Stage, alice: Actor) -> None:
    """DEFECT D06: a message, the history with it, and the end of the attachment."""
    name = await new_group(alice)
    alice.heard.clear()
    for packet in (
        {"pub": {"id": "1", "topic": name, "content": "x"}},
        {"get": {"id": "2", "topic": name, "what": "data"}},
        {"pub": {"id": "3", "topic": name, "content": "y"}},
        {"leave": {"id": "4", "topic": name}},
        {"pub": {"id": "5", "topic": name, "content": "z"}},
    ):
        stage.hub.post(alice.request(**packet))
    await stage.quiet()
    said = [
        (kind, body.get("id", body.get("content"))) for m in alice.heard for kind, body in m.items()
    ]
    assert said == [
        ("ctrl", "1"),
        ("data", "x"),
        ("data", "x"),
        ("ctrl", "2"),
        ("ctrl", "3"),
        ("data", "y"),
        ("ctrl", "4"),
        ("ctrl", "5"),
    ]


# --- answers of the store that get lost ------------------------------------------------------


async def contents(actor: Actor, group: str) -> list[str]:
    """What history holds, oldest first."""
    await actor.say(get={"topic": group, "what": "desc"})  # what was missed comes before this
    answer = await actor.say(get={"topic": group, "what": "data"})
    return [m["data"]["content"] for m in answer if "data" in m][::-1]


async def test_an_unanswered_commit_is_asked_about(stage: Stage, alice: Actor) -> None:
    group = await new_group(alice)
    stage.db.moods = ["unsure"]
    code, params = await alice.ask(pub={"id": "1", "topic": group, "content": "one"})
    assert (code, params) == (202, {"seq": 1})
    stage.db.moods = ["lost"]
    assert (await alice.ask(pub={"id": "2", "topic": group, "content": "two"}))[0] == 503
    code, params = await alice.ask(pub={"id": "3", "topic": group, "content": "three"})
    assert (code, params) == (202, {"seq": 2})
    assert await contents(alice, group) == ["one", "three"]


async def test_a_message_is_not_stored_twice_because_the_question_failed(
    stage: Stage, alice: Actor
) -> None:
    """Found by simulation: a Conflict of the question was taken for one of the message."""
    group = await new_group(alice)
    stage.db.moods = ["unsure", "conflict"]
    assert (await alice.ask(pub={"id": "1", "topic": group, "content": "one"}))[0] == 503
    assert await contents(alice, group) == ["one"]


async def test_a_conflict_is_no_fault_of_the_server(stage: Stage, alice: Actor) -> None:
    """It was refused as an internal error; nothing was done, so it may be tried again."""
    group = await new_group(alice)
    stage.db.moods = ["conflict"]
    assert (await alice.ask(set={"topic": group, "aux": {"pins": [1]}}))[0] == 503


async def test_everybody_gets_the_name_by_which_they_know_the_topic(
    alice: Actor, bob: Actor
) -> None:
    """Once {data} of a group bore the name its author had used, though it may be `chn…`."""
    group = await new_group(alice)
    await bob.say(sub={"topic": group})
    await alice.say(pub={"topic": "chn" + group[3:], "content": "one"})
    assert [m["data"]["topic"] for m in bob.heard if "data" in m] == [group]


# --- messages that come again ---------------------------------------------------------------


async def said(actor: Actor, peer: str) -> list[Any]:
    """What is stored, oldest first."""
    answer = await actor.say(get={"topic": peer, "what": "data"})
    return [m["data"]["content"] for m in reversed(answer) if "data" in m]


async def test_a_message_that_comes_again_is_answered_again(cast: Cast) -> None:
    """DEFECT D01: the same answer to the bit; nobody else hears of it."""
    await cast.pair("a1 b1 b2")
    pub = {"id": "5", "topic": B, "content": "ok"}
    (first, _) = await cast["a1"].say(pub=pub)
    cast.heard()
    assert await cast["a1"].say(pub=pub) == [first]
    assert list(cast.heard()) == ["a1"]
    again = cast.stage.actor(A)  # the connection was lost, and the client is back
    await again.say(sub={"topic": B})
    assert await again.say(pub=pub) == [first]
    assert await said(again, B) == ["ok"]


async def test_who_says_ok_twice_is_heard_twice(cast: Cast) -> None:
    """DEFECT D01: other ids, other contents, other people, other topics."""
    await cast.pair("a1 b1")
    for name, peer, pub_id, content in (
        ("a1", B, "5", "ok"),
        ("a1", B, "6", "ok"),
        ("a1", B, "5", "okay"),
        ("b1", A, "5", "ok"),
    ):
        await cast.say(name, pub={"id": pub_id, "topic": peer, "content": content})
    for _ in range(2):
        await cast.say("a1", pub={"topic": B, "content": "ok"})
    assert await said(cast["b1"], A) == ["ok", "ok", "okay", "ok", "ok", "ok"]
    await cast["a1"].say(sub={"topic": "slf"})
    assert await cast["a1"].ask(pub={"id": "5", "topic": "slf", "content": "ok"}) == (
        202,
        {"seq": 1},
    )


async def test_a_conversation_may_go_on_in_the_same_words(cast: Cast) -> None:
    """Simple programs use one id for everything; their second message got lost once."""
    await cast.pair("a1 b1")
    for seq in range(1, 7):
        name, peer = ("a1", B) if seq % 2 else ("b1", A)
        heard = await cast.say(name, pub={"id": "x", "topic": peer, "content": "ok"})
        assert (202, {"seq": seq}) in heard[name]
    again = cast.stage.actor(B)
    await again.say(sub={"topic": A})
    pub = {"id": "x", "topic": A, "content": "ok"}
    assert await again.ask(pub=pub) == (202, {"seq": 6}), "the connection was lost: a repeat"


async def test_the_same_words_of_one_session_are_one_message(cast: Cast) -> None:
    """DEFECT D01: it was taken for a second one as soon as somebody else had spoken."""
    await cast.pair("a1 b1")
    pub = {"id": "5", "topic": B, "content": "ok"}
    first, other = cast["a1"].request(pub=pub), cast["b1"].request(pub={**pub, "topic": A})
    for request in (first, other, cast["a1"].request(pub=pub)):  # said before anything was heard
        cast.stage.hub.post(request)
    await cast.stage.quiet()
    cast.heard()
    cast.stage.clock.ms += 2000
    assert (await cast.say("a1", pub=pub))["a1"] == [(202, {"seq": 1})]  # it has waited in vain
    assert await said(cast["b1"], A) == ["ok", "ok"]


async def test_who_hears_nothing_answers_nobody(cast: Cast) -> None:
    """DEFECT D01: without the right to read the same words are not said anew."""
    await cast.pair("a1 b1")
    await cast.say("a1", set={"topic": B, "sub": {"mode": "JWPS"}})
    pub = {"id": "x", "content": "ok"}
    await cast.say("a1", pub={**pub, "topic": B})
    await cast.say("b1", pub={**pub, "topic": A})
    assert (await cast.say("a1", pub={**pub, "topic": B}))["a1"] == [(202, {"seq": 1})]


async def test_it_is_known_after_the_topic_slept(cast: Cast) -> None:
    """DEFECT D01: persisted with the message."""
    await cast.pair("a1 b1")
    pub = {"id": "5", "topic": B, "content": "ok"}
    await cast.say("a1", pub=pub)
    cast.stage.hub.topics[cast.topic].forget_state()
    assert (await cast.say("a1", pub=pub))["a1"] == [(202, {"seq": 1})]
    cast.stage.clock.ms += 3_600_000
    cast.stage.hub.topics[cast.topic].forget_state()
    assert (await cast.say("a1", pub=pub))["a1"][0] == (202, {"seq": 2})
    cast.stage.clock.ms += 3_600_000
    assert (await cast.say("a1", pub=pub))["a1"][0] == (202, {"seq": 3})


async def test_both_copies_may_be_in_one_commit(cast: Cast) -> None:
    """DEFECT D01: a client that is in a hurry."""
    await cast.pair("a1 b1")
    for _ in range(2):
        cast.stage.hub.post(
            cast["a1"].request(pub={"id": "5", "topic": B, "content": "ok", "noecho": True})
        )
    await cast.stage.quiet()
    heard = cast.heard()
    assert heard["a1"] == [(202, {"seq": 1})] * 2
    assert heard["b1"] == [data(A, 1, "ok", **FROM_A)]


async def test_a_lost_commit_is_known_again(cast: Cast) -> None:
    """DEFECT D01: stored, though the store could not even say so when it was asked."""
    await cast.pair("a1 b1")
    cast.stage.db.moods = ["unsure", "lost"]
    pub = {"id": "5", "topic": B, "content": "ok"}
    assert await cast.say("a1", pub=pub) == {"a1": [503]}
    heard = await cast.say("a1", pub=pub)
    assert heard["a1"] == [data(B, 1, "ok", **FROM_A), (202, {"seq": 1})]  # found by loading again
    assert await said(cast["b1"], A) == ["ok"]


async def test_a_call_that_is_started_again_is_not_busy(stage: Stage, open_stage: Open) -> None:
    """DEFECT D01: the answer to the start of a call may get lost as well."""
    servers: tuple[dict[str, object], ...] = ({"urls": []},)
    alice = (await open_stage(Limits(ice_servers=servers))).actor(ALICE)
    await alice.say(sub={"topic": BOB})
    pub = {"id": "5", "topic": BOB, "head": {"webrtc": "started"}}
    assert [await alice.ask(pub=pub) for _ in range(2)] == [(202, {"seq": 1})] * 2


async def test_two_copies_with_a_name_are_one_where_nothing_else_is_known(
    stage: Stage, open_stage: Open
) -> None:
    """DEFECT D01: they were refused both when they were committed together."""
    stage = await open_stage(Limits(resend_window_s=0))
    alice = stage.actor(ALICE)
    await alice.say(sub={"topic": "slf"})
    pub = {"topic": "slf", "content": "ok", "head": {"x-once": "7f3a"}, "noecho": True}
    for _ in range(2):
        stage.hub.post(alice.request(pub={**pub, "id": "5"}))
    await stage.quiet()
    accepted = [m["ctrl"]["params"] for m in alice.heard if m["ctrl"]["code"] == 202]
    assert accepted == [{"seq": 1}] * 2


async def test_a_name_makes_messages_the_same_for_a_day(cast: Cast) -> None:
    """DEFECT D01: the head key, across sessions, restarts and ids."""
    await cast.pair("a1 b1")
    head = {"x-once": "7f3a"}

    async def publish(pub_id: str, content: str) -> Any:
        pub = {"id": pub_id, "topic": B, "content": content, "head": head, "noecho": True}
        return await cast["a1"].ask(pub=pub)

    assert await publish("1", "ok") == (202, {"seq": 1})
    for hours in (0, 2, 21.9):
        cast.stage.clock.ms += int(hours * 3_600_000)
        cast.stage.hub.topics[cast.topic].forget_state()
        assert await publish(f"{hours}", "changed") == (202, {"seq": 1})
    cast.stage.clock.ms += 3_600_000
    assert await publish("9", "ok") == (202, {"seq": 2})
    assert await publish("10", "ok") == (202, {"seq": 2}), "by its new message"


async def test_names_are_looked_up_where_one_has_come_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asking for each name cost more than storing its message."""
    looked: list[list[int]] = []
    once = messages.once

    def look(tx: Tx, topic: str, digests: list[int]) -> Any:
        looked.append(digests)
        return once(tx, topic, digests)

    monkeypatch.setattr(messages, "once", look)
    await cast.pair("a1 b1")

    async def publish(name: str) -> Any:
        head = {"x-once": name}
        pub = {"id": "5", "topic": B, "content": "ok", "head": head, "noecho": True}
        return await cast["a1"].ask(pub=pub)

    assert [await publish(name) for name in "abb"] == [(202, {"seq": n}) for n in (1, 2, 2)]
    assert not looked, "what was said lately is known"
    cast.stage.clock.ms += 2 * 3_600_000
    again = [(202, {"seq": n}) for n in (3, 1, 1, 4)]
    assert [await publish(name) for name in "caad"] == again
    assert len(looked) == 3, "from the one on that came again"
