"""The accounts of a load are made for it, and nothing is left of them."""

from pathlib import Path

import pytest

from chinwag.measure.client import API_KEY, CannotMeasure, Refusal, socket_of
from chinwag.measure.people import People, attach_all, new_group
from live import Live


def _nobody(_done: int, _of: int) -> None:
    """Nobody watches."""


async def test_people_leave_nothing_behind(live: Live) -> None:
    people = People(socket_of(live.address), API_KEY, _nobody)
    person = await people.register()
    client = await people.connect(person)
    await attach_all([client], "me")
    assert (await new_group(client)).startswith("grp")
    assert await people.leave() == 0
    with pytest.raises(Refusal):
        await people.connect(person)
    await people.leave()


async def test_progress_is_told(live: Live) -> None:
    told: list[tuple[int, int]] = []
    people = People(socket_of(live.address), API_KEY, lambda done, of: told.append((done, of)))

    async def square(number: int) -> int:
        return number * number

    assert await people.many(40, square) == [n * n for n in range(40)]
    assert told == [(n, 40) for n in range(1, 41)]


async def test_accounts_that_cannot_be_removed_are_counted(tmp_path: Path) -> None:
    with Live(tmp_path / "data", "--no-web") as live:
        people = People(socket_of(live.address), API_KEY, _nobody)
        await people.register()
        await people.register()
        live.stop()
        assert await people.leave() == 2


async def test_a_server_where_nobody_may_register(tmp_path: Path) -> None:
    settings = tmp_path / "chinwag.toml"
    settings.write_text(
        '[email]\nenabled = true\nrequired = true\nhost = "127.0.0.1"\nsender = "a@b.example"\n',
        encoding="utf-8",
    )
    with Live(tmp_path / "data", "--no-web", "--config", str(settings)) as live:
        people = People(socket_of(live.address), API_KEY, _nobody)
        with pytest.raises(
            CannotMeasure, match=r"The server (makes no account|wants new accounts confirmed)"
        ):
            await people.register()
