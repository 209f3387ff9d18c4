"""Clients without WebSockets, over real HTTP. Source: specification 01, paragraph 3.2."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import ClientSession, FormData, web
from yarl import URL

from chinwag.core import apikey
from chinwag.ports import Frame, Outbox, Peer, Receiver
from chinwag.transports import longpoll
from chinwag.transports.longpoll import Line, LongPolling, Rules

SALT = b"salt of the tests"
KEY = apikey.make(SALT)
SIZE_MAX = 1000
EXPIRED = {"code": 403, "text": "invalid or expired session", "ts": "1970-01-01T00:00:00.000Z"}


@dataclass
class Remembering:
    """A session that remembers what its client says."""

    outbox: Outbox
    peer: Peer
    heard: list[bytes] = field(default_factory=list)
    is_gone: bool = False

    def feed(self, message: bytes) -> None:
        self.heard.append(message)

    def gone(self) -> None:
        self.is_gone = True


@dataclass
class Place:
    """A server on this machine, and its sessions."""

    http: ClientSession
    url: str
    polling: LongPolling
    sessions: list[Remembering]

    async def ask(
        self, sid: str = "", body: bytes = b"", **more: str
    ) -> tuple[int, bytes, dict[str, str]]:
        """Status, body and headers of the answer to one POST."""
        params = {"apikey": KEY, **({"sid": sid} if sid else {}), **more}
        async with self.http.post(self.url, params=params, data=body or None) as answer:
            return answer.status, await answer.read(), dict(answer.headers)

    async def begin(self) -> tuple[str, Remembering]:
        """A new session."""
        _, body, _ = await self.ask()
        return json.loads(body)["ctrl"]["params"]["sid"], self.sessions[-1]


@pytest.fixture
async def place(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Place]:
    """A server that answers silent polls after a tenth of a second."""
    monkeypatch.setattr(longpoll, "POLL_S", 0.1)
    sessions: list[Remembering] = []

    def accept(outbox: Outbox, peer: Peer) -> Receiver | None:
        sessions.append(Remembering(outbox, peer))
        return sessions[-1]

    names = iter(f"name{n}" for n in range(100))
    rules = Rules(SALT, accept, names.__next__, lambda: 0, SIZE_MAX, backlog_max=1000)
    polling = LongPolling(rules)
    app = web.Application()
    app.router.add_route("*", "/v0/channels/lp", polling.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    async with ClientSession() as http:
        yield Place(http, f"http://127.0.0.1:{port}/v0/channels/lp", polling, sessions)
    polling.stop()
    await runner.cleanup()


def frame(text: str) -> Frame:
    return Frame(text.encode())


def there() -> bool:
    return True


# --- the kinds of requests ------------------------------------------------------------------


async def test_a_session_begins(place: Place) -> None:
    """01 §3.2, row 1; 12.5: 201 with the name, whatever the body says."""
    status, body, headers = await place.ask(body=b"ignored", id="7")
    answer = json.loads(body)["ctrl"]
    assert (status, body[-1:]) == (201, b"\n")
    assert (answer["code"], answer["text"], answer["id"]) == (201, "created", "7")
    assert answer["params"] == {"sid": "name0"}
    assert place.sessions[0].peer.transport == "longpoll"
    assert place.sessions[0].heard == []
    assert headers["Content-Type"] == "text/plain"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert "no-store" in headers["Cache-Control"]


async def test_messages_go_in_and_come_out_one_by_one(place: Place) -> None:
    """01 §3.2: one message a poll, in order, without a newline; silence is an empty answer.

    07-02: the message need make no sense to be taken.
    """
    sid, session = await place.begin()
    assert (await place.ask(sid, b'{"hi":{}}'))[:2] == (200, b"")
    assert (await place.ask(sid, b"no JSON"))[0] == 200
    assert session.heard == [b'{"hi":{}}', b"no JSON"]
    for text in ("one", "two"):
        session.outbox.put(frame(text))
    assert [(await place.ask(sid))[:2] for _ in range(3)] == [
        (200, b"one"),
        (200, b"two"),
        (200, b""),
    ]


async def test_a_poll_waits_for_a_message(place: Place) -> None:
    """01 §3.2, row 4; parallel polls get one message each."""
    sid, session = await place.begin()
    polls = [asyncio.ensure_future(place.ask(sid)) for _ in range(2)]
    line = place.polling.lines[sid]
    while line.polls < 2:
        await asyncio.sleep(0)
    for text in ("one", "two"):
        session.outbox.put(frame(text))
    assert sorted([(await poll)[1] for poll in polls]) == [b"one", b"two"]


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT"])
async def test_any_method_will_do(place: Place, method: str) -> None:
    """01 §3.2, QUIRK-08: they all begin a session; a browser's question beforehand does not."""
    async with place.http.request(method, place.url, params={"apikey": KEY}) as answer:
        assert answer.status == 201
    asked = {"Origin": "http://x", "Access-Control-Request-Method": "POST"}
    async with place.http.options(place.url, headers=asked) as answer:
        assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, "*")
    assert len(place.sessions) == 1


