"""One connection: answers find their requests, losses are told."""

import asyncio
from typing import Any

import pytest

from chinwag.bots.address import Address
from chinwag.bots.connection import Connection
from chinwag.bots.errors import CannotRun, Lost, Refusal
from chinwag.bots.packets import Meta, News
from chinwag.bots.testing import LocalServer


class Talker:
    """A connection that is read from."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.news: list[News] = []
        self.reading = asyncio.ensure_future(connection.read(self.news.append))

    async def end(self) -> str:
        await self.connection.close()
        with pytest.raises(Lost) as lost:
            await self.reading
        return str(lost.value)


async def talker(server: LocalServer) -> Talker:
    return Talker(await Connection.open(server.address))


async def test_answers_find_their_requests(server: LocalServer) -> None:
    talk = await talker(server)
    greeting = await talk.connection.request("hi", ver="0.25")
    assert greeting.code == 201
    with pytest.raises(Refusal) as refusal:
        await talk.connection.request("sub", topic="me")
    assert refusal.value.code == 401
    await talk.end()


async def test_whoever_waits_when_the_connection_goes_is_told(server: LocalServer) -> None:
    talk = await talker(server)
    waiting = asyncio.ensure_future(talk.connection.request("nonsense"))
    await asyncio.sleep(0)
    assert "lost" in await talk.end()
    with pytest.raises(Lost):
        await waiting
    with pytest.raises(Lost):
        await talk.connection.note(topic="me", what="kp")


async def test_nobody_there_may_change() -> None:
    with pytest.raises(Lost, match="cannot be reached"):
        await Connection.open(Address.parse("127.0.0.1:1"))


async def test_a_wrong_key_does_not(server: LocalServer) -> None:
    wrong = Address(server.address.host, api_key="AQAAAAABAAAAAAAAAAAAAAAAAAAAAAAA")
    with pytest.raises(CannotRun, match="API key"):
        await Connection.open(wrong)


async def test_a_silent_server_is_given_up(
    server: LocalServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chinwag.bots.connection.ANSWER_S", 0.0)
    talk = await talker(server)
    with pytest.raises(Lost, match="does not answer"):
        await talk.connection.request("hi", ver="0.25")
    await talk.end()


async def test_news_is_what_nobody_asked_for(server: LocalServer) -> None:
    ann, ben = await server.person("Ann"), await server.person("Ben")
    await ann.say(ben.uid, "hi")
    await ann.connection.request("get", topic=ben.uid, what="data")
    heard: list[Any] = ann.unheard
    assert heard == []  # what one has said oneself is not heard
    desc = await ann.connection.ask("get", topic=ben.uid, what="desc")
    assert isinstance(desc, Meta)
    await ann.leave()
    await ben.leave()
