"""Webhooks and tokens of bots at a real server, over crashes."""

import json
import shlex
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from chinwag.core.signing import signature
from databases import Start
from live import ROOT as LIVE_ROOT
from live import Live, chinwag
from talk import Talk

ROOT = {"CHINWAG_ROOT": "boss:password"}
PATIENCE_S = 60.0


class Target:
    """A program that is told of messages."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, bytes]] = []
        self.answer = 200
        self.hang = threading.Event()
        self.hang.set()
        self._news = threading.Condition()
        target = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                target.hang.wait(PATIENCE_S)
                with target._news:
                    if target.answer == 200:
                        target.heard.append((self.headers["X-Chinwag-Signature"], body))
                        target._news.notify_all()
                self.send_response(target.answer)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def wait(self, texts: list[str]) -> None:
        """Wait until it has been told of all of `texts`."""
        end = time.monotonic() + PATIENCE_S
        with self._news:
            while not set(texts) <= set(self.texts()):
                assert self._news.wait(end - time.monotonic()), f"told of {self.texts()} only"

    def texts(self) -> list[str]:
        """What it was told, in order."""
        return [json.loads(body)["text"] for _, body in self.heard]


@pytest.fixture
def target() -> Iterator[Target]:
    made = Target()
    yield made
    made.hang.set()
    made.server.shutdown()
    made.server.server_close()


def _server(folder: Path, *where: str) -> Live:
    """A server with an administrator, which may tell programs on this machine."""
    config = folder / "chinwag.toml"
    config.write_text("[webhooks]\nprivate_targets = true\ntimeout_s = 1\n")
    data = folder / "data"
    boss = ("boss", "--password", "password", "--root")
    made = chinwag("user", "add", *boss, "--data", data, *where)
    assert made.returncode == 0, made.stderr
    return Live(data, "--no-web", "--config", str(config), *where)


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Live]:
    """A server on SQLite."""
    with _server(tmp_path) as live:
        yield live


@pytest.fixture
def anywhere(tmp_path: Path, product: str, servers: Start) -> Iterator[Live]:
    """A server on each kind of database."""
    where = () if product == "sqlite" else ("--database", servers(product).new_database())
    with _server(tmp_path, *where) as live:
        yield live


def hook(live: Live, *words: str) -> list[str]:
    """What `chinwag hook WORDS` prints, given to the running server."""
    done = chinwag("hook", *words, "--server", live.address, **ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def group(talk: Talk) -> str:
    """A new group."""
    name: str = talk.ask("sub", topic="new1")["topic"]
    return name


def say(talk: Talk, topic: str, *texts: str) -> None:
    """Publish some texts; all are acknowledged."""
    for text in texts:
        assert talk.ask("pub", topic=topic, content=text, noecho=True)["code"] == 202


def is_ordered(heard: list[str], said: list[str]) -> bool:
    """Whether the first time each was heard is in the order in which they were said."""
    firsts = list(dict.fromkeys(heard))
    return firsts == [text for text in said if text in set(firsts)]


def test_acknowledged_messages_are_told_in_order_over_kill_9(
    anywhere: Live, target: Target
) -> None:
    """Whether the target hangs, fails, or has been told half of it when the server is killed."""
    live = anywhere
    with Talk(live.port).register("alice") as alice:
        tea = group(alice)
        made = hook(live, "out", target.url, "--topic", tea)
        secret = made[1].removeprefix("Secret: ")
        said = [f"a{n}" for n in range(30)]
        say(alice, tea, *said[:10])
        target.wait(said[:5])
        target.answer = 500
        say(alice, tea, *said[10:20])
        target.hang.clear()  # and nobody waits for it
        say(alice, tea, *said[20:])
        token = alice.token
        live.kill()
    target.answer = 200
    target.hang.set()
    live.start()
    target.wait(said)
    assert is_ordered(target.texts(), said)
    with Talk(live.port).log_in(token) as alice:
        alice.ask("sub", topic=tea)
        say(alice, tea, "after")
    target.wait(["after"])
    for found, body in target.heard:
        at_s = int(found.partition(",")[0].removeprefix("t="))
        assert found == signature(secret, at_s, body)
        assert abs(time.time() - at_s) < 3600
    assert "  ok" in hook(live, "list")[0]
    hook(live, "revoke", made[0].split()[1].rstrip(":"))
    assert hook(live, "list") == []


def post(url: str, body: bytes) -> tuple[int, str]:
    """Status and words of the answer to a posting."""
    try:
        with urllib.request.urlopen(url, data=body, timeout=PATIENCE_S) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_program_posts_to_a_group(anywhere: Live) -> None:
    live = anywhere
    with Talk(live.port).register("alice") as alice:
        tea = group(alice)
        made, url = hook(live, "in", tea, "--name", "CI")
        assert url.startswith(live.address + "/v1/hooks/cwhook")
        assert post(url, b'{"text": "**Build 7** failed"}') == (200, "ok")
        heard = alice.hear()
        while "data" not in heard:
            heard = alice.hear()
        assert heard["data"]["content"]["txt"] == "Build 7 failed"
        live.kill()
    live.start()
    assert post(url, b'{"text": "still there"}') == (200, "ok")
    hook(live, "revoke", made.split()[1].rstrip(":"))
    assert post(url, b'{"text": "no more"}') == (404, "no_service")


def test_the_commands_of_the_page_work(live: Live) -> None:
    """docs/webhooks.md, one after the other."""
    page = (LIVE_ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
    block = page.partition("```sh\n")[2].partition("```")[0]
    with Talk(live.port).register("alice") as alice:
        tea = group(alice)
        said: list[str] = []
        first, *lines = block.replace("http://127.0.0.1:6060", live.address).splitlines()
        assert first.startswith("export CHINWAG_ROOT=boss:password")
        for line in lines:
            known = said[0].split()[1].rstrip(":") if said else ""
            words = shlex.split(line.replace("grp…", tea).replace("ID", known))[1:]
            done = chinwag(*words, **ROOT)
            assert done.returncode == 0, done.stderr
            said += done.stdout.splitlines()
        assert said[-1].endswith("is revoked.")


def test_orders_are_for_administrators(live: Live) -> None:
    with Talk(live.port).register("alice"):
        done = chinwag("hook", "list", "--server", live.address, CHINWAG_ROOT="alice:password")
        assert (done.returncode, done.stdout) == (2, "")
        assert "permission denied" in done.stderr
        done = chinwag("hook", "list", "--server", live.address, CHINWAG_ROOT="boss:wrong")
        assert "authentication failed" in done.stderr


def test_a_revoked_token_ends_its_sessions_at_once(live: Live) -> None:
    live.stop()
    made = chinwag("bot", "account", "tino", "--data", live.data)
    secret = made.stdout.splitlines()[-1].partition("=")[2]
    live.start()
    with Talk(live.port).log_in(secret) as bot:
        token = made.stdout.splitlines()[-2].split()[1]
        done = chinwag("bot", "revoke", token, "--server", live.address, **ROOT)
        assert done.returncode == 0, done.stderr
        heard, _ = bot.rest()
        assert heard[-1]["ctrl"]["code"] == 205
    with Talk(live.port) as bot:
        assert bot.ask("login", scheme="token", secret=secret)["code"] == 401
