"""Routers: who serves what, with which arguments."""

from typing import Any

import pytest

from chinwag.bots import Bot, CannotRun, Router, filters
from chinwag.bots.events import MESSAGE, Event
from chinwag.bots.messages import Message, Topic
from chinwag.bots.packets import Data
from chinwag.bots.router import Next
from chinwag.bots.state import State


def said(text: str) -> Event:
    bot = Bot()
    message = Message(Topic(bot, "usrAnn"), Data("usrAnn", 1, "usrAnn", content=text))
    return Event(MESSAGE, bot, message.topic, "usrAnn", State("k", None), State("s", None), message)


async def serve(router: Router, text: str) -> object:
    event = said(text)
    plan = router.route(event)
    return None if plan is None else await plan.run(event)


async def test_the_first_handler_that_fits_serves() -> None:
    router = Router()

    @router.message(filters.text("a"))
    async def first() -> str:
        return "first"

    @router.message()
    async def second(message: Message) -> str:
        return f"second {message.text}"

    assert await serve(router, "a") == "first"
    assert await serve(router, "b") == "second b"


async def test_handlers_get_what_they_name() -> None:
    router = Router()

    @router.command("add")
    async def add(args: list[str], *, sender: str, state: State, log: Any, bot: Bot) -> object:
        assert log is not None
        assert bot.uid == ""
        return args, sender, dict(state)

    assert await serve(router, "/add 1 2") == (["1", "2"], "usrAnn", {})


async def test_what_nobody_provides_is_told() -> None:
    router = Router()

    @router.message()
    async def greedy(database: object) -> None:
        raise AssertionError(database)

    with pytest.raises(CannotRun, match="greedy wants database"):
        await serve(router, "x")


def test_a_handler_must_be_asynchronous() -> None:
    def slow() -> None: ...

    with pytest.raises(CannotRun, match="async def"):
        Router().message()(slow)  # type: ignore[type-var]  # that is the mistake


async def test_middlewares_go_around_what_their_router_serves() -> None:
    outer, inner = Router(), Router()
    outer.include(inner)
    seen = []

    @outer.middleware
    async def one(serve: Next, event: Event) -> object:
        seen.append("one")
        event.found["user"] = "Ann"
        return await serve(event)

    @inner.middleware
    async def two(serve: Next, event: Event) -> object:
        seen.append("two")
        return f"<{await serve(event)}>"

    @inner.message(filters.text("in"))
    async def handler(user: str) -> str:
        return user

    @outer.message()
    async def other(user: str) -> str:
        return user

    assert await serve(outer, "in") == "<Ann>"
    assert await serve(outer, "out") == "Ann"
    assert seen == ["one", "two", "one"]


async def test_nobody_serves_what_is_for_nobody() -> None:
    router = Router()

    @router.edited()
    async def edited() -> None: ...

    @router.joined
    async def joined() -> None: ...

    @router.left
    async def left() -> None: ...

    assert await serve(router, "x") is None
