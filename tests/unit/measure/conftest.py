"""A server for loads."""

from collections.abc import Iterator

import pytest

from live import Live


@pytest.fixture(scope="package")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """A server that everybody may register on."""
    with Live(tmp_path_factory.mktemp("measure") / "data", "--no-web") as live:
        yield live
