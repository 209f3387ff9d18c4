"""Addresses of servers as people write them."""

import pytest

from chinwag.bots.address import Address
from chinwag.bots.errors import CannotRun


@pytest.mark.parametrize(
    ("url", "socket", "upload"),
    [
        ("localhost:6060", "ws://localhost:6060/v0/channels", "http://localhost:6060/v0/file/u/"),
        ("https://c.example", "wss://c.example/v0/channels", "https://c.example/v0/file/u/"),
        (
            "wss://c.example/v0/channels",
            "wss://c.example/v0/channels",
            "https://c.example/v0/file/u/",
        ),
        (
            "https://c.example/chat/",
            "wss://c.example/chat/v0/channels",
            "https://c.example/chat/v0/file/u/",
        ),
    ],
)
def test_one_address_gives_both(url: str, socket: str, upload: str) -> None:
    address = Address.parse(url)
    assert (address.socket, address.upload) == (socket, upload)


def test_files_are_where_messages_say() -> None:
    assert Address.parse("https://c.example").file("/v0/file/s/x") == (
        "https://c.example/v0/file/s/x"
    )


@pytest.mark.parametrize("url", ["", "ftp://c.example", "http://", "https:///v0"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(CannotRun, match="no address of a server"):
        Address.parse(url)
