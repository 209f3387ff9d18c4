"""Addresses nobody may be sent to. Source: specification 04, paragraph 9."""

import pytest

from chinwag.core.addresses import is_literal, is_public, target_fault


@pytest.mark.parametrize(
    "address",
    ["93.184.216.34", "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_addresses_of_the_public_network(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.1",
        "192.0.2.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001:0:0:0:0:0:80ff:fffe",
        "fe80::1",
        "fe80::1%eth0",
        "2606:4700:4700::1111%eth0",
        "fc00::1",
        "fd12:3456::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0177.0.0.1",
        "",
    ],
)
def test_addresses_nobody_is_sent_to(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("https://ci.example/x?y=1", ""),
        ("http://ci.example:8080", ""),
        ("http://8.8.8.8/", ""),
        ("", "HOST"),
        ("ftp://ci.example/", "HOST"),
        ("https:///x", "HOST"),
        ("https://ci.example:99999/", "none"),
        ("https://[::1", "none"),
        ("https://a:b@ci.example/", "password"),
        ("https://ci.example/" + "x" * 2000, "too long"),
        ("https://ci.example/a b", "blanks"),
        ("https://ci.example/\n", "blanks"),
        ("http://127.0.0.1/", "public"),
        ("http://[::1]:8080/", "public"),
        ("http://10.1.2.3/", "public"),
    ],
)
def test_who_may_be_told(url: str, fault: str) -> None:
    found = target_fault(url, private=False)
    assert fault in found
    assert bool(found) is bool(fault)
    if fault == "public":
        assert target_fault(url, private=True) == ""


def test_addresses_are_no_names() -> None:
    found = [is_literal(host) for host in ("127.0.0.1", "::1", "ci.example", "localhost")]
    assert found == [True, True, False, False]
