"""A Tinode server's people find everything in Chinwag; an import that is killed goes on."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import oddities
from chinwag.store import schema
from chinwag.store.db import Tx
from chinwag.store.opening import open_db
from databases import Start
from live import API_KEY, ROOT, Live, chinwag
from oddities import BOB, GHOST, GROUP, HASH, PICTURE
from talk import Packet, Talk, secret
from tinode import KEY, Crowd, Tinode, fill, uid

LARGE = os.environ.get("LARGE_IMPORT", "")
MESSAGE_MAX = 262_144
DEADLINE_S = 100.0


def take(old: Tinode, data: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    """Take a database over."""
    address = ("--from", old.url, "--uid-key", KEY)
    return chinwag("import-tinode", *address, "--data", data, *options)


def _all(tx: Tx) -> dict[str, list[Any]]:
    """All rows of all tables but the notes."""
    tables = [t for t in schema.metadata.sorted_tables if t is not schema.meta]
    keyed = ((t, sa.select(t).order_by(*t.primary_key.columns)) for t in tables)
    return {t.name: [tuple(r) for r in tx.execute(query)] for t, query in keyed}


async def content(data: Path) -> dict[str, list[Any]]:
    """Everything in a database."""
    db = await open_db("", data, message_max=MESSAGE_MAX)
    try:
        return await db.read(_all)
    finally:
        await db.close()


def _kill_midway(old: Tinode, data: Path, *, messages: int) -> None:
    """Start an import and kill it once it has come so far, if it is not faster."""
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-m", "chinwag.cli", "import-tinode", "--from", old.url]
    command += ["--uid-key", KEY, "--data", str(data)]
    deadline = time.monotonic() + DEADLINE_S
    with subprocess.Popen(command, env=environ, stderr=subprocess.PIPE) as process:
        while process.poll() is None and _count(data) < messages:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)


def _count(data: Path) -> int:
    """How many messages have arrived."""
    path = data / "chinwag.db"
    if not path.exists():
        return 0
    engine = sa.create_engine(f"sqlite:///file:{path}?mode=ro&uri=true", poolclass=sa.NullPool)
    try:
        with engine.connect() as tx:
            return tx.execute(sa.select(sa.func.count()).select_from(schema.messages)).scalar() or 0
    except sa.exc.OperationalError:  # it is not made yet
        return 0


async def test_a_killed_import_goes_on(hosted: str, servers: Start, tmp_path: Path) -> None:
    old = Tinode(servers(hosted))
    fill(old, Crowd(people=50, groups=10, messages=3000))
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    done = take(old, whole)
    assert done.returncode == 0, done.stdout + done.stderr
    _kill_midway(old, parts, messages=1)
    killed = _count(parts)
    if killed < 3000:
        done = take(old, parts)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Going on" in done.stderr
    assert await content(parts) == await content(whole)
    assert _count(parts) == 3000


# --- the people ------------------------------------------------------------------------------


def log_in(talk: Talk, login: str, password: str) -> Packet:
    """The {ctrl} that answers a log-in."""
    ctrl = talk.ask("login", scheme="basic", secret=secret(f"{login}:{password}"))
    if ctrl["code"] == 200:
        talk.uid, talk.token = ctrl["params"]["user"], ctrl["params"]["token"]
    return ctrl


def heard(talk: Talk, kind: str, **request: Any) -> list[Packet]:
    """All packets of a kind that come before the answer to a {get}, or with it."""
    talk.say({"get": {"id": "g", **request}})
    found = []
    while True:
        packet = talk.hear()
        if kind in packet:
            found.append(packet[kind])
        if packet.get("ctrl", {}).get("id") == "g" or kind == "meta":
            return found


def test_people_find_everything_under_the_names_they_know(
    hosted: str, servers: Start, tmp_path: Path
) -> None:
    old = Tinode(servers(hosted))
    oddities.fill(old, tmp_path / "uploads")
    data = tmp_path / "data"
    done = take(old, data, "--files", str(tmp_path / "uploads"), "--on-error", "skip")
    assert done.returncode == 0, done.stdout + done.stderr
    with Live(data, "--no-web") as live, Talk(live.port) as alice:
        assert log_in(alice, "alice", "wrong")["code"] == 401
        assert log_in(alice, "alice", "alice123")["code"] == 200
        assert alice.uid == "usrElFc2oqZVIY"
        _check_list(alice)
        _check_history(alice)
        _check_file(alice, live)
        with Talk(live.port) as rooty:
            assert log_in(rooty, "rooty", "alice123")["params"]["authlvl"] == "root"
        assert "Traceback" not in live.log.read_text()
    _check_password(data)


def _check_list(alice: Talk) -> None:
    """Conversations bear the other one's id; unread is what it was."""
    assert alice.ask("sub", topic="me")["code"] == 200
    (meta,) = heard(alice, "meta", topic="me", what="sub")
    found = {sub["topic"]: sub for sub in meta["sub"]}
    other = found["usrgpFkDU6fGFs"]
    assert (other["seq"], other["read"], other["recv"]) == (12, 8, 11)
    assert other["public"] == {"fn": "bob"}
    assert (found[GROUP]["seq"], found[GROUP]["read"]) == (5, 2)
    assert {uid(BOB), uid(GHOST), GROUP, "slf"} <= found.keys()


