"""What the token of a bot is good for."""

from typing import Any

import pytest

from chinwag.core import ids, scope
from chinwag.core.errors import Refused
from chinwag.core.scope import Scope, Topics
from chinwag.wire import codec, ctrl

BOT, ANN, BEN = (ids.uid_text(n) for n in (1, 2, 3))
TEA, COFFEE = ids.grp_name(7), ids.grp_name(8)


def passes(bounds: Scope, **said: Any) -> bool:
    """Whether a packet passes."""
    packet = codec.decode(codec.encode_value(said)).packet
    assert packet is not None
    try:
        bounds.check(packet, getattr(packet, "topic", ""), BOT)
    except Refused as refused:
        return refused.reply != ctrl.PERMISSION_DENIED
    return True


def bounds(*words: str) -> Scope:
    """A scope of these topics."""
    return Scope("t", scope.topics(list(words)))


def test_a_bot_touches_the_topics_that_are_named() -> None:
    tea = bounds(TEA, ANN)
    for topic, may in ((TEA, True), (ids.chn_of(TEA), True), (ANN, True)):
        assert passes(tea, pub={"topic": topic, "content": 1}) is may
    for topic in (COFFEE, BEN, "fnd", "slf", "sys", "new1", "nch1"):
        for said in ({"sub": {"topic": topic}}, {"get": {"topic": topic, "what": "desc"}}):
            assert not passes(tea, **said), said


@pytest.mark.parametrize(
    ("word", "topic"),
    [("grp", COFFEE), ("p2p", BEN), ("fnd", "fnd"), ("sys", "sys"), ("new", "new1")],
)
def test_a_word_stands_for_all_of_a_kind(word: str, topic: str) -> None:
    assert passes(bounds(word), sub={"topic": topic})
    assert not passes(bounds("slf"), sub={"topic": topic})
    assert passes(bounds(), sub={"topic": topic})


def test_its_own_me_is_always_open() -> None:
    for said in (
        {"sub": {"topic": "me"}},
        {"get": {"topic": "me", "what": "sub"}},
        {"set": {"topic": "me", "desc": {"public": {"fn": "x"}}}},
        {"leave": {"topic": "me"}},
        {"hi": {"ver": "0.25"}},
    ):
        assert passes(bounds(TEA), **said)


@pytest.mark.parametrize("open_to", [(), (TEA,)])
def test_nothing_it_could_be_outlived_by(open_to: tuple[str, ...]) -> None:
    for said in (
        {"acc": {"user": "", "scheme": "basic", "secret": "eDp5"}},
        {"acc": {"user": "new1", "scheme": "basic", "secret": "eDp5"}},
        {"set": {"topic": "me", "cred": {"meth": "email", "val": "a@b.example"}}},
        {"del": {"topic": "me", "what": "cred", "cred": {"meth": "email", "val": "a@b.example"}}},
        {"del": {"what": "user"}},
        {"pub": {"topic": "me", "content": 1}},
    ):
        assert not passes(bounds(*open_to), **said), said


def test_names_that_lead_nowhere_are_refused_elsewhere() -> None:
    assert passes(bounds(TEA), sub={"topic": "xyz"})


def test_which_topics_are_covered() -> None:
    pair = ids.p2p_name(ANN, BEN)
    assert Topics().cover(pair)
    assert scope.topics([ANN]).cover(pair)
    assert scope.topics([ANN]).cover(pair, BEN)
    assert not scope.topics([ANN]).cover(pair, ANN)
    assert not scope.topics([BOT]).cover(pair)
    assert scope.topics([ids.chn_of(TEA)]).cover(TEA)


@pytest.mark.parametrize("word", ["", "tea", "grp", "grpx", "usr", "usrx", "p2pAAAA", "me"])
def test_words_that_name_no_topic(word: str) -> None:
    if word == "grp":
        assert scope.topics([word]).names == {"grp"}
        return
    with pytest.raises(ValueError, match="is no topic"):
        scope.topics([word])


def test_only_messages_count() -> None:
    for said, count in (({"pub": {"topic": TEA, "content": 1}}, True), ({"hi": {}}, False)):
        packet = codec.decode(codec.encode_value(said)).packet
        assert packet is not None
        assert scope.counts(packet) is count
