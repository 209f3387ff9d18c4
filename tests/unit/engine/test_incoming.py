"""Incoming webhooks: what is posted reaches the group, once, and only there."""

import json
from typing import Any

import pytest

from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.postings import BadPosting
from chinwag.engine.guard import SECRETS_MAX
from chinwag.engine.incoming import Incoming
from chinwag.engine.webhooks import Webhooks
from chinwag.store import messages
from chinwag.store.hooks_in import HookIn
from chinwag.wire import ctrl
from stage import ALICE, Actor, Open, Stage, new_group


async def made(stage: Stage, alice: Actor) -> tuple[Incoming, HookIn, str]:
    """Where to post, a webhook of a new group, and its secret."""
    tea = await new_group(alice)
    secret, hook = await Webhooks(stage.hub).new_incoming(tea, "CI")
    alice.heard.clear()
    return Incoming(stage.hub, 2), hook, secret


def body(text: str = "hello", **more: Any) -> bytes:
    """What a program posts."""
    return json.dumps({"text": text, **more}).encode()


async def test_a_posting_is_a_message_of_the_webhook(stage: Stage, alice: Actor) -> None:
    incoming, hook, secret = await made(stage, alice)
    assert await incoming.find(secret, "192.0.2.1") == hook
    await incoming.post(hook, body("**hello**", username="x"))
    (heard,) = alice.heard
    data = heard["data"]
    assert (data["topic"], data["from"], data["seq"]) == (hook.topic, hook.uid, 1)
    assert data["head"] == {"auto": True, "mime": "text/x-drafty"}
    assert data["content"] == {"txt": "hello", "fmt": [{"len": 5, "tp": "ST"}]}
    await incoming.post(hook, body())
    assert alice.heard[1]["data"]["head"] == {"auto": True}
    assert alice.heard[1]["data"]["content"] == "hello"


async def test_the_same_is_said_again_unless_its_key_is_the_same(
    stage: Stage, alice: Actor
) -> None:
    incoming, hook, _ = await made(stage, alice)
    for once in ("", "", "key", "key", "other"):
        await incoming.post(hook, body(), once)
    assert [heard["data"]["seq"] for heard in alice.heard] == [1, 2, 3, 4]
    stage.hub.topics[hook.topic].forget_state()
    await incoming.post(hook, body("changed"), "key")  # also after a restart
    assert len(alice.heard) == 4
    with pytest.raises(BadPosting, match="invalid_idempotency_key"):
        await incoming.post(hook, body(), "k" * 256)


async def test_a_group_that_sleeps_is_woken_for_it_and_forgotten_again(
    stage: Stage, alice: Actor
) -> None:
    incoming, hook, _ = await made(stage, alice)
    await alice.drop()
    await stage.elapse(10)
    assert hook.topic not in stage.hub.topics
    await incoming.post(hook, body())
    await stage.quiet()
    assert hook.topic not in stage.hub.topics
    assert [m.seq for m in await stage.db.read(messages.page, hook.topic, ALICE)] == [1]


async def test_who_was_removed_from_the_group_posts_no_more(stage: Stage, alice: Actor) -> None:
    incoming, hook, _ = await made(stage, alice)
    await alice.ask(**{"del": {"topic": hook.topic, "what": "sub", "user": hook.uid}})
    with pytest.raises(Refused) as refused:
        await incoming.post(hook, body())
    assert refused.value.reply == ctrl.PERMISSION_DENIED
    await alice.ask(**{"del": {"topic": hook.topic, "what": "topic", "hard": True}})
    with pytest.raises(Refused) as refused:
        await incoming.post(hook, body())
    assert refused.value.reply == ctrl.ATTACH_FIRST


async def test_so_many_a_minute(stage: Stage, alice: Actor) -> None:
    incoming, hook, _ = await made(stage, alice)
    assert [incoming.may_post(hook) for _ in range(3)] == [True, True, False]
    assert incoming.may_post(hook._replace(id="another"))
    stage.clock.ms += 30_001
    assert incoming.may_post(hook)


async def test_forged_secrets_lead_nowhere_and_cost_the_store_little(
    stage: Stage, alice: Actor
) -> None:
    incoming, _, secret = await made(stage, alice)
    forged = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    codes = []
    for guess in ["", "short", forged, *["cwhook" + "0" * 55] * SECRETS_MAX]:
        with pytest.raises(Refused) as refused:
            await incoming.find(guess, "192.0.2.1")
        codes.append(refused.value.reply.code)
    assert codes == [*[404] * (SECRETS_MAX + 2), 503]
    await incoming.find(secret, "192.0.2.2")


async def test_what_is_too_long_is_refused(open_stage: Open) -> None:
    stage = await open_stage(Limits(max_message_size=1000))
    incoming, hook, _ = await made(stage, stage.actor(ALICE))
    with pytest.raises(BadPosting, match="msg_too_long"):
        await incoming.post(hook, body("a\n" * 100))  # each line break is described
    with pytest.raises(BadPosting, match="no_text"):
        await incoming.post(hook, body(""))
