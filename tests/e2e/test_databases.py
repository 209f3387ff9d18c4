"""A server whose database is kept by another: how it starts, and that it outlives its outages."""

import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import ESCAPED, PASSWORD, Server, Start
from live import Live, chinwag
from talk import Packet, Talk, fresh

REFUSED_S = 20.0  # however the database is away
MEMORY_S = 10.0  # for what does not wait for it


@pytest.fixture
def server(hosted: str, servers: Start) -> Server:
    """A running database server; a test that stops it starts it again."""
    return servers(hosted)


@pytest.fixture
def live(server: Server, tmp_path: Path) -> Iterator[Live]:
    """A server on a database of its own."""
    with Live(tmp_path / "data", "--no-web", "--database", server.new_database()) as started:
        yield started
        said = started.log.read_text()
    assert PASSWORD not in said
    assert ESCAPED not in said
    assert "Traceback" not in said


def _pub(talk: Talk, topic: str, text: str) -> Packet:
    return talk.ask("pub", topic=topic, content=text, noecho=True)


def _history(talk: Talk, topic: str) -> list[tuple[int, str]]:
    """Numbers and texts of all messages."""
    talk.say({"get": {"id": "all", "topic": topic, "what": "data"}})
    found: list[tuple[int, str]] = []
    while True:
        heard = talk.hear()
        if heard.get("ctrl", {}).get("id") == "all":
            return sorted(found)
        if "data" in heard:
            found.append((heard["data"]["seq"], heard["data"]["content"]))


def _heard(talk: Talk, text: str) -> None:
    """Wait until `talk` hears the message `text`."""
    while talk.hear().get("data", {}).get("content") != text:
        pass


def _group(author: Talk, reader: Talk) -> str:
    """A group both are attached to."""
    topic: str = author.register(fresh("author")).ask("sub", topic="new")["topic"]
    assert reader.register(fresh("reader")).ask("sub", topic=topic)["code"] == 200
    return topic


def _refused(talk: Talk, topic: str, text: str) -> None:
    """A message is refused in bounded time, and the session lives on."""
    began = time.monotonic()
    assert _pub(talk, topic, text)["code"] == 503
    assert time.monotonic() - began < REFUSED_S
    talk.say("1")
    assert talk.ws.recv() == "0"


def _memory_goes_on(author: Talk, reader: Talk, topic: str, seq: int, *notes: str) -> None:
    """What needs no database is done: descriptions, receipts, typing."""
    began = time.monotonic()
    author.say({"get": {"id": "memory", "topic": topic, "what": "desc"}})
    while (heard := author.hear()).get("meta", {}).get("id") != "memory":
        assert heard.get("ctrl", {}).get("id") != "memory", heard
    assert heard["meta"]["desc"]["seq"] == seq
    for what in notes:
        reader.say({"note": {"topic": topic, "what": what, "seq": seq if what == "read" else 0}})
        while author.hear().get("info", {}).get("what") != what:
            pass
    assert time.monotonic() - began < MEMORY_S


def _refused_together(talk: Talk, topic: str, count: int) -> None:
    """Messages that are said at once are all refused in the time that one takes."""
    began = time.monotonic()
    idents = [fresh("m") for _ in range(count)]
    for ident in idents:
        talk.say({"pub": {"id": ident, "topic": topic, "content": ident, "noecho": True}})
    assert {talk.answer(ident)["code"] for ident in idents} == {503}
    assert time.monotonic() - began < REFUSED_S


def test_a_conversation_survives_a_killed_database(live: Live, server: Server) -> None:
    """Issue 4: 503 while it is away, sessions stay attached, all goes on without a restart."""
    with Talk(live.port) as author, Talk(live.port) as reader:
        topic = _group(author, reader)
        kept = [
            (_pub(author, topic, f"before {n}")["params"]["seq"], f"before {n}") for n in (1, 2)
        ]
        with server.away():
            for number in range(3):
                _refused(author, topic, f"lost {number}")
            _memory_goes_on(author, reader, topic, 2, "kp", "read")
            _refused_together(author, topic, 600)
            _memory_goes_on(author, reader, topic, 2, "kpa")
        kept.append((_pub(author, topic, "after")["params"]["seq"], "after"))
        _heard(reader, "after")
        assert [seq for seq, _ in kept] == [1, 2, 3]
        assert _history(author, topic) == kept
    assert "database_lost" in live.log.read_text()
    assert "database_back" in live.log.read_text()


