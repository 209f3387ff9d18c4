"""Settings of the tests: which databases the store is tested on, how many examples are drawn.

`ci` draws the same examples everywhere; `--hypothesis-profile=deep` looks further afield.
"""

import pytest
from hypothesis import HealthCheck, settings

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
        choices=["sqlite"],
        help="test the store on this database only [all that are found]",
    )