@pytest.mark.parametrize(
    "form", [FormData, lambda fields: FormData(fields, default_to_multipart=True)]
)
async def test_forms(place: Place, form: Callable[[dict[str, str]], FormData]) -> None:
    """01 §3.2, QUIRK-09, §1.5: names in a form count; anything else in it is an empty message."""
    async with place.http.post(place.url, data=form({"apikey": KEY})) as answer:
        sid = json.loads(await answer.read())["ctrl"]["params"]["sid"]
    place.sessions[0].outbox.put(frame("one"))
    fields = {"apikey": KEY, "sid": sid}
    async with place.http.post(place.url, data=form(fields)) as answer:
        assert await answer.read() == b"one"
    async with place.http.post(place.url, data=form({**fields, "other": "x"})) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
    assert place.sessions[0].heard == [b""]


async def test_answers_are_compressed_if_the_client_likes(place: Place) -> None:
    """01 §1.2."""
    sid, session = await place.begin()
    session.outbox.put(frame("one" * 30))
    _, body, headers = await place.ask(sid)
    assert (body, headers["Content-Encoding"]) == (b"one" * 30, "deflate")


# --- refusals -------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["", "nonsense"])
async def test_a_key_is_needed(place: Place, key: str) -> None:
    """01 §1.4."""
    async with place.http.get(place.url, params={"apikey": key}) as answer:
        body = json.loads(await answer.read())["ctrl"]
        assert (answer.status, body["text"]) == (403, "valid API key required")
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert place.sessions == []


async def test_names_of_sessions_that_are_not_polled(place: Place) -> None:
    """DEFECT-04: only sessions begun here have names, and only those names open them."""
    await place.begin()
    status, body, _ = await place.ask("nope", b"{}")
    assert (status, json.loads(body)["ctrl"]) == (403, EXPIRED)
    assert place.sessions[0].heard == []


async def test_messages_that_are_too_large(place: Place) -> None:
    """01 §1.4, 12.5: 417 where the size is told before, 400 and a closed connection otherwise."""
    sid, session = await place.begin()
    status, body, _ = await place.ask(sid, b"x" * (SIZE_MAX + 1), id="77")
    assert (status, json.loads(body)["ctrl"]["id"]) == (417, "77")
    assert json.loads(body)["ctrl"]["text"] == "malformed"

    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(SIZE_MAX + 1):
            yield b"x"

    params = {"apikey": KEY, "sid": sid, "id": "77"}
    async with place.http.post(place.url, params=params, data=chunks()) as answer:
        assert answer.status == 400
        assert answer.headers["Connection"] == "close"
    assert session.heard == []
    assert (await place.ask(sid, b"x" * SIZE_MAX))[0] == 200


# --- the end --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mime", "status"), [("text/plain", b"400"), ("application/x-www-form-urlencoded", b"200")]
)
async def test_a_message_that_does_not_come(
    place: Place, monkeypatch: pytest.MonkeyPatch, mime: str, status: bytes
) -> None:
    """It kept its connection for ever."""
    _, body, _ = await place.ask()
    sid = json.loads(body)["ctrl"]["params"]["sid"]
    monkeypatch.setattr(longpoll, "BODY_S", 0.05)
    url = URL(place.url)
    reader, writer = await asyncio.open_connection(url.host, url.port)
    lines = [f"POST {url.path}?apikey={KEY}&sid={sid} HTTP/1.1", "Host: a", f"Content-Type: {mime}"]
    writer.write("\r\n".join([*lines, "Content-Length: 99", "", "x=1"]).encode())
    assert (await reader.readline()).split()[1] == status
    writer.close()
    await writer.wait_closed()


