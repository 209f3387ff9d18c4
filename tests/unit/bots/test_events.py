"""What handlers may name."""

from chinwag.bots import Bot
from chinwag.bots.events import MESSAGE, Event
from chinwag.bots.messages import Topic
from chinwag.bots.state import State


def test_what_is_found_goes_before_what_is_provided() -> None:
    bot = Bot()
    event = Event(MESSAGE, bot, Topic(bot, "grpA"), "usrA", State("k", None), State("s", None))
    event.provided["args"] = event.provided["db"] = "provided"
    event.found["db"] = "found"
    words = event.words()
    assert words["db"] == "found"
    assert words["args"] == []  # the words of the SDK are its own
    assert words["bot"] is bot
    assert words["log"].extra == {"topic": "grpA", "sender": "usrA"}
