"""What whoever runs the server may order."""

import json
from typing import Any

import pytest

from chinwag.core.state import AuthRecord, Level
from chinwag.engine.feeds import secret_of
from chinwag.engine.orders import BadOrder, Orders
from chinwag.engine.programs import BADGE
from chinwag.store import auth, users
from stage import ALICE, BOB, Actor, Stage, new_group

NOWHERE = "grpAAAAAAAAAAA"


@pytest.fixture
async def orders(stage: Stage) -> Orders:
    """The orders of the stage, on which Bob is a bot."""
    await stage.db.run(users.update, BOB, {"trusted": BADGE})
    await stage.db.run(auth.add, AuthRecord("basic", "tino", BOB, Level.AUTH, b"x"))
    return Orders(stage.hub, stage.sessions)


async def give(orders: Orders, what: str, **args: Any) -> Any:
    """What an order answers."""
    return json.loads(json.dumps(await orders.run(what, json.dumps(args).encode())))


async def test_tokens_are_made_listed_and_revoked(stage: Stage, orders: Orders) -> None:
    made = await give(orders, "token.new", account="tino", topics=["p2p"], rate=30)
    assert made.pop("secret").startswith("cwbot")
    assert made.pop("created").endswith("Z")
    assert made == {"id": made["id"], "account": BOB, "topics": ["p2p"], "rate": 30}
    other = await give(orders, "token.new", account=BOB)
    found = await give(orders, "token.list")
    assert [each["id"] for each in found["tokens"]] == [made["id"], other["id"]]
    assert await give(orders, "token.revoke", id=made["id"]) == {"id": made["id"]}
    with pytest.raises(BadOrder, match="There is no token"):
        await give(orders, "token.revoke", id=made["id"])
    assert len((await give(orders, "token.list"))["tokens"]) == 1


async def test_webhooks_are_made_listed_and_revoked(
    stage: Stage, orders: Orders, alice: Actor
) -> None:
    tea = await new_group(alice)
    one = await give(orders, "hook.in", topic=tea, name=" CI ")
    assert one.pop("path").startswith("v1/hooks/cwhook")
    two = await give(orders, "hook.out", url="https://ci.example/", topics=[tea])
    assert two.pop("secret") == secret_of(stage.services, two["id"])
    assert (two["state"], two["topics"], two["refused"]) == ("ok", [tea], 0)
    assert (one["name"], one["topic"]) == ("CI", tea)
    assert await give(orders, "hook.list") == {"hooks": [one, two]}
    assert await give(orders, "hook.resume", id=two["id"]) == {"id": two["id"]}
    for made in (one, two):
        await give(orders, "hook.revoke", id=made["id"])
        with pytest.raises(BadOrder, match="There is no webhook"):
            await give(orders, "hook.revoke", id=made["id"])
    assert await give(orders, "hook.list") == {"hooks": []}


@pytest.mark.parametrize(
    ("what", "args", "why"),
    [
        ("nothing", {}, "There is no order nothing: there are token.new"),
        ("hook.in", {}, "cannot be read"),
        ("hook.in", {"topic": 7}, "cannot be read"),
        ("hook.in", {"topic": NOWHERE, "colour": "red"}, "cannot be read"),
        ("hook.in", {"topic": NOWHERE}, f"{NOWHERE} takes no webhook: topic not found"),
        ("hook.in", {"topic": "me"}, "takes no webhook"),
        ("hook.in", {"topic": NOWHERE, "name": " "}, "1 to 100 characters"),
        ("hook.out", {"url": "ftp://x"}, "cannot be told"),
        ("hook.out", {"url": "http://127.0.0.1/"}, "webhooks.private_targets"),
        ("hook.out", {"url": "https://x.example", "topics": ["tea"]}, "tea is no topic"),
        ("hook.resume", {"id": "x"}, "No program is told by x"),
        ("token.new", {"account": ALICE}, "There is no bot"),
        ("token.new", {"account": "nobody"}, "There is no bot nobody"),
        ("token.new", {"account": "tino", "rate": -1}, "messages a minute"),
        ("token.new", {"account": "tino", "topics": ["tea"]}, "tea is no topic"),
    ],
)
async def test_what_cannot_be_done_is_one_sentence(
    orders: Orders, what: str, args: dict[str, Any], why: str
) -> None:
    with pytest.raises(BadOrder) as bad:
        await give(orders, what, **args)
    assert why in str(bad.value)
    assert str(bad.value).endswith(".")


async def test_garbage_is_no_order(orders: Orders) -> None:
    for body in (b"", b"{", b"[]", b"\xff"):
        with pytest.raises(BadOrder, match="cannot be read"):
            await orders.run("hook.list", body)


async def test_private_targets_are_told_where_that_is_allowed(stage: Stage) -> None:
    orders = Orders(stage.hub, private_targets=True)
    made = await give(orders, "hook.out", url="http://127.0.0.1:8080/x")
    assert made["url"] == "http://127.0.0.1:8080/x"
