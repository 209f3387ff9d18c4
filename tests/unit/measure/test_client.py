"""A client under load asks and is answered, and every failure is a sentence."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from chinwag.measure.client import API_KEY, CannotMeasure, Client, Refusal, socket_of
from live import Live


@pytest.fixture
async def client(live: Live) -> AsyncIterator[Client]:
    made = await Client.open(socket_of(live.address), API_KEY)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("url", "socket"),
    [
        ("http://a:1", "ws://a:1/v0/channels"),
        ("https://a/x/", "wss://a/x/v0/channels"),
        ("ws://a:1/v0/channels", "ws://a:1/v0/channels"),
        ("127.0.0.1:6060", "ws://127.0.0.1:6060/v0/channels"),
    ],
)
def test_a_server_is_named_in_many_ways(url: str, socket: str) -> None:
    assert socket_of(url) == socket


@pytest.mark.parametrize("url", ["ftp://a", "http://", ""])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CannotMeasure, match="is no address of a server"):
        socket_of(url)


async def test_refusals_say_what_the_server_said(client: Client) -> None:
    with pytest.raises(Refusal, match="401 authentication required"):
        await client.ask("sub", topic="me")


async def test_a_wrong_key_is_told(live: Live) -> None:
    with pytest.raises(
        CannotMeasure, match=r"lets nobody in \(403\): check the address and the API"
    ):
        await Client.open(socket_of(live.address), "wrong")


async def test_nobody_is_there() -> None:
    with pytest.raises(CannotMeasure, match="cannot be reached"):
        await Client.open("ws://127.0.0.1:1/v0/channels", API_KEY)


async def test_who_waits_learns_that_the_connection_is_gone() -> None:
    async def rude(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(rude, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        with pytest.raises(CannotMeasure):
            await Client.open(f"ws://127.0.0.1:{port}/v0/channels", API_KEY)


async def test_closing_ends_what_is_asked(client: Client) -> None:
    asked = asyncio.ensure_future(client.answer("pub", topic="grpNone"))
    await client.close()
    with contextlib.suppress(CannotMeasure):  # the answer may have been faster
        await asked
    assert client.closed
    with pytest.raises(CannotMeasure, match="has closed a connection"):
        await client.say({"hi": {}})
