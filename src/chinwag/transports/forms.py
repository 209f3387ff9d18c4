"""Multipart forms as strangers send them: whatever is broken in one is their affair.

The library that reads them reports a broken form by half a dozen kinds of exceptions.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.http_exceptions import HttpProcessingError

from chinwag.core.errors import Refused
from chinwag.wire import ctrl

CHUNK: Final = 65536
FIELD_MAX: Final = 2048  # bytes, enough for a secret of a field that is no file
PARTS_MAX: Final = 16
SKIPPED_MAX: Final = 1 << 20  # bytes of fields nobody asked for
IDLE_S: Final = 60.0  # without a byte the client has gone; slow ones have all the time (D-77)
BROKEN: Final = (ValueError, LookupError, AssertionError, RuntimeError, HttpProcessingError)


async def parts(request: web.Request) -> AsyncIterator[BodyPartReader]:
    """The parts of the form in `request`. Raises Refused where it is broken."""
    try:
        form: MultipartReader = await request.multipart()
    except BROKEN:
        raise Refused(ctrl.MALFORMED) from None
    for _ in range(PARTS_MAX):
        try:
            async with asyncio.timeout(IDLE_S):
                part = await form.next()
        except (*BROKEN, TimeoutError):
            raise Refused(ctrl.MALFORMED) from None
        if part is None:
            return
        if not isinstance(part, BodyPartReader):
            raise Refused(ctrl.MALFORMED)
        yield part
    raise Refused(ctrl.MALFORMED)


async def chunk(part: BodyPartReader, size: int = CHUNK) -> bytes:
    """The next bytes of `part`; empty at its end. Raises Refused where it is broken."""
    try:
        async with asyncio.timeout(IDLE_S):
            return await part.read_chunk(size)
    except (*BROKEN, TimeoutError):
        raise Refused(ctrl.MALFORMED) from None


async def chunks(first: bytes, part: BodyPartReader) -> AsyncIterator[bytes]:
    """`first` and all that follows it in `part`."""
    yield first
    while more := await chunk(part):
        yield more


async def text(part: BodyPartReader) -> str:
    """The beginning of a field that is no file."""
    found = await chunk(part, FIELD_MAX)
    skipped = 0
    while more := await chunk(part):
        skipped += len(more)
        if skipped > SKIPPED_MAX:
            raise Refused(ctrl.TOO_LARGE)
    return found.decode("utf-8", "replace")


def name_of(part: BodyPartReader) -> str:
    """What the field is called; empty: nobody knows."""
    try:
        return part.name or ""
    except BROKEN:
        return ""
