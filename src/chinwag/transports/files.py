"""Upload and download of files.

Source: specification 04, paragraph 8; specification 07, paragraph 11; specification 01, 1.6.
"""

import mimetypes
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from chinwag.core.errors import Refused
from chinwag.ports import TooLarge, Uploads
from chinwag.transports import forms
from chinwag.transports.cors import Cors
from chinwag.transports.credentials import Gate
from chinwag.transports.listener import ctrl_body
from chinwag.transports.parts import FileResponse
from chinwag.transports.sniff import sniff
from chinwag.wire import codec, ctrl

EXPIRES_MS: Final = 3_600_000  # an upload that nothing uses may be forgotten after so long
GUEST_MAX: Final = 1 << 20  # bytes that somebody who is not known yet may upload (DEFECT-32)
FORM_MAX: Final = 65536  # bytes of a form around its file
_NAME: Final = re.compile(r"([A-Za-z0-9_-]{11,64})(?![A-Za-z0-9_-]).*")
_ACTIVE: Final = re.compile(r"html|xml|^(?:application|message|model|multipart|text)/")
_CLIENT_TYPE: Final = re.compile(r"(?:application|audio|font|image|text|video)/[\w.+-]+")
_EXTENSIONS: Final = {"image/jpeg": ".jpg", "audio/mp4": ".m4a", "video/quicktime": ".mov"}
_TRUE: Final = frozenset({"1", "t", "T", "true", "True", "TRUE"})
_SAFE_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=86400",
}


@dataclass(slots=True)
class Upload:
    """What has been read of a form so far."""

    uid: str | None
    limit: int
    fid: str | None = None
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Files:
    """The file endpoints."""

    uploads: Uploads
    gate: Gate
    size_max: int  # bytes of one file
    serve_prefix: str  # such as /v0/file/s/
    now_ms: Callable[[], int]
    cors: Cors = field(default_factory=lambda: Cors(everybody=True))

    # --- upload ----------------------------------------------------------------------------

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Serve POST and PUT: take one file. HEAD only tells whether one would be taken."""
        known = self.gate.has_key(request)
        if known:
            self.gate.check_key(request)
        uid = await self.gate.user(request)
        if request.method == "HEAD":
            self._check_head(request, uid)
            return json_response(ctrl.OK, self.now_ms())
        limit = self.size_max if known and uid else min(self.size_max, GUEST_MAX)
        taken = Upload(uid, limit)
        try:
            await self._take(request, taken)
        except Refused as refused:
            if taken.fid is not None:
                await self.uploads.discard(taken.fid)
            return json_response(refused.reply, self.now_ms(), id=_ident(request, taken))
        return await self._accepted(request, taken)

    def _check_head(self, request: web.Request, uid: str | None) -> None:
        self.gate.check_key(request)
        if uid is None and request.query.get("topic") != "newacc":
            raise Refused(ctrl.AUTH_REQUIRED)

    async def _take(self, request: web.Request, taken: Upload) -> None:
        """Keep the file of a form, whose other fields may tell only afterwards who sends it."""
        self.uploads.admit(taken.uid, self.gate.address(request))
        if not (request.content_type or "").startswith("multipart/"):
            raise Refused(ctrl.MALFORMED)
        if (request.content_length or 0) > taken.limit + FORM_MAX:
            raise Refused(ctrl.TOO_LARGE)
        await self._read(request, taken)
        self.gate.check_key(request, taken.fields)
        if taken.uid is None:
            await self._late_user(request, taken)
        if taken.fid is None:
            raise Refused(ctrl.MALFORMED)

    async def _late_user(self, request: web.Request, taken: Upload) -> None:
        """Who it is, by the form; or somebody who is about to register and sends a picture."""
        taken.uid = await self.gate.user(request, taken.fields)
        if taken.uid is not None and taken.fid is not None:
            await self.uploads.own(taken.fid, taken.uid)
        topic = taken.fields.get("topic") or request.query.get("topic")
        if taken.uid is None and topic != "newacc":
            raise Refused(ctrl.AUTH_REQUIRED)

    async def _read(self, request: web.Request, taken: Upload) -> None:
        """Keep the file, note the fields, in whatever order they come."""
        async for part in forms.parts(request):
            name = forms.name_of(part)
            if name == "file" and taken.fid is None:
                taken.fid = await self._keep(part, taken)
            else:
                taken.fields[name] = await forms.text(part)

    async def _keep(self, part: BodyPartReader, taken: Upload) -> str:
        first = await forms.chunk(part)
        if not first:
            raise Refused(ctrl.MALFORMED)
        mime = sniff(first)
        told = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if mime in ("application/octet-stream", "text/plain") and _CLIENT_TYPE.fullmatch(told):
            mime = told
        chunks = forms.chunks(first, part)
        try:
            return await self.uploads.save(taken.uid, mime, chunks, taken.limit)
        except TooLarge:
            raise Refused(ctrl.TOO_LARGE) from None

    async def _accepted(self, request: web.Request, taken: Upload) -> web.Response:
        assert taken.fid is not None
        found = await self.uploads.find(taken.fid)
        assert found is not None
        params = {
            "url": self.serve_prefix + taken.fid + _extension(found.mime),
            "expires": codec.stamp(self.now_ms() + EXPIRES_MS),
        }
        return json_response(ctrl.OK, self.now_ms(), id=_ident(request, taken), params=params)

    # --- download --------------------------------------------------------------------------

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve GET and HEAD: give one file, or a part of it."""
        fid = file_id(request.match_info["name"], self.serve_prefix)
        if not await self._is_open(request, fid):
            self.gate.check_key(request)
            if await self.gate.user(request) is None:
                raise Refused(ctrl.AUTH_REQUIRED)
        found = await self.uploads.find(fid) if fid else None
        if found is None or not found.path.is_file():
            raise Refused(ctrl.NOT_FOUND)
        headers = {**_SAFE_HEADERS, "Content-Type": found.mime}
        if _ACTIVE.search(found.mime) or request.query.get("asatt") in _TRUE:
            headers["Content-Disposition"] = "attachment"
        response = FileResponse(found.path, headers=headers)
        response.content_type = found.mime
        return response

    async def _is_open(self, request: web.Request, fid: str) -> bool:
        """Whether nobody needs to be known: pictures are asked for without credentials."""
        known = any(n in request.headers for n in ("X-Tinode-Auth", "Authorization"))
        return not known and bool(fid) and await self.uploads.is_picture(fid)


def file_id(name: str, prefix: str) -> str:
    """The id of the file that stands at `name` below `prefix`; empty: nothing can stand there.

    Source: specification 04, paragraph 8.3 (D-76: the query has no part in it).
    """
    path = posixpath.normpath(prefix + unquote(name))
    rest = path.removeprefix(prefix)
    match = _NAME.fullmatch(rest)
    return match[1] if match and path.startswith(prefix) and "/" not in rest else ""


def _ident(request: web.Request, taken: Upload) -> str:
    """The id with which a client knows its upload again."""
    return taken.fields.get("id") or request.query.get("id", "")


def _extension(mime: str) -> str:
    return _EXTENSIONS.get(mime) or mimetypes.guess_extension(mime) or ""


def json_response(reply: ctrl.Reply, now_ms: int, **more: object) -> web.Response:
    """A {ctrl} as an HTTP response."""
    body = ctrl_body(reply, now_ms, **more) + b"\n"
    return web.Response(
        body=body, status=reply.code, content_type="application/json", charset="utf-8"
    )
