"""Settings of the tests: which databases the store is tested on, how many examples are drawn.

`ci` draws the same examples everywhere; `--hypothesis-profile=deep` looks further afield.
"""

import logging
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from databases import SERVERS, Server, Start, absent

settings.register_profile(
    "ci",
    derandomize=True,
    deadline=None,
    max_examples=100,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # a busy machine is no defect
)
settings.register_profile("deep", settings.get_profile("ci"), derandomize=False, max_examples=2000)
settings.load_profile("ci")


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--db NAME`, once or more: which databases the store is tested on."""
    parser.addoption(
        "--db",
        action="append",
        choices=["sqlite", *SERVERS],
        help="test the store on this database only [all that are found]",
    )


def pytest_report_header() -> list[str]:
    """Say what is skipped."""
    return absent()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that asks for `product` or `hosted` once for every database or server."""
    found = ["sqlite", *(name for name, kind in SERVERS.items() if not kind.missing())]
    chosen = metafunc.config.getoption("db") or found
    if "product" in metafunc.fixturenames:
        metafunc.parametrize("product", chosen)
    if "hosted" in metafunc.fixturenames:
        metafunc.parametrize("hosted", [name for name in chosen if name != "sqlite"])


@pytest.fixture(autouse=True)
def log_as_before() -> Iterator[None]:
    """Commands that run inside the tests configure the log of the process."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="session")
def servers() -> Iterator[Start]:
    """Starts database servers; each once, however often it is asked for."""
    started: dict[str, Server] = {}

    def start(product: str) -> Server:
        if product not in started:
            started[product] = SERVERS[product]().start()
        return started[product]

    yield start
    for server in started.values():
        server.remove()
