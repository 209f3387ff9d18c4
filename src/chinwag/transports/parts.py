"""Files over HTTP, whole or the one part that is asked for.

Source: specification 04, paragraph 8.3; RFC 9110, paragraphs 14.1 and 14.2.
"""

import re
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.web_request import BaseRequest

_PART: Final = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-\d{1,18})", re.ASCII | re.IGNORECASE)


class FileResponse(web.FileResponse):
    """A file; one part of it with 206, and whole where several are asked for or none is clear.

    A server may answer so, and clients must expect it; aiohttp refuses with 416.
    """

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Begin the answer to `request`."""
        wanted = request.headers.get("Range")
        if wanted is not None and not is_part(wanted):
            headers = request.headers.copy()
            headers.popall("Range")
            request = request.clone(headers=headers)
        return await super().prepare(request)


def is_part(wanted: str) -> bool:
    """Whether `wanted` asks for one part of a file, whether it has that or not."""
    match = _PART.fullmatch(wanted)
    if match is None:
        return False
    return not match[2] or int(match[1]) <= int(match[2])
