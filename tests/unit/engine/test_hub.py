"""Topics are made when somebody speaks to them and forgotten when nobody does."""

import pytest

from chinwag.core import ids
from chinwag.core.presence import News
from chinwag.engine import topic as topics
from chinwag.engine.topic import IDLE_S, Sleep
from stage import ALICE, BOB, Actor, Stage, new_group


async def test_a_topic_nobody_attaches_to_is_forgotten(stage: Stage, alice: Actor) -> None:
    group = await new_group(alice)
    await alice.say(get={"topic": BOB, "what": "desc"})
    assert ids.p2p_name(ALICE, BOB) not in stage.hub.topics
    assert group in stage.hub.topics


async def test_news_for_a_sleeping_topic_is_nobodys(stage: Stage, alice: Actor) -> None:
    """Clients resynchronise when they attach. Source: specification 03, paragraph 1.1."""
    stage.hub.tell(ALICE, News(what="msg", src="grpAAAAAAAAAAA"))
    assert not stage.hub.hears(ALICE)
    assert ALICE not in stage.hub.topics
    await alice.say(sub={"topic": "me"})
    assert stage.hub.hears(ALICE)
    alice.news()
    stage.hub.tell(ALICE, News(what="msg", src="grpAAAAAAAAAAA", seq=3))
    await stage.quiet()
    assert alice.news() == [{"topic": "me", "what": "msg", "src": "grpAAAAAAAAAAA", "seq": 3}]


async def test_news_reach_who_is_attached_though_the_state_was_forgotten(
    stage: Stage, alice: Actor
) -> None:
    """After a failure of the store `me` knew nobody until somebody asked it something."""
    await alice.say(sub={"topic": "me"})
    alice.news()
    stage.hub.topics[ALICE].forget_state()
    stage.hub.tell(ALICE, News(what="msg", src="grpAAAAAAAAAAA", seq=3))
    await stage.quiet()
    assert [news["what"] for news in alice.news()] == ["msg"]


async def test_news_for_those_elsewhere_are_nobodys_where_all_are_here(
    stage: Stage, alice: Actor
) -> None:
    """A message is not told on `me` to sessions that get it. 03 §7.5, E1."""
    other = stage.actor(ALICE)
    group = await new_group(alice)
    await alice.say(sub={"topic": "me"})
    assert stage.hub.hears(ALICE)
    assert not stage.hub.hears(ALICE, group)
    assert stage.hub.hears(ALICE, "grpAAAAAAAAAAA")
    await other.say(sub={"topic": "me"})
    assert stage.hub.hears(ALICE, group)


async def test_who_is_just_coming_is_told_what_happens_meanwhile(
    stage: Stage, alice: Actor
) -> None:
    """It may have read already how many messages there are."""
    group = await new_group(alice)
    await alice.say(sub={"topic": "me"})
    coming = stage.actor(ALICE)
    stage.hub.post(coming.request(sub={"topic": "me"}))
    assert stage.hub.hears(ALICE, group)
    await alice.say(pub={"topic": group, "content": "hi"})
    assert [news["seq"] for news in coming.news() if news["what"] == "msg"] == [1]


async def test_who_is_online(stage: Stage, alice: Actor) -> None:
    assert not stage.hub.online(ALICE)
    await alice.say(sub={"topic": "me"})
    assert stage.hub.online(ALICE)


async def test_a_stopping_server_refuses_what_comes_now(stage: Stage, alice: Actor) -> None:
    stage.hub.stopping = True
    assert (await alice.ask(sub={"topic": "me"}))[0] == 503


async def test_only_the_actor_itself_is_forgotten(stage: Stage, alice: Actor) -> None:
    group = await new_group(alice)
    topic = stage.hub.topics.pop(group)
    other = stage.hub.topic(group)
    stage.hub.forget(topic)
    assert stage.hub.topics[group] is other
    stage.hub.topics[group] = topic


async def test_a_full_mailbox_is_said_to_be_full(
    stage: Stage, alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEFECT-33: 03 §1.3, first row."""
    name = await new_group(alice)
    monkeypatch.setattr(topics, "MAILBOX_MAX", 2)
    alice.heard.clear()
    for n in range(4):
        stage.hub.post(alice.request(pub={"id": f"{n}", "topic": name, "content": n}))
    assert [m["ctrl"]["code"] for m in alice.heard] == [503, 503]
    await stage.quiet()
    assert [m["ctrl"]["code"] for m in alice.heard if "ctrl" in m] == [503, 503, 202, 202]


async def test_a_busy_topic_loses_no_news(stage: Stage, alice: Actor) -> None:
    """DEFECT D04: at most 64 were kept, and contacts looked wrong until the next log-in."""
    await alice.say(sub={"topic": "me"})
    alice.heard.clear()
    stage.hub.post(alice.request(get={"topic": "me", "what": "sub"}))
    for n in range(1000):
        stage.hub.tell(ALICE, News(what="msg", src="x", seq=n + 1))
    await stage.quiet()
    assert [m["pres"]["seq"] for m in alice.heard if "pres" in m] == list(range(1, 1001))


async def test_a_topic_that_is_going_to_sleep_lets_people_in(stage: Stage, alice: Actor) -> None:
    """DEFECT D09: a session could be attached and detached again in silence."""
    name = await new_group(alice)
    await alice.say(leave={"topic": name})
    topic = stage.hub.topics[name]
    alice.heard.clear()
    for first, second in ((Sleep(), alice), (alice, Sleep())):
        for item in (first, second):
            sub = alice.request(sub={"topic": name})
            assert topic.post(sub if isinstance(item, Actor) else item)
        await stage.quiet()
        assert list(topic.attached) == [alice]
        assert alice.heard[-1]["ctrl"]["code"] == 200
        assert stage.hub.topics[name] is topic
        await alice.say(leave={"topic": name})


async def test_news_does_not_keep_a_topic_awake(stage: Stage, alice: Actor) -> None:
    """A user and a group that falls asleep with the last member: who goes says `off` in time."""
    bob = stage.actor(BOB)
    await alice.say(sub={"topic": BOB})
    for actor in (alice, bob):
        await actor.say(sub={"topic": "me"})
    await alice.say(leave={"topic": "me"})
    bob.news()
    own = stage.hub.topics[ALICE]
    own.post(Sleep())
    own.post(News(what="off", src=BOB, origin=BOB))
    await stage.quiet()
    assert not own.awake
    assert [pres["what"] for pres in bob.news()] == ["off"]


async def test_two_devices_may_come_at_once(stage: Stage, alice: Actor) -> None:
    """DEFECT D09: the second one was refused while the topic was loading."""
    name = await new_group(alice)
    await alice.say(leave={"topic": name})
    await stage.elapse(IDLE_S)
    devices = [stage.actor(ALICE) for _ in range(3)]
    for device in devices:
        stage.hub.post(device.request(sub={"topic": name}))
    await stage.quiet()
    assert [device.heard[0]["ctrl"]["code"] for device in devices] == [200, 200, 200]


def test_who_is_in_which_calls(stage: Stage) -> None:
    """DEFECT D10b."""
    hub = stage.hub
    hub.engage("a", "p2pOne")
    hub.engage("a", "p2pTwo")
    hub.disengage("a", "p2pOne")
    hub.disengage("b", "p2pOne")
    assert hub.engaged == {"a": {"p2pTwo"}}
    hub.disengage("a", "p2pTwo")
    assert hub.engaged == {}
