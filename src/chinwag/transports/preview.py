"""Previews of pages that people link to: /v0/urlpreview.

Source: specification 04, paragraph 9, DEFECT D-90.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from chinwag.core.errors import Refused
from chinwag.ports import Previews, Unreachable
from chinwag.transports.credentials import Gate
from chinwag.wire import codec, ctrl

log = logging.getLogger(__name__)

_CACHE = {"Cache-Control": "private, max-age=600"}


@dataclass(frozen=True, slots=True)
class Preview:
    """The endpoint."""

    previews: Previews
    gate: Gate
    admit: Callable[[str], None]  # lets one more request of a user pass, or raises Refused

    async def serve(self, request: web.Request) -> web.Response:
        """Serve GET and HEAD: what a page says of itself."""
        self.gate.check_key(request)
        uid = await self.gate.user(request)
        if uid is None:
            raise Refused(ctrl.AUTH_REQUIRED)
        url = request.query.get("url", "")
        if not url:
            raise Refused(ctrl.MALFORMED)
        self.admit(uid)
        try:
            found = await self.previews.preview(url)
        except Unreachable as why:  # what the other side said is not passed on
            log.info("preview_failed", extra={"why": str(why)})
            raise Refused(ctrl.PAGE_UNREACHABLE) from None
        known = {name: text for name, text in found._asdict().items() if text}
        if not known:
            return web.Response(status=204, headers=_CACHE)
        body = codec.encode_value(known)
        return web.Response(body=body, content_type="application/json", headers=_CACHE)
