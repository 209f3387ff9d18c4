"""Who is it that asks for a file: API key and user, from wherever clients put them.

Source: specification 01, paragraphs 1.5 and 1.6; specification 04, paragraph 8.1.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from aiohttp import web

from chinwag.core import apikey
from chinwag.core.errors import Refused
from chinwag.ports import Uploads
from chinwag.transports.listener import client_address
from chinwag.wire import ctrl

Fields = Mapping[str, str]  # of a form
NO_FIELDS: Final[Fields] = {}
_URL_SAFE: Final = str.maketrans("-_ ", "+/+")  # a plus that was not escaped has become a blank


@dataclass(frozen=True, slots=True)
class Gate:
    """Lets clients pass who prove who they are."""

    uploads: Uploads
    salt: bytes  # of the API keys
    trusted_proxies: frozenset[str] = frozenset()

    def address(self, request: web.Request) -> str:
        """Where the client is."""
        return client_address(request.remote or "", request.headers, self.trusted_proxies)

    def has_key(self, request: web.Request) -> bool:
        """Whether there is an API key outside the form."""
        return bool(_key(request, NO_FIELDS))

    def check_key(self, request: web.Request, fields: Fields = NO_FIELDS) -> None:
        """Let a client pass that has a valid API key. Raises Refused."""
        if not apikey.valid(_key(request, fields), self.salt):
            raise Refused(ctrl.API_KEY_REQUIRED)

    async def user(self, request: web.Request, fields: Fields = NO_FIELDS) -> str | None:
        """The user whose secret, or live session, comes along; None: there is none.

        Raises Refused where the secret is no good.
        """
        scheme, secret = _secret(request, fields)
        if not scheme:
            sid = request.query.get("sid") or fields.get("sid", "")
            return self.uploads.user_of_session(sid) if sid else None
        return await self.uploads.user(scheme, _decoded(secret), self.address(request))

    async def root(self, request: web.Request) -> str:
        """The administrator whose secret is in a header. Raises Refused."""
        scheme, secret = _in_header(request)
        if not scheme:
            raise Refused(ctrl.AUTH_REQUIRED)
        return await self.uploads.root(scheme, _decoded(secret), self.address(request))


def _decoded(secret: str) -> bytes:
    try:
        return base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        raise Refused(ctrl.MALFORMED) from None


def _key(request: web.Request, fields: Fields) -> str:
    """The first API key there is: header, query, form, cookie."""
    return (
        request.headers.get("X-Tinode-APIKey")
        or request.query.get("apikey")
        or fields.get("apikey")
        or request.cookies.get("apikey", "")
    )


def _in_header(request: web.Request) -> tuple[str, str]:
    """Scheme and secret from the headers; empty: there are none."""
    for header in ("X-Tinode-Auth", "Authorization"):
        parts = request.headers.get(header, "").split(" ")
        if len(parts) == 2 and all(parts):  # noqa: PLR2004 - scheme and secret
            return parts[0], parts[1]
    return "", ""


def _secret(request: web.Request, fields: Fields) -> tuple[str, str]:
    """Scheme and secret from the first place that has them: headers, query, form, cookies."""
    scheme, secret = _in_header(request)
    if scheme:
        return scheme, secret
    query = request.query
    if query.get("auth") and query.get("secret"):
        return query["auth"], query["secret"].translate(_URL_SAFE)
    if fields.get("auth") and fields.get("secret"):
        return fields["auth"], fields["secret"]
    return request.cookies.get("auth", ""), unquote(request.cookies.get("secret", ""))
