"""Reading an old database in pages."""

from chinwag.importing.rows import Person, Said, Sub
from chinwag.importing.source import FIRST, HEAVY, ID, open_source
from databases import Start
from oddities import ALICE, GROUP
from tinode import Tinode, own_subs, said, sub, topic, user


async def test_pages_are_small_where_rows_are_large(hosted: str, servers: Start) -> None:
    """Memory is bounded by bytes, not by rows."""
    old = Tinode(servers(hosted))
    old.insert("users", [user(ALICE, "alice")])
    old.insert("topics", [topic(GROUP)])
    count = FIRST + 100
    large = "x" * (2 * HEAVY // FIRST)
    for start in range(1, count, 50):
        some = range(start, min(start + 50, count + 1))
        old.insert("messages", [said(GROUP, n, ALICE, large) for n in some])
    async with open_source(old.url) as source:
        sizes = [page.size async for page in source.pages(Said, -1, 10_000)]
        assert sizes == [FIRST, FIRST // 4, 36]
        assert [p.size async for p in source.pages(Said, 350, 10_000)] == [6]
        assert await source.count("messages") == count
        assert await source.count_up_to("messages", 10) == 10


async def test_small_rows_come_in_ever_larger_pages(hosted: str, servers: Start) -> None:
    old = Tinode(servers(hosted))
    old.insert("users", (user(ALICE + n, f"u{n}") for n in range(1000)))
    async with open_source(old.url) as source:
        sizes = [page.size async for page in source.pages(Person, -1, 600)]
        assert sizes == [FIRST, 512, 232]


async def test_rows_in_an_order_of_their_own(hosted: str, servers: Start) -> None:
    old = Tinode(servers(hosted))
    old.insert("users", [user(ALICE, "alice")])
    old.insert("subscriptions", [*own_subs(ALICE), sub(GROUP, ALICE)])
    async with open_source(old.url) as source:
        found = [row async for page in source.sorted(Sub, [ID.desc()], 2) for row in page.rows]
        assert found[0].topic == GROUP
        assert len(found) == 3
        assert source.has("messages", "updatedat")
        assert not source.has("reactions")


async def test_it_reads_what_was_there_when_it_began(hosted: str, servers: Start) -> None:
    """Whatever the old server goes on to write meanwhile."""
    old = Tinode(servers(hosted))
    old.insert("users", [user(ALICE, "alice")])
    async with open_source(old.url) as source:
        assert await source.count("users") == 1
        old.insert("users", [user(ALICE + 1, "bob")])
        assert await source.count("users") == 1
