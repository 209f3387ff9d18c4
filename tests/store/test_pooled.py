"""PostgreSQL and MySQL: what may be wrong with them, and that all goes on when they are back."""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from chinwag.store import messages, pooled, schema, topics
from chinwag.store.address import parsed
from chinwag.store.batch import BATCH_MAX
from chinwag.store.db import CannotOpen, Tx, Unavailable
from chinwag.store.lock import Lock
from chinwag.store.pooled import AWAY_S, READERS, PooledDb, engines
from databases import ESCAPED, PASSWORD, Server
from rows import ALICE, GROUP, draft, post, topic

KILL_ME = {
    "postgres": "SELECT pg_terminate_backend(pg_backend_pid())",
    "mysql": "KILL CONNECTION_ID()",
}


async def _open(url: str, folder: Path, *, message_max: int = 1000) -> PooledDb:
    lock = Lock(folder / "chinwag.lock")
    return await PooledDb.open(parsed(url), lock, message_max=message_max)


async def _refused(url: str, folder: Path, *, message_max: int = 1000) -> str:
    """The sentence with which `url` is refused."""
    with pytest.raises(CannotOpen) as caught:
        await _open(url, folder, message_max=message_max)
    Lock(folder / "chinwag.lock").release()
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert PASSWORD not in sentence
    assert ESCAPED not in sentence
    return sentence


def _name(url: str) -> str:
    return url.rpartition("/")[2]


@pytest.fixture
async def url(server: Server) -> str:
    """The address of an empty database."""
    return server.new_database()


@pytest.fixture
async def db(url: str, tmp_path: Path) -> AsyncIterator[PooledDb]:
    """A database with a group."""
    opened = await _open(url, tmp_path)
    await topic(opened, GROUP, ALICE)
    yield opened
    await opened.close()


def put(tx: Tx, tag: str) -> str:
    """Store a tag."""
    tx.execute(sa.insert(schema.tags).values(tag=tag, holder=ALICE))
    return tag


def tags(tx: Tx) -> list[str]:
    """All tags."""
    return list(tx.execute(sa.select(schema.tags.c.tag).order_by(schema.tags.c.tag)).scalars())


# --- opening --------------------------------------------------------------------------------


async def test_a_wrong_password_is_told(url: str, tmp_path: Path) -> None:
    sentence = await _refused(url.replace(ESCAPED, "wrong"), tmp_path)
    assert "refuses the user chinwag: check the name and the password" in sentence


async def test_a_database_that_is_not_there_is_told(server: Server, tmp_path: Path) -> None:
    assert "nowhere is not there: make it" in await _refused(server.url + "nowhere", tmp_path)


async def test_nobody_at_the_address_is_told(server: Server, tmp_path: Path) -> None:
    sentence = await _refused(server.url.replace(str(server.port), "1") + "a", tmp_path)
    assert "does not answer" in sentence
    sentence = await _refused(server.url.replace("127.0.0.1", "host.invalid") + "a", tmp_path)
    assert "does not answer" in sentence


