"""A server from its start to its end: health, what it keeps, how it stops and comes back."""

import contextlib
import signal
import socket
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from live import API_KEY, Live
from parcels import download, form, upload
from talk import Packet, Talk, plain

STOP_S = 5.0
TEXT = "x" * 2000


def _stop(live: Live, number: signal.Signals = signal.SIGTERM) -> None:
    """Ask the server to end; it does so with status 0 in time, without a word."""
    assert live.process is not None
    started = time.monotonic()
    live.process.send_signal(number)
    assert live.process.wait(timeout=30) == 0
    assert time.monotonic() - started < STOP_S
    assert live.log.read_text() == ""
    live.stop()


@pytest.mark.parametrize(("path", "text"), [("/healthz", b"ok\n"), ("/readyz", b"ok\n")])
def test_health(live: Live, path: str, text: bytes) -> None:
    with urllib.request.urlopen(live.address + path) as response:
        assert (response.status, response.read()) == (200, text)


def test_what_it_keeps_is_for_its_owner_only(tmp_path: Path) -> None:
    with Live(tmp_path / "data", "--no-web") as live, Talk(live.port) as talk:
        talk.register("anna")
        upload(live, talk.token, b"some bytes")
        found = {p.relative_to(live.data): p for p in live.data.rglob("*")}
        assert {"chinwag.db", "chinwag.db-wal", "token.key", "uploads"} <= set(map(str, found))
        assert live.data.stat().st_mode & 0o777 == 0o700
        for name, path in found.items():
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), name


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_quiet_server_stops_at_once(tmp_path: Path, number: signal.Signals) -> None:
    with Live(tmp_path / "data", "--no-web") as live:
        _stop(live, number)


def test_a_busy_server_drains_and_stops(tmp_path: Path) -> None:
    """Clients that flood, that only listen, that are half through an upload or a request.

    Each is told (specification 01, paragraph 1.1; DEFECT-17), and what was acknowledged is kept.
    """
    with Live(tmp_path / "data", "--no-web") as live, contextlib.ExitStack() as stack:
        owner = stack.enter_context(Talk(live.port)).register("owner")
        topic = owner.ask("sub", topic="new1")["topic"]
        listener = stack.enter_context(Talk(live.port)).log_in(owner.token)
        assert listener.ask("sub", topic="me")["code"] == 200
        for half in (_half_an_upload(owner.token), b"GET /healthz HTTP/1.1\r\nHost", b""):
            waiting = stack.enter_context(socket.create_connection(("127.0.0.1", live.port)))
            waiting.sendall(half)
        acknowledged: set[int] = set()
        flood = threading.Thread(target=_flood, args=(owner, topic, acknowledged))
        flood.start()
        while len(acknowledged) < 100:
            time.sleep(0.01)
        _stop(live)
        flood.join(timeout=10)
        heard, code = listener.rest()
        assert plain(heard[-1]["ctrl"]) == {"code": 205, "text": "server shutdown"}
        assert code == 1001
    with live, Talk(live.port) as talk:
        talk.log_in(owner.token)
        assert _seqs(talk, topic) >= acknowledged


def _flood(talk: Talk, topic: str, acknowledged: set[int]) -> None:
    """Publish without waiting until the connection ends, and note what is acknowledged."""
    with contextlib.suppress(ConnectionClosed):
        for number in range(100_000):
            talk.say({"pub": {"id": f"p{number}", "topic": topic, "noecho": True, "content": TEXT}})
            if number % 20 == 19:
                _note(talk, acknowledged, until=f"p{number - 10}")
        raise AssertionError("the server did not stop")
    with contextlib.suppress(ConnectionClosed):
        _note(talk, acknowledged, until="")


def _note(talk: Talk, acknowledged: set[int], until: str) -> None:
    while True:
        heard = talk.hear().get("ctrl", {})
        if heard.get("code") == 202:
            acknowledged.add(heard["params"]["seq"])
        if heard.get("id") == until:
            return


