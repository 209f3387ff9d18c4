"""Trying again."""

import pytest

from chinwag.plugins.persist import Temporary, persist
from chinwag.ports import Undelivered


class Service:
    """One that fails a few times."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.calls = 0

    async def call(self) -> None:
        """Fail, as long as there are failures left."""
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)


async def test_it_works_in_the_end() -> None:
    service = Service(Temporary("busy"), Temporary("busy"))
    await persist(service.call, (0, 0, 0))
    assert service.calls == 3


async def test_what_is_final_is_not_tried_again() -> None:
    service = Service(Undelivered("no such mailbox"))
    with pytest.raises(Undelivered, match="no such mailbox"):
        await persist(service.call, (0, 0, 0))
    assert service.calls == 1


async def test_there_is_an_end_to_it() -> None:
    service = Service(*[Temporary("busy")] * 9)
    with pytest.raises(Undelivered, match="busy"):
        await persist(service.call, (0, 0))
    assert service.calls == 3