@pytest.mark.parametrize("scheme", ["postgresql", "mysql"])
async def test_whoever_listens_and_says_nothing_is_not_waited_for(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a server that hangs, or one of another kind, which waits for us to speak."""
    monkeypatch.setattr(pooled, "ANSWER_S", 0.2)
    over = asyncio.Event()

    async def keep_silent(_: object, writer: asyncio.StreamWriter) -> None:
        await over.wait()
        writer.close()

    listening = await asyncio.start_server(keep_silent, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    url = f"{scheme}://a:b@127.0.0.1:{port}/c"
    assert "does not answer (it took too long)" in await _refused(url, tmp_path)
    with pytest.raises(CannotOpen, match=r"does not answer \(it took too long\)"):
        await pooled.look(parsed(url), lambda tx: None)
    over.set()
    listening.close()
    await listening.wait_closed()
    for _ in range(3):  # for the driver to close what it has opened
        await asyncio.sleep(0)


async def test_an_option_that_means_nothing_is_told(url: str, tmp_path: Path) -> None:
    assert "colour" in await _refused(url + "?colour=red", tmp_path)


async def test_missing_rights_are_told(hosted: str, server: Server, tmp_path: Path) -> None:
    url = server.new_database()
    if hosted == "postgres":
        server.execute("DROP ROLE IF EXISTS guest; CREATE ROLE guest LOGIN PASSWORD 'guest'")
        server.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC", _name(url))
    else:
        server.execute("CREATE OR REPLACE USER guest@'%' IDENTIFIED BY 'guest'")
    guest = url.replace(f"chinwag:{ESCAPED}", "guest:guest")
    assert "does not let the user guest do this" in await _refused(guest, tmp_path)


async def test_a_database_that_can_only_be_read_is_told(
    hosted: str, server: Server, url: str, tmp_path: Path
) -> None:
    await (await _open(url, tmp_path)).close()
    if hosted == "postgres":
        server.execute(f"ALTER DATABASE {_name(url)} SET default_transaction_read_only = on")
        assert "can only be read" in await _refused(url, tmp_path)
    else:
        server.execute("CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'reader'")
        server.execute(f"GRANT SELECT ON {_name(url)}.* TO reader@'%'")
        reader = url.replace(f"chinwag:{ESCAPED}", "reader:reader")
        assert "does not let the user reader do this" in await _refused(reader, tmp_path)


async def test_an_unfit_server_is_told(hosted: str, server: Server, tmp_path: Path) -> None:
    if hosted == "postgres":
        server.execute("DROP DATABASE IF EXISTS ascii")
        server.execute("CREATE DATABASE ascii ENCODING 'SQL_ASCII' TEMPLATE template0")
        sentence = await _refused(server.url + "ascii", tmp_path)
        assert "has the encoding SQL_ASCII: make one with ENCODING 'UTF8'" in sentence
    else:
        sentence = await _refused(server.new_database(), tmp_path, message_max=1 << 30)
        assert "set its max_allowed_packet to" in sentence


async def test_tables_of_another_program_are_left_alone(
    server: Server, url: str, tmp_path: Path
) -> None:
    server.execute("CREATE TABLE diary (page INTEGER)", _name(url))
    assert "holds tables that are not chinwag's" in await _refused(url, tmp_path)


async def test_a_second_server_on_the_same_database_is_refused(
    db: PooledDb, url: str, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    assert "is in use by another chinwag" in await _refused(url, tmp_path / "other")
    await db.close()
    await (await _open(url, tmp_path / "other")).close()


async def test_two_databases_of_one_server_are_two(
    db: PooledDb, server: Server, tmp_path: Path
) -> None:
    (tmp_path / "other").mkdir()
    await (await _open(server.new_database(), tmp_path / "other")).close()


# --- connections that die -------------------------------------------------------------------


async def test_connections_that_died_while_idle_cost_nobody_anything(
    db: PooledDb, hosted: str, server: Server, url: str
) -> None:
    await asyncio.gather(*(db.read(tags) for _ in range(20)))
    for number in range(3):
        server.cut_off(_name(url))
        assert await db.run(put, f"tag{number}") == f"tag{number}"
        server.cut_off(_name(url))
        found = await asyncio.gather(*(db.read(tags) for _ in range(20)))
        assert {len(f) for f in found} == {number + 1}


async def test_one_that_loses_its_connection_fails_alone(db: PooledDb, hosted: str) -> None:
    def kill(tx: Tx) -> None:
        put(tx, "killed")
        tx.exec_driver_sql(KILL_ME[hosted])
        put(tx, "never")

    asked = [db.run(put, "a"), db.run(put, "b"), db.run(kill), db.run(put, "c")]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert isinstance(results.pop(2), Unavailable)
    assert results == ["a", "b", "c"]
    assert await db.read(tags) == ["a", "b", "c"]


async def test_a_connection_lost_at_the_commit_leaves_the_outcome_open(
    db: PooledDb, hosted: str, server: Server, url: str
) -> None:
    """Nothing runs again: it might have happened."""
    ran: list[str] = []

    def kill(tx: Tx, tag: str) -> None:
        ran.append(tag)
        put(tx, tag)
        if tag == "b":
            server.cut_off(_name(url))

    asked = [db.run(kill, tag) for tag in "ab"]
    results = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(r) for r in results] == [Unavailable, Unavailable]
    assert ran == ["a", "b"]
    assert await db.run(put, "c") == "c"
    assert await db.read(tags) == ["c"]


async def test_asking_whether_a_message_is_stored_waits_for_who_is_storing_it(
    db: PooledDb, url: str
) -> None:
    """The connection is lost, and the database is still about to commit."""
    engine, readers = engines(parsed(url))
    async with engine.connect() as other:
        await other.run_sync(messages.append, [draft(1)])
        asked = asyncio.ensure_future(db.run(messages.stored, draft(1)))
        done, _ = await asyncio.wait([asked], timeout=0.3)
        assert not done
        await other.commit()
        assert await asked
    await engine.dispose()
    await readers.dispose()


# --- the database is away -------------------------------------------------------------------


async def test_a_killed_database_is_unavailable_at_once_and_comes_back(
    db: PooledDb, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    await post(db, 3)
    loop = asyncio.get_running_loop()
    with server.away():
        began = loop.time()
        for _ in range(3):
            with pytest.raises(Unavailable):
                await db.run(messages.append, [draft(4)])
            with pytest.raises(Unavailable):
                await db.read(tags)
            assert not await db.ping()
        assert loop.time() - began < 10
    assert await db.ping()
    state = await db.read(topics.load, GROUP)
    assert state is not None
    assert state.seq == 3
    await db.run(messages.append, [draft(4)])
    told = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert told == ["database_lost", "database_back"]
    assert PASSWORD not in caplog.text


async def test_acknowledged_messages_survive_the_death_of_the_database(
    db: PooledDb, server: Server
) -> None:
    acknowledged = 0
    timer = threading.Timer(0.5, server.kill)
    timer.start()
    for seq in range(1, 100_000):
        try:
            await db.run(messages.append, [draft(seq)])
        except Unavailable:
            break
        acknowledged = seq
    timer.join()
    server.start()
    state = await db.read(topics.load, GROUP)
    assert state is not None
    assert acknowledged <= state.seq <= acknowledged + 1
    stored = await db.run(messages.stored, draft(acknowledged + 1))
    assert stored is (state.seq == acknowledged + 1)


async def test_a_database_that_hangs_is_unavailable_in_bounded_time(
    db: PooledDb, server: Server
) -> None:
    db.answer_s = 0.5
    loop = asyncio.get_running_loop()
    with server.silent():
        began = loop.time()
        asked = [db.run(put, f"tag{n}") for n in range(3)] + [db.read(tags) for _ in range(9)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert loop.time() - began < 8
    assert {type(r) for r in results} == {Unavailable}
    db.answer_s = 15
    assert await db.run(put, "later") == "later"
    assert "later" in await db.read(tags)


async def test_nobody_waits_long_for_a_database_that_is_known_to_hang(
    db: PooledDb, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Each batch once waited as long as the first: a full queue took minutes."""
    db.answer_s = 0.5
    loop = asyncio.get_running_loop()
    with server.silent():
        asked = [db.run(put, f"tag{n}") for n in range(5 * BATCH_MAX)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(r) for r in results} == {Unavailable}
        assert db.away
        began = loop.time()
        asked = [db.run(put, f"tag{n}") for n in range(5 * BATCH_MAX)]
        results = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(r) for r in results} == {Unavailable}
        with pytest.raises(Unavailable):
            await db.read(tags)
        assert loop.time() - began < AWAY_S + 5
    while db.away:  # it is noticed though nobody asks for anything
        await asyncio.to_thread(server.execute, "SELECT 1")
    assert await db.read(tags) == []
    told = [record.message for record in caplog.records if record.levelno >= logging.WARNING]
    assert told == ["database_lost", "database_back"]


async def test_reads_that_get_no_answer_tell_that_it_is_away(db: PooledDb, server: Server) -> None:
    with server.away():
        with pytest.raises(Unavailable):
            await db.read(tags)
        assert db.away
    assert await db.run(put, "later") == "later"
    assert not db.away


async def test_a_database_that_is_away_does_not_keep_a_server_from_stopping(
    db: PooledDb, server: Server
) -> None:
    with server.away():
        asked = asyncio.ensure_future(db.run(put, "x"))
        await asyncio.sleep(0)
        await db.close()
        with pytest.raises(Unavailable):
            await asked


# --- how much of a server we take -------------------------------------------------------------


async def test_no_more_connections_than_there_should_be(db: PooledDb, hosted: str) -> None:
    """D-12: there was a setting for it, which had no effect."""
    count = {
        "postgres": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()",
        "mysql": "SELECT count(*) FROM information_schema.processlist WHERE db = database()",
    }[hosted]

    def look(tx: Tx) -> int:
        return int(tx.execute(sa.text(count)).scalar() or 0)

    found = await asyncio.gather(*(db.read(look) for _ in range(10 * READERS)))
    assert max(found) <= READERS + 3  # the writer, and what keeps others out
