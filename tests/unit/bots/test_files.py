"""Files up and down: whole, bounded, and without telling strangers who the bot is."""

import struct
from pathlib import Path

import pytest
from aiohttp import web

from chinwag.bots import Bot, BotError, Message, Refusal
from chinwag.bots.files import INLINE_MAX, File, TooLarge, files_in
from chinwag.bots.limits import Limits
from chinwag.bots.testing import BotTester
from chinwag.core.documents import Document, Entity, Span

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x02\0\0\0"
LARGE = bytes(range(256)) * (INLINE_MAX // 128)


def copying(bot: Bot) -> Bot:
    """`bot` sends back what it gets."""

    @bot.message()
    async def copy(message: Message) -> None:
        for file in message.files:
            data = await bot.files.download(file)
            if file.is_picture:
                await message.reply(await bot.files.picture(data, "seen", file.name))
            else:
                await message.reply(await bot.files.attachment(data, file.name, file.mime))

    return bot


@pytest.mark.parametrize("data", [b"small", LARGE], ids=["in the message", "on the server"])
async def test_a_file_goes_there_and_back(bot: Bot, data: bytes) -> None:
    async with BotTester(copying(bot)) as tester:
        sent = await bot.files.attachment(data, "a.txt")
        await tester.say(sent)
        (file,) = files_in((await tester.reply()).document)
        assert (file.name, file.mime, file.size) == ("a.txt", "text/plain", len(data))
        assert bool(file.ref) == (data == LARGE)
        assert await bot.files.download(file) == data


async def test_a_picture_has_its_size_and_a_text(bot: Bot, tmp_path: Path) -> None:
    (tmp_path / "p.png").write_bytes(PNG)
    async with BotTester(copying(bot)) as tester:
        await tester.say(await bot.files.picture(tmp_path / "p.png"))
        heard = await tester.reply()
        assert heard == " \nseen"
        (entity,) = heard.document.entities
        assert (entity.tp, entity.data["width"], entity.data["height"]) == ("IM", 640, 480)
        assert entity.data["name"] == "p.png"


async def test_what_the_server_does_not_take_is_not_sent(bot: Bot) -> None:
    bot.line.limits = Limits(file_bytes=10)
    with pytest.raises(TooLarge, match=r"a\.txt has 11 bytes, and the server takes 10"):
        await bot.files.upload(b"x" * 11, "a.txt", "text/plain")


async def test_downloads_are_bounded(bot: Bot) -> None:
    async with BotTester(bot):
        for data in (b"small", LARGE):
            (file,) = files_in(await bot.files.attachment(data, "a.txt"))
            with pytest.raises(TooLarge, match="more than 4 bytes"):
                await bot.files.download(file, 4)


async def test_a_file_that_is_gone_is_told(bot: Bot) -> None:
    async with BotTester(bot):
        with pytest.raises(Refusal, match="404"):
            await bot.files.download(File("a", "b", 1, ref="/v0/file/s/AAAAAAAAAAAAAAAA"))


@pytest.mark.parametrize("ref", ["https://other.example/a", "//other.example/a", "a"])
async def test_files_elsewhere_are_not_fetched(bot: Bot, ref: str) -> None:
    with pytest.raises(BotError, match="not on this server"):
        await bot.files.download(File("a", "b", 1, ref=ref))


async def test_damaged_files_are_told(bot: Bot) -> None:
    with pytest.raises(BotError, match="damaged"):
        await bot.files.download(File("a", "b", 1, val="§"))


async def test_strangers_do_not_learn_who_the_bot_is(bot: Bot) -> None:
    """A server may keep its files elsewhere and redirect there."""
    seen: list[bool] = []

    async def redirect(request: web.Request) -> web.Response:
        seen.append("X-Tinode-Auth" in request.headers)
        raise web.HTTPTemporaryRedirect("/bucket")

    async def bucket(request: web.Request) -> web.Response:
        seen.append("X-Tinode-Auth" in request.headers)
        return web.Response(body=b"data")

    async with BotTester(bot):
        app = web.Application()
        app.add_routes([web.get("/v0/file/s/x", redirect), web.get("/bucket", bucket)])
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        here = bot.line.address
        port = runner.addresses[0][1]
        bot.line.address = type(here)(f"127.0.0.1:{port}")
        assert await bot.files.download(File("a", "b", 1, ref="/v0/file/s/x")) == b"data"
        bot.line.address = here
        await runner.cleanup()
    assert seen == [True, False]


def test_what_has_no_content_is_no_file() -> None:
    entities = [
        Entity("EX", {"mime": "text/x-drafty-fr", "val": {"resp": {}}}),
        Entity("IM", {"name": "x"}),
        Entity("LN", {"url": "https://x.example"}),
        Entity("AU", {"ref": "/v0/file/s/x", "size": "big", "name": 3}),
    ]
    spans = tuple(Span(-1, 0, entity) for entity in entities)
    assert files_in(Document("", spans)) == [
        File("file", "application/octet-stream", 0, "/v0/file/s/x")
    ]