def test_a_conversation_survives_a_database_that_hangs(live: Live, server: Server) -> None:
    """As when the network is cut: nobody refuses, nobody answers."""
    with Talk(live.port) as author, Talk(live.port) as reader:
        topic = _group(author, reader)
        assert _pub(author, topic, "before")["params"]["seq"] == 1
        with server.silent():
            _refused(author, topic, "unsure")
            _memory_goes_on(author, reader, topic, 1, "kp", "read")
            _refused_together(author, topic, 600)
            _memory_goes_on(author, reader, topic, 1, "kpa")
        seq = _pub(author, topic, "after")["params"]["seq"]
        _heard(reader, "after")
        found = _history(author, topic)
        assert [number for number, _ in found] == list(range(1, seq + 1))
        assert {text for _, text in found} >= {"before", "after"}


def test_a_database_that_is_killed_while_it_commits_loses_nothing(
    live: Live, server: Server
) -> None:
    """What was acknowledged is there, once; what was refused may be there, once, or not."""
    with Talk(live.port) as author, Talk(live.port) as reader:
        topic = _group(author, reader)
        said = [fresh("n") for _ in range(1200)]
        for text in said:
            author.say({"pub": {"id": text, "topic": topic, "content": text, "noecho": True}})
        answers = [author.answer(said[0])]
        with server.away():
            answers += [author.answer(text) for text in said[1:]]
        codes = {answer["code"] for answer in answers}
        assert 202 in codes
        assert codes <= {202, 503}
        again = [fresh("n") for _ in range(3)]
        answers += [author.ask("pub", topic=topic, content=text, noecho=True) for text in again]
        kept = {
            answer["params"]["seq"]: text
            for answer, text in zip(answers, said + again, strict=True)
            if answer["code"] == 202
        }
        assert set(again) <= set(kept.values())
        found = _pages(author, topic)
        assert sorted(found) == list(range(1, max(kept) + 1))
        assert len(set(found.values())) == len(found)
        assert kept.items() <= found.items()


def _pages(talk: Talk, topic: str) -> dict[int, str]:
    """All messages of a topic by their numbers, page by page."""
    found: dict[int, str] = {}
    while 1 not in found:
        before = min(found, default=0)
        query = {"limit": 100, "before": before}
        talk.say({"get": {"id": f"p{before}", "topic": topic, "what": "data", "data": query}})
        while (heard := talk.hear()).get("ctrl", {}).get("id") != f"p{before}":
            if "data" in heard:
                found[heard["data"]["seq"]] = heard["data"]["content"]
    return found


def test_everything_is_there_after_both_were_killed(live: Live, server: Server) -> None:
    with Talk(live.port) as author, Talk(live.port) as reader:
        topic = _group(author, reader)
        token = author.token
        kept = [(_pub(author, topic, str(n))["params"]["seq"], str(n)) for n in range(5)]
    live.kill()
    with server.away():
        pass
    live.start()
    with Talk(live.port) as author:
        assert author.log_in(token).ask("sub", topic=topic)["code"] == 200
        assert _history(author, topic) == kept


def test_readiness_tells_whether_the_database_answers(live: Live, server: Server) -> None:
    def ready() -> int:
        with Talk(live.port):
            pass
        try:
            with urllib.request.urlopen(f"{live.address}/readyz", timeout=20) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    assert ready() == 200
    with server.away():
        assert ready() == 503
    assert ready() == 200


def test_a_second_server_on_the_same_database_is_refused(live: Live, tmp_path: Path) -> None:
    url = live._command[-1]
    second = chinwag("serve", "--no-web", "--data", tmp_path / "other", "--database", url)
    assert second.returncode == 2
    assert second.stderr.startswith("chinwag: The database is in use by another chinwag: stop")


@pytest.mark.parametrize("wrong", ["password", "name", "port"])
def test_what_cannot_be_opened_is_one_sentence(server: Server, tmp_path: Path, wrong: str) -> None:
    url = server.url + "nowhere"
    if wrong == "password":
        url = url.replace(ESCAPED, "Geheimnis")
    elif wrong == "port":
        url = url.replace(str(server.port), "1")
    for words in (["serve", "--no-web"], ["init"], ["user", "list"]):
        done = chinwag(*words, "--data", tmp_path / "data", "--database", url)
        assert done.returncode == 2
        assert done.stderr.count("\n") == 1
        assert "Geheimnis" not in done.stderr
        assert done.stderr.startswith("chinwag: The database ")


def test_accounts_are_managed_where_the_setting_says(server: Server, tmp_path: Path) -> None:
    config = tmp_path / "chinwag.toml"
    config.write_text(f'[database]\nurl = "{server.new_database()}"\n')
    at = ("--data", tmp_path / "data", "--config", config)
    assert chinwag("user", "add", "anna", *at).returncode == 0
    assert "anna" in chinwag("user", "list", *at).stdout
    assert not (tmp_path / "data" / "chinwag.db").exists()
