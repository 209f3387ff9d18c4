"""Files and pictures, up and down.

Source: specification 07, paragraphs 11 and 15.
"""

import base64
import binascii
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import aiohttp

from chinwag.bots.errors import BotError, Lost, Refusal
from chinwag.bots.line import Line
from chinwag.bots.pictures import measure
from chinwag.core.documents import ATTACHED, BREAK, Document, Entity, Span, lines

INLINE_MAX: Final = 16_384  # bytes of a file that is sent within the message
DOWNLOAD_MAX: Final = 64 * 1024 * 1024
TIMEOUT: Final = aiohttp.ClientTimeout(total=300, sock_connect=15, sock_read=60)
REDIRECTS_MAX: Final = 5
_REFUSED: Final = 400
_MOVED: Final = (301, 302, 303, 307, 308)
_KINDS: Final = ("EX", "IM", "AU", "VD")
_UNKNOWN: Final = "application/octet-stream"


class TooLarge(BotError):
    """A file is larger than somebody wants it."""


@dataclass(frozen=True, slots=True)
class File:
    """A file in a message."""

    name: str
    mime: str
    size: int  # bytes, as the sender says
    ref: str = ""  # where it is; empty: in the message
    val: str = ""  # the file itself, in base64
    is_picture: bool = False


def files_in(document: Document) -> list[File]:
    """All files in a message, in order."""
    return [_file(e) for e in document.entities if e.tp in _KINDS and _has_content(e.data)]


def _has_content(data: Mapping[str, Any]) -> bool:
    return any(isinstance(data.get(key), str) and data[key] for key in ("ref", "val"))


def _file(entity: Entity) -> File:
    def text(key: str) -> str:
        found = entity.data.get(key)
        return found if isinstance(found, str) else ""

    size = entity.data.get("size")
    return File(
        text("name") or "file",
        text("mime") or _UNKNOWN,
        size if isinstance(size, int) else 0,
        text("ref"),
        "" if text("ref") else text("val"),
        entity.tp == "IM",
    )


class Files:
    """The way of files to the server and back."""

    def __init__(self, line: Line) -> None:
        self._line = line

    async def attachment(self, content: bytes | Path, name: str = "", mime: str = "") -> Document:
        """A file, to be sent alone or added to a text. Raises TooLarge, Refusal, Lost."""
        data, name = _read(content, name)
        mime = mime or mimetypes.guess_type(name)[0] or _UNKNOWN
        where = await self._place(data, name, mime)
        entity = Entity("EX", {"mime": mime, "name": name, "size": len(data), **where})
        return Document("", (Span(ATTACHED, 0, entity),))

    async def picture(self, content: bytes | Path, caption: str = "", name: str = "") -> Document:
        """A picture with a text below it. Raises TooLarge, Refusal, Lost."""
        data, name = _read(content, name)
        mime, width, height = measure(data)
        where = await self._place(data, name, mime)
        about = {"mime": mime, "name": name, "size": len(data), "width": width, "height": height}
        shown = Document(" ").within(Entity("IM", {**about, **where}))
        return shown + BREAK + lines(caption) if caption else shown

    async def _place(self, data: bytes, name: str, mime: str) -> dict[str, str]:
        """Where a file is: in the message if it is small, else on the server."""
        if len(data) <= INLINE_MAX:
            return {"val": base64.b64encode(data).decode()}
        return {"ref": await self.upload(data, name, mime)}

    async def upload(self, data: bytes, name: str, mime: str) -> str:
        """Give a file to the server; its address. Raises TooLarge, Refusal, Lost."""
        most = self._line.limits.file_bytes
        if len(data) > most:
            raise TooLarge(f"{name} has {len(data)} bytes, and the server takes {most}.")
        form = aiohttp.FormData()
        form.add_field("file", data, filename=name, content_type=mime)
        form.add_field("id", "upload")
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT, headers=await self._headers()) as session,
                session.post(self._line.address.upload, data=form) as response,
            ):
                answer = await _json(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Lost(f"{name} could not be sent: {error}.") from None
        ctrl = answer.get("ctrl", {})
        if response.status >= _REFUSED:
            raise Refusal(response.status, str(ctrl.get("text") or response.reason))
        return str(ctrl["params"]["url"])

    async def _headers(self) -> dict[str, str]:
        """How the bot shows who it is. Raises Lost."""
        await self._line.present()
        key = self._line.address.api_key
        return {"X-Tinode-APIKey": key, "X-Tinode-Auth": f"Token {self._line.token}"}

    async def download(self, file: File, most: int = DOWNLOAD_MAX) -> bytes:
        """The bytes of a file, not more than `most`. Raises TooLarge, Refusal, Lost, BotError."""
        if not file.ref:
            return _inline(file, most)
        if "://" in file.ref or not file.ref.startswith("/") or file.ref.startswith("//"):
            raise BotError(f"{file.name} is not on this server: {file.ref}.")
        try:
            async with aiohttp.ClientSession(timeout=TIMEOUT) as session:
                return await self._fetch(session, file, most)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Lost(f"{file.name} could not be fetched: {error}.") from None

    async def _fetch(self, session: aiohttp.ClientSession, file: File, most: int) -> bytes:
        """Follow redirects, and show who we are to the server only."""
        url = self._line.address.file(file.ref)
        headers = await self._headers()
        for _ in range(REDIRECTS_MAX):
            async with session.get(url, headers=headers, allow_redirects=False) as response:
                if response.status in _MOVED:
                    url, headers = urljoin(url, response.headers.get("Location", "")), {}
                    continue
                if response.status >= _REFUSED:
                    raise Refusal(response.status, response.reason or "")
                return await _bounded(response, file.name, most)
        raise Lost(f"{file.name} could not be fetched: too many redirects.")


def _read(content: bytes | Path, name: str) -> tuple[bytes, str]:
    if isinstance(content, Path):
        return content.read_bytes(), name or content.name
    return content, name or "file"


def _inline(file: File, most: int) -> bytes:
    try:
        data = base64.b64decode(file.val, validate=True)
    except (ValueError, binascii.Error):
        raise BotError(f"{file.name} is damaged.") from None
    if len(data) > most:
        raise TooLarge(f"{file.name} has more than {most} bytes.")
    return data


async def _bounded(response: aiohttp.ClientResponse, name: str, most: int) -> bytes:
    data = bytearray()
    async for chunk in response.content.iter_chunked(65_536):
        data += chunk
        if len(data) > most:
            raise TooLarge(f"{name} has more than {most} bytes.")
    return bytes(data)


async def _json(response: aiohttp.ClientResponse) -> dict[str, Any]:
    """What the server answers; nothing, where that cannot be read."""
    try:
        answer = await response.json(content_type=None)
    except ValueError:
        return {}
    return answer if isinstance(answer, dict) else {}