async def test_the_last_word_is_fetched_and_then_it_is_over(place: Place) -> None:
    """01 §3.2, DEFECT-14: an evicted session ends at once, its 205 still reaches the client."""
    sid, session = await place.begin()
    session.outbox.put(frame("evicted"))
    session.outbox.close()
    await asyncio.sleep(0)
    assert session.is_gone
    assert session.outbox.put(frame("late")) is False
    assert (await place.ask(sid))[:2] == (200, b"evicted")
    assert (await place.ask(sid))[0] == 403
    assert place.polling.lines == {}


async def test_an_active_poll_hears_the_last_word(place: Place) -> None:
    """01 §3.2."""
    sid, session = await place.begin()
    poll = asyncio.ensure_future(place.ask(sid))
    while not place.polling.lines[sid].polls:
        await asyncio.sleep(0)
    session.outbox.put(frame("server shutdown"))
    session.outbox.close()
    assert (await poll)[1] == b"server shutdown"


async def test_a_client_that_does_not_fetch_is_let_go(place: Place) -> None:
    """DEFECT-13: nothing is lost in silence; the name is invalid, so that it comes back."""
    sid, session = await place.begin()
    while session.outbox.put(frame("x" * 400)):
        pass
    await asyncio.sleep(0)
    assert session.is_gone
    assert (await place.ask(sid))[0] == 403


async def test_a_session_that_asks_for_nothing_is_over(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """01 §3.2, DEFECT-14: after 70 s, by a timer, whether or not anybody else comes."""
    sid, session = await place.begin()
    line = place.polling.lines[sid]
    place.polling._sweep()
    assert sid in place.polling.lines
    line.asked_at -= longpoll.LIFE_S + 1
    line.polls = 1  # somebody waits
    place.polling._sweep()
    assert sid in place.polling.lines
    line.polls = 0
    place.polling._sweep()
    await asyncio.sleep(0)
    assert session.is_gone
    assert (await place.ask(sid))[0] == 403


async def test_a_message_for_a_client_that_left_waits_for_the_next_poll() -> None:
    """DEFECT-14: neither who had gone before nor who went while it was written loses anything."""
    line = Line(1000)
    line.put(frame("one"))
    assert await line.take(1, lambda: False) is None
    first = await line.take(1, there)
    assert first is not None
    line.put(frame("two"))
    line.give_back(first)
    taken = [await line.take(1, there) for _ in range(2)]
    assert [f.body for f in taken if f is not None] == [b"one", b"two"]


async def test_messages_that_wait_are_bounded(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503, and the client says it again; what waits is taken in its order."""
    monkeypatch.setattr(longpoll, "SAYING_MAX", 3)
    sid, session = await place.begin()
    session.outbox.hold(True)
    line = place.polling.lines[sid]
    saying = []
    for number in range(3):
        saying.append(asyncio.ensure_future(place.ask(sid, b"%d" % number)))
        while line.saying <= number:
            await asyncio.sleep(0)
    status, body, _ = await place.ask(sid, b"too much", id="7")
    assert (status, json.loads(body)["ctrl"]["id"]) == (503, "7")
    session.outbox.hold(False)
    assert [answer[0] for answer in await asyncio.gather(*saying)] == [200] * 3
    assert (session.heard, line.saying) == ([b"0", b"1", b"2"], 0)


async def test_a_session_that_is_held_again_takes_one_message_at_a_time() -> None:
    line = Line(1000)
    session = Remembering(line, Peer("", "longpoll"))
    line.receiver = session
    line.hold(True)
    saying = [asyncio.ensure_future(line.say(b"%d" % number)) for number in range(3)]

    def feed(message: bytes) -> None:
        session.heard.append(message)
        line.hold(True)

    session.feed = feed  # type: ignore[method-assign]
    for number in range(1, 4):
        line.hold(False)
        for _ in range(3):
            await asyncio.sleep(0)
        assert len(session.heard) == number
    await asyncio.gather(*saying)
    assert session.heard == [b"0", b"1", b"2"]


async def test_a_session_that_is_busy_is_not_fed() -> None:
    """01 §4.2: what follows a log-in waits for it."""
    line = Line(1000)
    session = Remembering(line, Peer("", "longpoll"))
    line.receiver = session
    line.hold(True)
    saying = asyncio.ensure_future(line.say(b"later"))
    await asyncio.sleep(0)
    assert session.heard == []
    line.hold(False)
    await saying
    assert session.heard == [b"later"]
