"""A local fake of the HTTP API that language models have."""

import json
from types import TracebackType
from typing import Any, Self

from aiohttp import web


class FakeModel:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[list[str]] = []
        self.asked: list[Any] = []
        self.keys: list[str | None] = []
        self.raw: bytes | None = None
        self.failure: type[web.HTTPError] | None = None
        self.url = ""

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(await request.json())
        self.keys.append(request.headers.get("Authorization"))
        if self.failure is not None:
            raise self.failure
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        if self.raw is not None:
            await response.write(self.raw)
        else:
            for piece in self.answers.pop(0):
                event = {"choices": [{"index": 0, "delta": {"content": piece}}]}
                await response.write(f"data: {json.dumps(event)}\n\n".encode())
            await response.write(b"data: [DONE]\n\n")
        return response

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.post("/v1/chat/completions", self._chat)])
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._runner.cleanup()
