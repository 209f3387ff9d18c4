"""Requests that go into the public network, and nowhere else.

A name is resolved once, its addresses are checked, and the connection goes to a checked one: what
the name means a moment later makes no difference.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from aiohttp.abc import AbstractResolver, ResolveResult

Resolve = Callable[[str, int], Awaitable[list[tuple[int, str]]]]
"""The addresses of a name: family and address."""
Allowed = Callable[[str], bool]
"""Whether an address may be reached."""


async def by_system(host: str, port: int) -> list[tuple[int, str]]:
    """What this machine says."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, str(sockaddr[0])) for family, _, _, _, sockaddr in found]


class Checked(AbstractResolver):
    """Gives only addresses that are allowed, and fails where a name has any other."""

    def __init__(self, resolve: Resolve, allowed: Allowed) -> None:
        self._resolve = resolve
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of `host`."""
        found = await self._resolve(host, port)
        if not found or not all(self._allowed(address) for _, address in found):
            raise OSError("not in the public network")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=kind,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for kind, address in found
        ]

    async def close(self) -> None:
        """There is nothing open."""
