"""Long polling as a connection: whoever talks through it need not know that it is none."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Self

import aiohttp

from live import API_KEY

POLL_S = 60.0  # the server answers a poll that hears nothing before


class Polling:
    """One session of a client that polls; used like a WebSocket of `websockets`."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._turn = asyncio.Lock()  # what is said arrives in its order
        self._closed = False

    @classmethod
    async def open(cls, port: int) -> Self:
        """Begin a session. Raises ConnectionError."""
        timeout = aiohttp.ClientTimeout(total=POLL_S)
        http = aiohttp.ClientSession(timeout=timeout)
        url = f"http://127.0.0.1:{port}/v0/channels/lp?apikey={API_KEY}"
        try:
            async with http.post(url) as response:
                begun = json.loads(await response.read())["ctrl"]
        except (aiohttp.ClientError, TimeoutError) as error:
            await http.close()
            raise ConnectionError(str(error)) from None
        return cls(http, f"{url}&sid={begun['params']['sid']}")

    async def send(self, message: str) -> None:
        """Say something. Raises ConnectionError."""
        async with self._turn:
            await self._post(message)

    async def __aiter__(self) -> AsyncIterator[str]:
        """What is said by the server, until this end is closed. Raises ConnectionError."""
        while not self._closed:
            if heard := await self._post(None):
                yield heard

    async def _post(self, body: str | None) -> str:
        try:
            async with self._http.post(self._url, data=body) as response:
                if response.status >= 300:
                    raise ConnectionError(f"the session is over: {response.status}")
                return await response.text()
        except (aiohttp.ClientError, TimeoutError, RuntimeError) as error:  # closed meanwhile
            raise ConnectionError(str(error)) from None

    async def close(self) -> None:
        """Stop asking."""
        self._closed = True
        await self._http.close()