def _seqs(talk: Talk, topic: str) -> set[int]:
    """The numbers of all messages in `topic`."""
    assert talk.ask("sub", topic=topic)["code"] == 200
    seqs: set[int] = set()
    before = 0
    while True:
        what = {"limit": 100, "before": before}
        talk.say({"get": {"id": "page", "topic": topic, "what": "data", "data": what}})
        page: list[int] = []
        while True:
            heard = talk.hear()
            if "data" in heard:
                page.append(heard["data"]["seq"])
            elif heard.get("ctrl", {}).get("id") == "page":
                break
        if not page:
            return seqs
        seqs.update(page)
        before = min(page)


def _half_an_upload(token: str) -> bytes:
    """The first part of a request that never goes on."""
    head = (
        f"POST /v0/file/u/ HTTP/1.1\r\nHost: x\r\nX-Tinode-APIKey: {API_KEY}\r\n"
        f"X-Tinode-Auth: token {token}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        "Content-Length: 1000000\r\n\r\n"
    )
    return head.encode() + form(b"x" * 70_000)[:70_000]


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restart_keeps_everything(tmp_path: Path, end: str) -> None:
    """Log-ins, people, groups, rights, messages, marks, tags, files; however it ended."""
    with Live(tmp_path / "data", "--no-web") as live, Talk(live.port) as anna:
        anna.register("anna")
        me = {"desc": {"public": {"fn": "Anna"}}, "tags": ["basic:anna", "alps"]}
        assert anna.ask("sub", topic="me", set=me)["code"] == 200
        topic = anna.ask("sub", topic="new1", set={"desc": {"public": {"fn": "Hikers"}}})["topic"]
        with Talk(live.port) as boris:
            boris.register("boris")
            assert boris.ask("sub", topic=topic)["code"] == 200
            assert boris.ask("pub", topic=topic, content="Up!")["params"]["seq"] == 1
            assert boris.ask("pub", topic=topic, content="Down.")["params"]["seq"] == 2
            boris.say({"note": {"topic": topic, "what": "read", "seq": 1}})
            assert boris.ask("sub", topic=anna.uid)["code"] == 200
            assert boris.ask("pub", topic=anna.uid, content="Psst")["code"] == 202
        path = upload(live, anna.token, b"a map")
        before = _everything(anna, topic)
        getattr(live, end)()
    with live, Talk(live.port) as anna_again:
        anna_again.log_in(anna.token)
        assert _everything(anna_again, topic) == before
        assert download(live, anna.token, path) == b"a map"


def _everything(talk: Talk, topic: str) -> list[Packet]:
    """What `talk` can learn, without what tells when it was asked."""
    heard: list[Packet] = []
    for name, what in (("me", "desc sub tags cred"), (topic, "desc sub data tags del")):
        talk.ask("sub", topic=name)
        talk.say({"get": {"id": "all", "topic": name, "what": what}})
        talk.say({"leave": {"id": "end", "topic": name}})
        while heard[-1:] != [{"end": name}]:
            packet = talk.hear()
            if packet.get("ctrl", {}).get("id") == "end":
                heard.append({"end": name})
            elif "meta" in packet or "data" in packet:
                heard.append(_lasting(packet))
    return heard


def _lasting(packet: Packet) -> Packet:
    """`packet` without what depends on the moment."""
    meta = packet.get("meta", {})
    meta.pop("ts", None)
    for sub in meta.get("sub", []):
        sub.pop("online", None)
        sub.pop("seen", None)
    meta.get("desc", {}).pop("online", None)
    meta.get("desc", {}).pop("seen", None)
    return packet


def test_it_is_ready_only_once_it_can_serve(tmp_path: Path) -> None:
    """The first connection after the line `chinwag ready` is served."""
    with Live(tmp_path / "data", "--no-web") as live, Talk(live.port) as talk:
        assert talk.register("anna").uid
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(live.address + "/healthz")
