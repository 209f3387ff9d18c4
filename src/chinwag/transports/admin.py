"""Orders of administrators over HTTP: POST /v1/admin/ORDER.

Who orders proves to be an administrator with every call, in a header: cookies do not count, so
that no page of somebody else can order anything in a browser.
"""

from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from chinwag.engine.orders import BadOrder
from chinwag.transports.credentials import Gate
from chinwag.wire import codec


class Orders(Protocol):
    """Carries orders out."""

    async def run(self, name: str, body: bytes) -> dict[str, object]:
        """Carry out the order `name`; what is to be told. Raises BadOrder, StoreError."""
        ...


@dataclass(frozen=True, slots=True)
class AdminDoor:
    """The endpoint."""

    orders: Orders
    gate: Gate

    async def serve(self, request: web.Request) -> web.Response:
        """Serve one order. Raises Refused."""
        await self.gate.root(request)
        try:
            found = await self.orders.run(
                request.match_info["order"], await request.read() or b"{}"
            )
        except BadOrder as why:
            return _json({"error": str(why)}, 400)
        return _json(found, 200)


def _json(value: object, status: int) -> web.Response:
    body = codec.encode_value(value)
    headers = {"Cache-Control": "no-store"}
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)
