"""Each kind of request reaches its operation, and tells `me` which session is active."""

from typing import Any

import pytest

from chinwag.core.ids import Kind
from chinwag.engine import ops
from stage import ALICE, BOB, Actor, Stage, new_group

REQUESTS: dict[str, dict[str, Any]] = {
    "pub": {"pub": {"id": "x", "content": "hi"}},
    "sub": {"sub": {}},
    "get": {"get": {"what": "desc"}},
    "set_": {"set": {"desc": {}}},
    "delete": {"del": {"delseq": []}},
    "leave": {"leave": {}},
    "note": {"note": {"what": "kp"}},
}
ACTIVE = {"pub", "sub", "get", "set_", "note"}


async def say(client: Actor, topic: str, name: str) -> None:
    """Let `client` say the request called `name` about `topic`."""
    ((kind, packet),) = REQUESTS[name].items()
    packets: Any = {kind: {"topic": topic, **packet}}
    await client.say(**packets)


@pytest.mark.parametrize("name", REQUESTS)
async def test_each_kind_has_its_operation(
    stage: Stage, alice: Actor, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """01 §6: the operation gets the topic with its state, and nobody else does."""
    group = await new_group(alice)
    served: list[str] = []

    def noted(operation: str) -> Any:
        async def run(topic: Any, state: Any, request: Any) -> None:
            assert (topic.kind, state.name) == (Kind.GRP, group)
            served.append(operation)

        return run

    for operation in REQUESTS:
        monkeypatch.setattr(getattr(ops, operation), "run", noted(operation))
    await say(alice, group, name)
    assert served == [name]


@pytest.mark.parametrize("name", REQUESTS)
async def test_which_session_is_active(stage: Stage, alice: Actor, name: str) -> None:
    """03 §7.10, 01 §4.6: not who leaves or deletes, and only sessions that are on `me`."""
    await alice.say(sub={"topic": "me"})
    group = await new_group(alice)
    me = stage.hub.topics[ALICE]
    alice.ua = "Another/2.0"
    elsewhere = stage.actor(ALICE)
    elsewhere.ua = "Elsewhere/1.0"
    await say(elsewhere, group, name)
    assert me.ua == "Stage/1.0"
    await say(alice, group, name)
    assert me.ua == ("Another/2.0" if name in ACTIVE else "Stage/1.0")
    if me.ua_timer is not None:
        me.ua_timer.cancel()


async def test_a_topic_that_does_not_exist_is_served_too(alice: Actor) -> None:
    """Every kind of request has its own refusal for that."""
    assert (await alice.ask(sub={"topic": "grpAAAAAAAAAAA"}))[0] == 404
    assert (await alice.ask(leave={"topic": BOB}))[0] == 304
    assert (await alice.ask(**{"del": {"topic": BOB, "what": "topic"}}))[0] == 304
