"""Outgoing webhooks: told in order, at least once, whatever the other side does."""

import asyncio
import json
from typing import Any

import pytest

from chinwag.core import backoff, ids
from chinwag.core.scope import topics
from chinwag.core.state import Message
from chinwag.engine import feeds
from chinwag.engine.feeds import Feeds, event, secret_of
from chinwag.ports_webhooks import Fate, Telling, Told
from chinwag.store import hooks_out
from chinwag.store.hooks_out import PORTION, HookOut
from stage import BOB, CAROL, Actor, Stage, new_group

HOUR_S = 3600


class Ear:
    """A program that remembers what it was told, and fails as it is told to."""

    def __init__(self) -> None:
        self.told: list[Telling] = []
        self.moods: list[Told] = []  # of the next times
        self.deaf: set[str] = set()  # topics of which it takes nothing
        self.hangs: asyncio.Event | None = None

    async def tell(self, telling: Telling) -> Told:
        """Take it, if the mood is good."""
        if self.hangs is not None:
            await self.hangs.wait()
        mood = self.moods.pop(0) if self.moods else Told(Fate.TOLD)
        if telling.id.split(".")[1] in self.deaf:
            mood = LATER
        if mood.fate is Fate.TOLD:
            self.told.append(telling)
        return mood

    async def close(self) -> None:
        """Nothing is open."""

    def heard(self) -> list[tuple[str, int]]:
        """Topics and numbers, in the order in which they were told."""
        bodies = [json.loads(each.body) for each in self.told]
        return [(body["topic"], body["seq"]) for body in bodies]

    def seqs(self) -> list[int]:
        """The numbers alone."""
        return [seq for _, seq in self.heard()]


LATER = Told(Fate.LATER, "no answer")


@pytest.fixture
def ear(stage: Stage) -> Ear:
    """Who is told by all webhooks of the stage."""
    made = Ear()
    object.__setattr__(stage.services, "teller", made)
    stage.hub.feeds = Feeds(stage.services)
    return made


async def hook(stage: Stage, *words: str, id: str = "h1") -> HookOut:
    """A webhook that is told of these topics from now on."""
    made = HookOut(id, "https://ci.example/", topics([*words]), stage.now())
    await stage.db.run(hooks_out.put, made)
    await stage.hub.feeds.begin(made)
    return made


async def found(stage: Stage) -> HookOut:
    """The only webhook, as the store has it."""
    (one,) = await stage.db.read(hooks_out.listed)
    return one


async def say(actor: Actor, topic: str, *texts: str) -> None:
    """Publish some texts."""
    for text in texts:
        assert (await actor.ask(pub={"topic": topic, "content": text, "id": text}))[0] == 202


async def test_messages_are_told_as_they_come(stage: Stage, alice: Actor, ear: Ear) -> None:
    tea, coffee = await new_group(alice), await new_group(alice, "new2")
    await say(alice, tea, "before")
    await hook(stage, tea)
    await say(alice, tea, "one", "two")
    await say(alice, coffee, "elsewhere")
    assert ear.heard() == [(tea, 2), (tea, 3)]
    body: dict[str, Any] = json.loads(ear.told[0].body)
    assert body.pop("ts").endswith("Z")
    assert body == {
        "id": f"h1.{tea}.2",
        "event": "message",
        "topic": tea,
        "seq": 2,
        "from": alice.uid,
        "text": "one",
        "content": "one",
    }
    assert ear.told[0].id == body["id"]
    assert ear.told[0].secret == secret_of(stage.services, "h1")


def test_what_is_told_of_rich_texts() -> None:
    content = b'{"txt":"hi","fmt":[{"len":2,"tp":"ST"}]}'
    message = Message(7, BOB, 0, b'{"mime":"text/x-drafty"}', content)
    body = json.loads(event("h", ids.p2p_name(BOB, CAROL), message))
    assert (body["text"], body["content"]["txt"]) == ("*hi*", "hi")
    assert body["head"] == {"mime": "text/x-drafty"}
    for odd in (None, b"7", b'{"txt":7}'):
        assert json.loads(event("h", "grpx", message._replace(content=odd)))["text"] == ""


async def test_what_fails_is_tried_again_in_order(stage: Stage, alice: Actor, ear: Ear) -> None:
    tea = await new_group(alice)
    await hook(stage)
    ear.moods = [LATER] * 3
    await say(alice, tea, "1", "2", "3")
    assert (await found(stage)).why == "no answer"
    for tried in range(3):
        assert ear.told == []
        await stage.elapse(0.7 * backoff.FIRST_S * 2**tried)
        assert len(ear.moods) == 2 - tried
        await stage.elapse(0.6 * backoff.FIRST_S * 2**tried)
    assert ear.seqs() == [1, 2, 3]
    assert (await found(stage)).why == ""


async def test_one_topic_that_fails_keeps_no_other_one(
    stage: Stage, alice: Actor, ear: Ear
) -> None:
    tea, coffee = await new_group(alice), await new_group(alice, "new2")
    await hook(stage)
    ear.deaf = {tea}
    await say(alice, tea, "1", "2")
    await say(alice, coffee, "1", "2")
    assert ear.heard() == [(coffee, 1), (coffee, 2)]
    ear.deaf = set()
    await stage.elapse(60)
    assert ear.heard()[2:] == [(tea, 1), (tea, 2)]


