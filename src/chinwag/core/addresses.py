"""Which addresses belong to the public network, and which to this machine or its neighbours.

Source: specification 04, paragraph 9.
"""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST: Final = ipaddress.IPv6Network("2000::/3")
_LOW_32: Final = 0xFFFFFFFF
URL_MAX: Final = 2000  # characters


def is_public(text: str) -> bool:
    """Whether `text` is the address of somebody anywhere in the public network.

    False for loopback, private, link-local, shared (CGNAT), documentation, multicast and reserved
    ones, for what carries such an address inside, and for what is no address at all.
    """
    try:
        ip = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        inside = _inside(ip)
        if inside is not None:
            return ip.scope_id is None and is_public(str(inside))
        if ip.scope_id is not None or ip not in _UNICAST:
            return False
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_unspecified)


def is_literal(host: str) -> bool:
    """Whether `host` is an address itself, which nobody resolves."""
    return ":" in host or host.replace(".", "").isdigit()


def target_fault(url: str, *, private: bool) -> str:
    """Why nobody can be told anything at `url`; empty: nothing is wrong with it.

    `private`: whoever is there may be on this machine or beside it. To whom a name leads is looked
    at when it is asked for.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return "it is none"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "write https://HOST/…"
    if parts.username or parts.password:
        return "leave out the password"
    if len(url) > URL_MAX or not url.isprintable() or " " in url:
        return "it is too long or has blanks in it"
    if is_literal(parts.hostname) and not private and not is_public(parts.hostname):
        return "it is not in the public network, see webhooks.private_targets"
    return ""


def _inside(ip: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that `ip` stands for."""
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if ip in _NAT64:
        return ipaddress.IPv4Address(int(ip) & _LOW_32)
    return None
