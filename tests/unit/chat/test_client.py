"""A session: all answers are waited for, topics are attached to where they must be."""

import pytest

from chinwag.bots.errors import CannotRun, Lost
from chinwag.bots.packets import Packet
from chinwag.bots.testing import LocalServer, Person
from chinwag.chat.client import Client, once
from chinwag.chat.commands import Request
from chinwag.chat.values import secret


async def somebody(server: LocalServer, heard: list[Packet]) -> Client:
    """Somebody's session, not connected yet."""
    person = await server.person("Ann")
    await person.leave()
    return Client(server.address, person.credentials, lambda _, packet: heard.append(packet))


async def test_answers_are_complete(server: LocalServer, ben: Person) -> None:
    heard: list[Packet] = []
    client = await somebody(server, heard)

    async def work() -> int:
        sub = await client.ask(Request("sub", {"topic": ben.uid}))
        assert (sub["code"], sub["topic"]) == (200, ben.uid)
        answer = await client.ask(Request("pub", {"topic": ben.uid, "content": "hi"}))
        assert answer["params"]["seq"] == 1
        got = {"topic": ben.uid, "what": "desc sub data"}
        answer = await client.ask(Request("get", got, answers=3))
        assert {"desc", "sub", "code"} <= set(answer)
        return 7

    assert await once(client, work()) == 7
    assert [p.data.content for p in heard if p.data is not None] == ["hi", "hi"]
    assert len([p for p in heard if p.ctrl or p.meta]) == 5


async def test_attaching_is_not_told(server: LocalServer, ben: Person) -> None:
    heard: list[Packet] = []
    client = await somebody(server, heard)

    async def work() -> int:
        request = Request("pub", {"topic": ben.uid, "content": "hi", "noecho": True})
        assert not client.is_attached(request)
        assert (await client.ask(request))["code"] == 202
        assert client.is_attached(request)
        await client.ask(Request("note", {"topic": ben.uid, "what": "kp"}, answers=0))
        await client.ask(Request("leave", {"topic": ben.uid}))
        assert not client.is_attached(request)
        return 0

    await once(client, work())
    assert [p.ctrl.code for p in heard if p.ctrl is not None] == [202, 200]


async def test_refusals_are_answers(server: LocalServer) -> None:
    client = await somebody(server, [])

    async def work() -> int:
        answer = await client.ask(Request("pub", {"topic": "grpAAAAAAAAAAA", "content": "hi"}))
        assert answer.is_refusal
        assert answer.sentence == "The server refuses: topic not found (404)."
        return 0

    await once(client, work())


async def test_a_fresh_account_is_logged_in(server: LocalServer) -> None:
    client = Client(server.address, None, lambda _, __: None)
    body = {"user": "new", "scheme": "basic", "secret": secret("zoe5:zoe12345"), "login": True}

    async def work() -> int:
        await client.line.present()
        assert not (await client.ask(Request("acc", body))).is_refusal
        return 0

    await once(client, work())
    assert client.line.uid.startswith("usr")
    assert client.line.token


async def test_a_lost_connection_ends_the_work(server: LocalServer) -> None:
    client = await somebody(server, [])

    async def work() -> int:
        await client.line.present()
        await server.stop()
        await client.ask(Request("sub", {"topic": "me"}))
        raise AssertionError("nobody has answered")

    with pytest.raises(Lost):
        await once(client, work())


async def test_who_is_not_known_is_told(server: LocalServer) -> None:
    client = await somebody(server, [])
    assert client.line.credentials is not None
    object.__setattr__(client.line.credentials, "secret", "bm9ib2R5Om5vYm9keQ==")

    async def work() -> int:
        await client.line.present()
        return 0

    with pytest.raises(CannotRun, match="does not let in"):
        await once(client, work())
