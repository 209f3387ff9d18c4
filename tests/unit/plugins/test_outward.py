"""Requests into the public network; what is made of them: test_previews, test_webhook_teller."""

import socket

import pytest

from chinwag.core.addresses import is_public
from chinwag.plugins.outward import Checked, by_system


@pytest.mark.parametrize(
    ("found", "passes"),
    [
        (["93.184.216.34"], True),
        (["93.184.216.34", "127.0.0.1"], False),
        (["10.0.0.1"], False),
        ([], False),
    ],
)
async def test_one_private_address_spoils_a_name(found: list[str], passes: bool) -> None:
    async def resolve(_host: str, _port: int) -> list[tuple[int, str]]:
        return [(socket.AF_INET, address) for address in found]

    checked = Checked(resolve, is_public)
    if passes:
        assert [each["host"] for each in await checked.resolve("a.example", 80)] == found
    else:
        with pytest.raises(OSError, match="public"):
            await checked.resolve("a.example", 80)
    await checked.close()


async def test_this_machine_is_asked_for_names() -> None:
    assert "127.0.0.1" in [address for _, address in await by_system("localhost", 80)]