def _check_history(alice: Talk) -> None:
    """In order, and without what was deleted; what is said now comes next."""
    assert alice.ask("sub", topic=uid(BOB))["code"] == 200
    page = heard(alice, "data", topic=uid(BOB), what="data")
    assert [m["seq"] for m in reversed(page)] == [1, 7, 8, 9, 11, 12]
    assert [m["content"] for m in reversed(page)] == ["p1", "p7", "p8", "p9", "p11", "p12"]
    assert alice.ask("sub", topic=GROUP)["code"] == 200
    said = alice.ask("pub", topic=GROUP, content="here again", noecho=True)
    assert said["params"]["seq"] == 6


def _check_file(alice: Talk, live: Live) -> None:
    """At the address that stands in old messages."""
    url = live.address + oddities.address_of(PICTURE)
    headers = {"X-Tinode-APIKey": API_KEY, "X-Tinode-Auth": f"Token {alice.token}"}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
        assert answer.read() == b"\xff\xd8\xffwcjyh7wwim7t2"
        assert answer.headers["Content-Type"] == "image/jpeg"


def _check_password(data: Path) -> None:
    """It was bcrypt, and is argon2id after a log-in; others stay until theirs."""
    engine = sa.create_engine(f"sqlite:///{data / 'chinwag.db'}", poolclass=sa.NullPool)
    with engine.connect() as tx:
        query = sa.select(schema.auth.c.unique_text, schema.auth.c.secret)
        secrets = {row.unique_text: row.secret for row in tx.execute(query)}
    assert secrets["alice"].startswith(b"$argon2id$")
    assert secrets["bob"] == HASH.encode()


def test_a_wrong_password_is_one_sentence_without_it(
    hosted: str, servers: Start, tmp_path: Path
) -> None:
    old = Tinode(servers(hosted))
    old.url = re.sub(r":[^:/@]+@", ":sesame@", old.url)
    done = take(old, tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"chinwag: The database \S+ refuses the user chinwag: .*\.\n", done.stderr)
    assert "sesame" not in done.stderr


def test_the_commands_of_the_page_about_moving_work(
    hosted: str, servers: Start, tmp_path: Path
) -> None:
    """All but the server itself, with a database and folders of the test's own."""
    old = Tinode(servers(hosted))
    oddities.fill(old, tmp_path / "uploads")
    page = (ROOT / "docs/moving-from-tinode.md").read_text(encoding="utf-8")
    block = page.partition("```sh\n")[2].partition("```")[0]
    places = {
        "/srv/tinode/uploads": str(tmp_path / "uploads"),
        "/tmp/chinwag": str(tmp_path / "data"),
        "postgresql://tinode:secret@db.example/tinode": old.url,
    }
    settings, codes = {}, []
    for place, ours in places.items():
        block = block.replace(place, ours)
    for line in block.splitlines():
        words = shlex.split(line)
        if words[0] == "export":
            name, _, value = words[1].partition("=")
            settings[name] = value
        elif words[1] != "serve":
            done = chinwag(*words[1:], **settings)
            codes.append(done.returncode)
            assert done.returncode == 0, done.stdout + done.stderr
    assert codes == [0, 0]


@pytest.mark.skipif(not LARGE, reason="LARGE_IMPORT=1 takes over 100,000 messages")
@pytest.mark.timeout(900)
def test_a_large_database(hosted: str, product: str, servers: Start, tmp_path: Path) -> None:
    """The number to reach is 20,000 messages a second; the report says what was reached."""
    old = Tinode(servers(hosted))
    fill(old, Crowd(people=1000, groups=200, messages=100_000))
    url = "" if product == "sqlite" else servers(product).new_database()
    done = take(old, tmp_path / "data", *(("--database", url) if url else ()))
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"messages +100,000 +0 +0 +100,000", done.stdout)
    print(f"from {hosted} to {product}:", re.findall(r"messages .*", done.stderr)[0])
