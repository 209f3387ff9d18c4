"""One event, a frame for each view of it. Source: specification 03, paragraphs 2, 3.6 and 7.3."""

import json
from typing import Any

import pytest
from msgspec import Raw

from cast import A, B, C, Cast, D, pres, same
from chinwag.core import modes
from chinwag.core.presence import ACS
from chinwag.core.state import Message
from chinwag.engine import deliver
from chinwag.engine.deliver import Event, Volley
from chinwag.engine.topic import Topic
from chinwag.ports import Frame
from chinwag.wire.messages import Data, Info, SeqRange

MESSAGE = Data(topic="grpX", ts="T", seq=3, content=Raw(b'"hi"'), sender=A)


def topic_of(cast: Cast) -> Topic:
    """The topic of the scene."""
    return cast.stage.hub.topics[cast.topic]


def frames(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> dict[str, Frame]:
    """The last frame that each session is sent from now on."""
    sent: dict[str, Frame] = {}
    for name, actor in cast.sessions.items():
        monkeypatch.setattr(actor, "send", lambda frame, name=name: not sent.update({name: frame}))
    return sent


async def test_a_group_shares_one_frame(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is encoded once, however many hear it."""
    await cast.group("a1 b1 b3 c1 d1")
    topic = topic_of(cast)
    assert topic.state is not None
    sent = frames(cast, monkeypatch)
    Volley(topic, topic.state, [(MESSAGE, cast["b3"])]).give_all()
    assert sorted(sent) == ["a1", "b1", "c1", "d1"]
    assert len({id(frame) for frame in sent.values()}) == 1
    deliver.on_topic(topic, Event(what="upd", src=A))
    assert len({id(frame) for name, frame in sent.items() if name != "b3"}) == 1


async def test_parties_see_each_other_and_readers_nobody(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """03 §2, DEFECT D23: a frame for each party, and nobody else's changes it."""
    await cast.pair("a1 a3 b1 b3")
    topic = topic_of(cast)
    assert topic.state is not None
    sent = frames(cast, monkeypatch)
    Volley(topic, topic.state, [(MESSAGE, None)]).give_all()
    assert len({id(frame) for frame in sent.values()}) == 2
    views = {name: json.loads(frame.body)["data"]["topic"] for name, frame in sent.items()}
    assert views == {"a1": B, "a3": B, "b1": A, "b3": A}


async def test_who_is_answered_gets_first_what_came_before(cast: Cast) -> None:
    """A client that says several things at once hears answers and messages in their order."""
    await cast.group("a1 b1 b3")
    topic = topic_of(cast)
    for number, (name, noecho) in enumerate((("a1", False), ("b1", False), ("a1", True))):
        pub = {"id": f"{number}", "topic": cast.topic, "content": number, "noecho": noecho}
        cast.stage.hub.post(cast[name].request(pub=pub))
    await cast.stage.quiet()
    heard = {n: [_gist(m) for m in cast[n].heard[-9:]][-5:] for n in ("a1", "b1", "b3")}
    assert topic.state is not None
    assert heard["a1"][-4:] == ["202 1", "data 1", "data 2", "202 3"]
    assert heard["b1"][-4:] == ["data 1", "202 2", "data 2", "data 3"]
    assert heard["b3"][-3:] == ["data 1", "data 2", "data 3"]


def _gist(message: dict[str, Any]) -> str:
    """What a message is about, and its number."""
    if "data" in message:
        return f"data {message['data']['seq']}"
    ctrl = message.get("ctrl", {})
    return f"{ctrl.get('code')} {(ctrl.get('params') or {}).get('seq')}"


@pytest.mark.parametrize(
    ("view", "reader", "expected"),
    [
        ("", False, ("grpX", A)),
        ("grpX", False, ("grpX", A)),
        (B, False, (B, A)),
        ("chnX", True, ("chnX", None)),
    ],
)
def test_a_message_as_somebody_sees_it(view: str, reader: bool, expected: object) -> None:
    """03 §2 and 3.6."""
    body = json.loads(deliver.data_frame(MESSAGE, view, reader=reader).body)["data"]
    assert (body["topic"], body.get("from")) == expected
    assert (body["seq"], body["content"]) == (3, "hi")


STORED = Message(3, A, 1_700_000_000_123, None, b'"hi"')


def stored(message: Message, view: str = B, *, reader: bool = False) -> Frame:
    """How somebody sees a stored message."""
    return deliver.stored_frame(message, view, reader=reader)


def test_a_stored_message_as_somebody_sees_it() -> None:
    """03 §2 and 3.6; one that was erased has no content."""
    body = json.loads(stored(STORED._replace(head=b'{"mime":"x"}')).body)["data"]
    assert body == {
        "topic": B,
        "from": A,
        "seq": 3,
        "ts": "2023-11-14T22:13:20.123Z",
        "head": {"mime": "x"},
        "content": "hi",
    }
    assert "from" not in json.loads(stored(STORED, "chnX", reader=True).body)["data"]
    assert json.loads(stored(STORED._replace(content=None)).body)["data"]["content"] is None


def test_what_many_ask_for_is_made_once() -> None:
    """A message that was changed, or that somebody sees otherwise, is another one."""
    assert stored(STORED) is stored(Message(*STORED))
    others = [
        STORED._replace(seq=4),
        STORED._replace(sender=C),
        STORED._replace(ts_ms=1_700_000_000_124),
        STORED._replace(head=b'{"x":1}'),
        STORED._replace(content=b'"ho"'),
    ]
    bodies = {stored(each).body for each in others}
    bodies |= {stored(STORED, view).body for view in (C, "chnX")}
    bodies.add(stored(STORED, reader=True).body)
    assert len(bodies - {stored(STORED).body}) == len(others) + 3


def test_large_messages_are_not_kept() -> None:
    """What is kept takes some megabytes at most."""
    large = STORED._replace(content=b'"' + b"x" * deliver.KEPT_BYTES + b'"')
    assert stored(large) is not stored(large)
    assert stored(large).body == stored(large).body


async def heard_on_topic(cast: Cast, event: Event, **audience: Any) -> set[str]:
    """Which sessions hear of `event`."""
    deliver.on_topic(topic_of(cast), event, **audience)
    return set(cast.heard())


async def test_the_audience_on_the_topic(cast: Cast) -> None:
    """03 §7.3, T: P unless it is acs or gone, the bits, one user, all but one, one session."""
    await cast.group("a1 b1 b3 c1 d1")
    await cast.say("c1", set={"topic": cast.topic, "sub": {"mode": "JRWS"}})
    plain = Event(what="on", src=A)
    assert await heard_on_topic(cast, plain) == {"a1", "b1", "b3", "d1"}
    assert await heard_on_topic(cast, Event(what=ACS)) == {"a1", "b1", "b3", "c1", "d1"}
    need = modes.SHARER
    assert await heard_on_topic(cast, plain, need=need) == {"a1", "b1", "b3"}
    assert await heard_on_topic(cast, Event(what=ACS), need=need) == {"a1", "b1", "b3", "c1"}
    assert await heard_on_topic(cast, plain, single=B) == {"b1", "b3"}
    assert await heard_on_topic(cast, plain, excl=B) == {"a1", "d1"}
    assert await heard_on_topic(cast, plain, skip=cast["b1"]) == {"a1", "b3", "d1"}


async def test_readers_hear_only_what_is_meant_for_them(cast: Cast) -> None:
    """DEFECT D30: and then without anybody's id."""
    await cast.group("a1", channel=True)
    channel = "chn" + cast.topic[3:]
    await cast.enter("e4")
    await cast["e4"].say(sub={"topic": channel})
    cast.heard()
    event = Event(what="del", src=A, act=B, tgt=C, clear=7, delseq=(SeqRange(low=3, hi=5),))
    assert await heard_on_topic(cast, event) == {"a1"}
    deliver.on_topic(topic_of(cast), event, readers=True)
    delseq = [{"low": 3, "hi": 5}]
    same(
        cast.heard(),
        {
            "a1": [pres(cast.topic, "del", src=A, act=B, tgt=C, clear=7, delseq=delseq)],
            "e4": [pres(channel, "del", clear=7, delseq=delseq)],
        },
    )


async def test_what_goes_without_saying_is_not_said(cast: Cast) -> None:
    """03 §7.2: on the topic `act` and `tgt` where they equal `src`, on `me` where one is it."""
    await cast.group("a1 b2")
    topic = topic_of(cast)
    deliver.on_topic(topic, Event(what=ACS, src=A, act=A, tgt=A))
    assert cast.heard() == {"a1": [pres(cast.topic, ACS, src=A)]}
    deliver.to_user(topic, B, Event(what=ACS, act=B, tgt=B))
    assert cast.heard() == {"b2": [pres("me", ACS, src=cast.topic)]}
    deliver.to_user(topic, B, Event(what=ACS, act=A, tgt=C))
    assert cast.heard() == {"b2": [pres("me", ACS, src=cast.topic, act=A, tgt=C)]}


async def test_the_audience_on_me(cast: Cast) -> None:
    """03 §7.3, M*: by permission, all but one, one session, only those who are elsewhere."""
    await cast.group("a1 a2 b1 b2 c2 d2")
    await cast.enter("c1")
    await cast.say("c1", set={"topic": cast.topic, "sub": {"mode": "JWS"}})
    await cast.say("c1", leave={"topic": cast.topic})
    topic = topic_of(cast)

    def heard(what: str, **audience: Any) -> set[str]:
        deliver.to_members(topic, Event(what=what), **audience)
        return set(cast.heard())

    assert heard("msg", need=modes.R) == {"a1", "a2", "b1", "b2", "d2"}
    assert heard("msg", need=modes.R, detached=True) == {"a2", "b2", "d2"}
    assert heard("msg", need=modes.R, excl=A) == {"b1", "b2", "d2"}
    assert heard("msg", need=modes.R, skip=cast["b2"]) == {"a1", "a2", "b1", "d2"}
    assert heard(ACS) == {"a1", "a2", "b1", "b2", "c1", "c2", "d2"}
    assert heard("upd", need=modes.J) == heard(ACS)


async def test_a_topic_that_has_forgotten_everything_says_nothing(cast: Cast) -> None:
    """Until it is loaded again nobody's rights are known."""
    await cast.group("a1 b2")
    topic = topic_of(cast)
    topic.forget_state()
    deliver.on_topic(topic, Event(what="on", src=A))
    deliver.to_members(topic, Event(what="on"))
    deliver.info(topic, Info(topic="", what="kp", sender=D), cast["a1"])
    deliver.info_here(topic, Info(topic="", what="kp", sender=D))
    assert cast.heard() == {}


async def test_members_who_have_left_a_conversation_hear_nothing(cast: Cast) -> None:
    """03 §3.7: though their record is kept."""
    await cast.pair("a1 b1 b2")
    await cast.say("b1", leave={"topic": A, "unsub": True})
    deliver.to_members(topic_of(cast), Event(what="msg", seq=1, act=A), need=modes.R)
    assert set(cast.heard()) <= {"a1"}
