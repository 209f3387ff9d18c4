"""Messages and topics, as handlers see them."""

from typing import Any

import pytest

from chinwag.bots import Bot
from chinwag.bots.messages import Message, Sent, Topic, kind_of
from chinwag.bots.packets import Data
from chinwag.bots.testing import BotTester


def message(content: Any = "x", **head: Any) -> Message:
    return Message(Topic(Bot(), "usrA"), Data("usrA", 3, "usrA", "2026-01-01", head, content))


@pytest.mark.parametrize(
    ("topic", "kind"),
    [("usrA", "p2p"), ("grpA", "group"), ("chnA", "channel"), ("slf", "self"), ("sys", "other")],
)
def test_names_tell_what_a_topic_is(topic: str, kind: str) -> None:
    assert kind_of(topic) == kind


def test_a_message_tells_what_it_is() -> None:
    said = message({"txt": "a b", "fmt": [{"at": 1, "len": 1, "tp": "BR"}]}, auto=True)
    assert (said.text, said.seq, said.sender, said.sent_at) == ("a\nb", 3, "usrA", "2026-01-01")
    assert said.is_automatic
    assert said.content["txt"] == "a b"
    assert repr(said) == "Message(usrA, 3)"


@pytest.mark.parametrize(
    ("replace", "seq"), [(":12", 12), ("12", 12), (":x", None), (12, None), (None, None)]
)
def test_a_new_version_tells_which_message_it_replaces(replace: object, seq: int | None) -> None:
    assert message(replace=replace).replaces == seq


async def test_a_bot_edits_what_it_has_said(bot: Bot) -> None:
    @bot.message()
    async def think(message: Message) -> None:
        await message.typing()
        sent = await message.reply("hm …")
        await sent.edit("42")

    async with BotTester(bot) as tester:
        await tester.say("?")
        first = await tester.reply()
        second = await tester.reply()
        assert (first, second) == ("hm …", "42")
        assert second.head["replace"] == f":{first.seq}"
        assert first.head["auto"] is True


def test_what_was_sent_is_shown_briefly() -> None:
    topic = Topic(Bot(), "grpA")
    assert repr(Sent(topic, 3)) == "Sent(grpA, 3)"
    assert repr(topic) == "Topic(grpA)"
