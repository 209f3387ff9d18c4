"""Upload and download of files.

Source: specification 04, paragraph 8; specification 07, paragraph 11; specification 01, 1.6.
"""

import base64
import binascii
import mimetypes
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from aiohttp import BodyPartReader, web

from chinwag.core import apikey
from chinwag.core.errors import Refused
from chinwag.ports import TooLarge, Uploads
from chinwag.transports import forms
from chinwag.transports.listener import ctrl_body
from chinwag.transports.sniff import sniff
from chinwag.wire import codec, ctrl

_EXPIRES_MS: Final = 3_600_000  # an upload that nothing uses may be forgotten after so long
GUEST_MAX: Final = 1 << 20  # bytes that somebody who is no user yet may upload (DEFECT-32)
_NAME: Final = re.compile(r"([A-Za-z0-9_-]{11,64})(?:\.[A-Za-z0-9.]*)?")
_ACTIVE: Final = re.compile(r"html|xml|^(?:application|message|model|multipart|text)/")
_CLIENT_TYPE: Final = re.compile(r"(?:application|audio|font|image|text|video)/[\w.+-]+")
_EXTENSIONS: Final = {"image/jpeg": ".jpg", "audio/mp4": ".m4a", "video/quicktime": ".mov"}
_SAFE_HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, max-age=86400",
}


@dataclass(frozen=True, slots=True)
class Files:
    """The file endpoints."""

    uploads: Uploads
    salt: bytes
    size_max: int  # bytes of one file
    serve_prefix: str  # such as /v0/file/s/
    now_ms: Callable[[], int]

    # --- upload ----------------------------------------------------------------------------

    async def upload(self, request: web.Request) -> web.StreamResponse:
        """Serve POST and PUT: take one file."""
        self._check_key(request)
        uid = await self._user(request)
        if not (request.content_type or "").startswith("multipart/"):
            raise Refused(ctrl.MALFORMED)
        limit = self.size_max if uid else min(self.size_max, GUEST_MAX)
        fid, fields = await self._receive(request, uid, limit)
        if fid is None:
            raise Refused(ctrl.MALFORMED)
        if uid is None and fields.get("topic", request.query.get("topic")) != "newacc":
            await self.uploads.discard(fid)
            raise Refused(ctrl.AUTH_REQUIRED)
        return await self._accepted(fid, fields.get("id") or request.query.get("id", ""))

    async def _accepted(self, fid: str, ident: str) -> web.Response:
        found = await self.uploads.find(fid)
        assert found is not None
        params = {
            "url": self.serve_prefix + fid + _extension(found.mime),
            "expires": codec.stamp(self.now_ms() + _EXPIRES_MS),
        }
        return json_response(ctrl.OK, self.now_ms(), id=ident, params=params)

    async def _receive(
        self, request: web.Request, uid: str | None, limit: int
    ) -> tuple[str | None, dict[str, str]]:
        """The id of the file in the form, and the other fields."""
        fid: str | None = None
        fields: dict[str, str] = {}
        try:
            async for part in forms.parts(request):
                name = forms.name_of(part)
                if name == "file" and fid is None:
                    fid = await self._keep(part, uid, limit)
                else:
                    fields[name] = await forms.text(part)
        except Refused:
            if fid is not None:
                await self.uploads.discard(fid)
            raise
        return fid, fields

    async def _keep(self, part: BodyPartReader, uid: str | None, limit: int) -> str:
        first = await forms.chunk(part)
        if not first:
            raise Refused(ctrl.MALFORMED)
        mime = sniff(first)
        told = part.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if mime in ("application/octet-stream", "text/plain") and _CLIENT_TYPE.fullmatch(told):
            mime = told
        try:
            return await self.uploads.save(uid, mime, forms.chunks(first, part), limit)
        except TooLarge:
            raise Refused(ctrl.TOO_LARGE) from None

    # --- download --------------------------------------------------------------------------

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve GET and HEAD: give one file."""
        match = _NAME.fullmatch(unquote(request.match_info["name"]))
        fid = match[1] if match else ""
        if not await self._is_open(request, fid):
            self._check_key(request)
            if await self._user(request) is None:
                raise Refused(ctrl.AUTH_REQUIRED)
        found = await self.uploads.find(fid) if fid else None
        if found is None or not found.path.is_file():
            raise Refused(ctrl.NOT_FOUND)
        headers = {**_SAFE_HEADERS, "Content-Type": found.mime, "ETag": f'"{found.etag}"'}
        if _ACTIVE.search(found.mime) or request.query.get("asatt") in ("1", "true"):
            headers["Content-Disposition"] = "attachment"
        if request.headers.get("If-None-Match") == headers["ETag"]:
            return web.Response(status=304, headers=headers)
        response = web.FileResponse(found.path, headers=headers)
        response.content_type = found.mime
        return response

    async def _is_open(self, request: web.Request, fid: str) -> bool:
        """Whether nobody needs to be known: pictures are asked for without credentials."""
        known = any(n in request.headers for n in ("X-Tinode-Auth", "Authorization"))
        return not known and bool(fid) and await self.uploads.is_picture(fid)

    # --- who is it -------------------------------------------------------------------------

    def _check_key(self, request: web.Request) -> None:
        key = (
            request.headers.get("X-Tinode-APIKey")
            or request.query.get("apikey")
            or request.cookies.get("apikey", "")
        )
        if not apikey.valid(key, self.salt):
            raise Refused(ctrl.API_KEY_REQUIRED)

    async def _user(self, request: web.Request) -> str | None:
        """The user whose credentials come with the request; None: there are none."""
        scheme, secret = _credentials(request)
        if not scheme:
            return None
        try:
            raw = base64.b64decode(secret, validate=True)
        except (binascii.Error, ValueError):
            raise Refused(ctrl.MALFORMED) from None
        return await self.uploads.user(scheme, raw)


def _credentials(request: web.Request) -> tuple[str, str]:
    """Scheme and secret from the first place that has them."""
    for header in ("X-Tinode-Auth", "Authorization"):
        scheme, space, secret = request.headers.get(header, "").partition(" ")
        if space and " " not in secret:
            return scheme, secret
    query = request.query
    if query.get("auth") and query.get("secret"):
        # A plus that was not escaped has become a blank on the way.
        secret = query["secret"].replace(" ", "+").replace("-", "+").replace("_", "/")
        return query["auth"], secret
    return request.cookies.get("auth", ""), unquote(request.cookies.get("secret", ""))


def _extension(mime: str) -> str:
    return _EXTENSIONS.get(mime) or mimetypes.guess_extension(mime) or ""


def json_response(reply: ctrl.Reply, now_ms: int, **more: object) -> web.Response:
    """A {ctrl} as an HTTP response."""
    body = ctrl_body(reply, now_ms, **more) + b"\n"
    return web.Response(
        body=body, status=reply.code, content_type="application/json", charset="utf-8"
    )