async def test_what_would_be_refused_again_is_passed_over_and_counted(
    stage: Stage, alice: Actor, ear: Ear
) -> None:
    tea = await new_group(alice)
    await hook(stage)
    ear.moods = [Told(Fate.REFUSED, "the answer was 413")]
    await say(alice, tea, "1", "2")
    assert ear.seqs() == [2]
    assert (await found(stage)).refused == 1


async def test_a_program_that_is_gone_is_told_no_more(
    stage: Stage, alice: Actor, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    tea = await new_group(alice)
    await hook(stage)
    ear.moods = [Told(Fate.GONE, "the answer was 410")]
    await say(alice, tea, "1", "2")
    await stage.elapse(HOUR_S)
    assert ear.told == []
    assert (await found(stage)).stopped_ms is not None
    assert "hook_given_up" in caplog.text
    stage.hub.feeds = Feeds(stage.services)
    await stage.hub.feeds.open()  # nor after a restart …
    await stage.quiet()
    assert ear.told == []
    await stage.db.run(hooks_out.stop, "h1", None, "")
    await stage.hub.feeds.begin(await found(stage))  # … until somebody says so; nothing is lost
    await stage.quiet()
    assert ear.seqs() == [1, 2]


async def test_a_program_that_fails_for_days_is_given_up(
    stage: Stage, alice: Actor, ear: Ear
) -> None:
    tea = await new_group(alice)
    await hook(stage)
    ear.deaf = {tea}
    await say(alice, tea, "1")
    for _ in range(9):
        await stage.elapse(9 * HOUR_S)
    assert (await found(stage)).stopped_ms is not None
    assert (await found(stage)).why == "no answer"


async def test_nobody_waits_for_a_target_that_hangs(stage: Stage, alice: Actor, ear: Ear) -> None:
    groups = [await new_group(alice, f"new{n}") for n in range(feeds.FLYING_MAX + 2)]
    await hook(stage)
    ear.hangs = asyncio.Event()
    for name in groups:
        answers: list[Any] = []
        request = alice.request(pub={"topic": name, "content": "x", "id": name})
        stage.hub.post(request)
        while not request.answered:
            await asyncio.sleep(0)
        answers.append(request.answered)
    ear.hangs.set()
    await stage.quiet()
    assert sorted(ear.heard()) == sorted((name, 1) for name in groups)


async def test_a_later_run_goes_on_where_the_earlier_one_was_cut_short(
    stage: Stage, alice: Actor, ear: Ear
) -> None:
    """What was told and not noted comes again: at least once, and never out of order."""
    tea = await new_group(alice)
    await hook(stage)
    stage.hub.feeds.stop()
    count = PORTION * 2 + 5
    await say(alice, tea, *map(str, range(count)))
    assert ear.told == []
    stage.hub.feeds = Feeds(stage.services)
    await stage.hub.feeds.open()
    await stage.quiet()
    assert ear.seqs() == list(range(1, count + 1))
    stage.hub.feeds = Feeds(stage.services)
    await stage.hub.feeds.open()
    await stage.quiet()
    assert len(ear.told) == count


async def test_more_topics_than_are_remembered(
    stage: Stage, alice: Actor, ear: Ear, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeds, "TOPICS_MAX", 2)
    monkeypatch.setattr(feeds, "FLYING_MAX", 1)
    groups = [await new_group(alice, f"new{n}") for n in range(6)]
    await hook(stage)
    stage.hub.feeds.stop()
    for name in groups:
        await say(alice, name, "x")
    stage.hub.feeds = Feeds(stage.services)
    await stage.hub.feeds.open()
    await stage.quiet()
    assert sorted(ear.heard()) == sorted((name, 1) for name in groups)


async def test_a_store_that_does_not_answer_is_asked_again(
    stage: Stage, alice: Actor, ear: Ear
) -> None:
    tea = await new_group(alice)
    await hook(stage)
    stage.hub.feeds.stop()
    await say(alice, tea, "1")
    stage.hub.feeds = Feeds(stage.services)
    kept = await found(stage)
    stage.db.silent = 1
    await stage.hub.feeds.begin(kept)
    assert ear.told == []
    stage.db.silent = 1
    await stage.elapse(1.1)
    assert ear.told == []
    await stage.elapse(1.1)
    assert ear.seqs() == [1]
    stage.db.moods = ["", "lost"]  # the message is stored, the mark is not
    await say(alice, tea, "2")
    await stage.elapse(1.1)
    assert ear.seqs() == [1, 2, 2]


async def test_a_message_whose_fate_was_not_known_is_told(
    stage: Stage, alice: Actor, ear: Ear
) -> None:
    tea = await new_group(alice)
    await hook(stage)
    stage.db.moods = ["unsure", "lost"]
    assert (await alice.ask(pub={"topic": tea, "content": "x", "id": "1"}))[0] == 503
    await stage.quiet()
    assert ear.seqs() == [1]


async def test_without_anybody_who_tells_nothing_is_told(stage: Stage, alice: Actor) -> None:
    tea = await new_group(alice)
    await hook(stage)
    await stage.hub.feeds.open()
    await say(alice, tea, "1")
    stage.hub.feeds.end("h1")


async def test_a_program_is_told_no_more_when_its_webhook_ends(
    stage: Stage, alice: Actor, ear: Ear
) -> None:
    tea = await new_group(alice)
    await hook(stage, id="h1")
    await hook(stage, id="h2")
    stage.hub.feeds.end("h1")
    await say(alice, tea, "1")
    assert [each.id for each in ear.told] == [f"h2.{tea}.1"]
