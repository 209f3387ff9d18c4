"""Orders from the command line; those to a running server: tests/e2e/test_hooks.py."""

import asyncio
from pathlib import Path

import pytest

from chinwag import orders
from chinwag.accounts import Bounds, open_desk
from chinwag.config import CannotStart, Config
from chinwag.core.scope import Topics
from chinwag.store import hooks_out
from chinwag.store.hooks_out import HookOut
from rows import ALICE, GROUP, NOW, post, topic


async def test_a_data_folder_takes_orders(tmp_path: Path) -> None:
    async with open_desk(tmp_path, Config(), make=True) as desk:
        await desk.add_bot("tino", "Tino", Bounds())
    made = await orders.offline(tmp_path, Config(), "token.new", {"account": "tino"})
    found = await orders.offline(tmp_path, Config(), "token.list", {})
    assert made["id"] in [each["id"] for each in found["tokens"]]
    with pytest.raises(CannotStart, match="There is no webhook x"):
        await orders.offline(tmp_path, Config(), "hook.revoke", {"id": "x"})


async def test_there_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="There is no database"):
        await orders.offline(tmp_path / "none", Config(), "hook.list", {})


@pytest.mark.parametrize(
    ("server", "login", "why"),
    [
        ("http://127.0.0.1:1", "", "Set CHINWAG_ROOT"),
        ("http://127.0.0.1:1", "boss", "Set CHINWAG_ROOT"),
        ("127.0.0.1:1", "boss:x", "is no address of a server"),
        ("http://127.0.0.1:1", "boss:x", "does not answer"),
    ],
)
def test_what_cannot_be_ordered(
    monkeypatch: pytest.MonkeyPatch, server: str, login: str, why: str
) -> None:
    monkeypatch.setenv("CHINWAG_ROOT", login)
    with pytest.raises(CannotStart, match=why):
        orders.online(server, "hook.list", {})


def test_a_server_that_speaks_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHINWAG_ROOT", "boss:x")

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 2\r\n\r\nno")
        await writer.drain()
        writer.close()

    async def ask() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            await asyncio.to_thread(orders.online, f"http://127.0.0.1:{port}", "hook.list", {})

    with pytest.raises(CannotStart, match="answers: Bad Gateway"):
        asyncio.run(ask())


async def test_nobody_is_told_anything_by_the_command_line(tmp_path: Path) -> None:
    """It would be gone in the middle of it; the server tells, once it is started."""
    async with open_desk(tmp_path, Config(), make=True) as desk:
        db = desk._services.db
        await topic(db, GROUP, ALICE)
        await post(db, 3)
        await db.run(hooks_out.put, HookOut("h", "http://127.0.0.1:1/", Topics(), NOW, NOW, "x"))
    await orders.offline(tmp_path, Config(), "hook.resume", {"id": "h"})
    found = await orders.offline(tmp_path, Config(), "hook.list", {})
    assert [(hook["state"], hook["why"]) for hook in found["hooks"]] == [("ok", "")]
