"""Everything over HTTP but WebSockets: the web client, health, files.

Source: specification 01, paragraphs 1.2 to 1.4.
"""

import logging
import posixpath
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.typedefs import Middleware
from aiohttp.web_request import BaseRequest

from chinwag.core.errors import Refused
from chinwag.store.db import StoreError
from chinwag.transports.admin import AdminDoor
from chinwag.transports.files import Files, json_response
from chinwag.transports.hooks import HookDoor
from chinwag.transports.listener import Guest, Head, ctrl_body
from chinwag.transports.longpoll import LongPolling
from chinwag.transports.parts import FileResponse
from chinwag.transports.preview import Preview
from chinwag.wire import ctrl

log = logging.getLogger(__name__)

CACHE_S: Final = 39600
IDLE_S: Final = 30.0  # after which a connection that asks for nothing more is closed
_NEVER_CACHED: Final = ("/", "/index.html", "/service-worker.js", "/version.js")
_TYPES: Final = {".js": "text/javascript", ".m4a": "audio/mp4", ".json": "application/json"}
_UPLOAD: Final = ("POST", "PUT", "HEAD", "OPTIONS")
_SERVE: Final = ("GET", "HEAD", "OPTIONS")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Site:
    """What is served over HTTP."""

    web: Path | None  # folder of the web client
    ready: Callable[[], Awaitable[bool]]
    files: Files | None
    now_ms: Callable[[], int]
    polling: LongPolling | None = None
    preview: Preview | None = None
    hooks: HookDoor | None = None
    admin: AdminDoor | None = None
    api_path: str = "/"


def make_app(site: Site) -> web.Application:
    """The HTTP side of the server."""
    app = web.Application(middlewares=[_tidied, _errors(site)], client_max_size=1 << 20)
    app.router.add_get("/healthz", _alive)
    app.router.add_get("/readyz", _ready(site))
    app.router.add_route("*", site.api_path + "v0/channels", _channels)
    if site.polling is not None:
        app.router.add_route("*", site.api_path + "v0/channels/lp", site.polling.serve)
    if site.files is not None:
        _add_files(app, site, site.files)
    if site.admin is not None:
        app.router.add_post(site.api_path + "v1/admin/{order}", site.admin.serve)
    if site.hooks is not None:
        app.router.add_post(site.api_path + "v1/hooks/{secret}", site.hooks.serve)
    if site.preview is not None:
        app.router.add_get(site.api_path + "v0/urlpreview", site.preview.serve)
    if site.web is not None:
        app.router.add_get("/{path:.*}", _static(site, site.web))
    return app


def _add_files(app: web.Application, site: Site, files: Files) -> None:
    up, down = site.api_path + "v0/file/u", site.api_path + "v0/file/s/{name:.*}"
    for path in (up, up + "/"):
        for method in ("POST", "PUT", "HEAD"):
            app.router.add_route(method, path, _shared(files, files.upload))
        app.router.add_route("OPTIONS", path, _preflight(files, _UPLOAD))
    app.router.add_get(down, _shared(files, files.serve))
    app.router.add_route("OPTIONS", down, _preflight(files, _SERVE))


def _shared(files: Files, handler: Handler) -> Handler:
    """`handler`, whose answers pages of other hosts may read as far as they are allowed."""

    async def shared(request: web.Request) -> web.StreamResponse:
        try:
            response = await handler(request)
        except Refused as refused:
            response = json_response(refused.reply, files.now_ms())
        response.headers.update(files.cors.headers(request.headers.get("Origin", "")))
        return response

    return shared


def _preflight(files: Files, methods: tuple[str, ...]) -> Handler:
    async def preflight(request: web.Request) -> web.Response:
        asked = request.headers.get("Access-Control-Request-Headers", "")
        method = request.headers.get("Access-Control-Request-Method", "")
        origin = request.headers.get("Origin", "")
        headers = files.cors.preflight(origin, method, asked, methods)
        return web.Response(status=204, headers=headers)

    return preflight


async def _alive(_request: web.Request) -> web.Response:
    return web.Response(text="ok\n")


def _ready(site: Site) -> Handler:
    async def ready(_request: web.Request) -> web.Response:
        if await site.ready():
            return web.Response(text="ok\n")
        return web.Response(text="the database does not answer\n", status=503)

    return ready


async def _channels(request: web.Request) -> web.StreamResponse:
    """A WebSocket is asked for on a connection that has served other requests before."""
    assert request.transport is not None
    guest = request.transport.get_protocol()
    assert isinstance(guest, Guest)
    headers = {name.lower(): value for name, value in request.headers.items()}
    guest.upgrade(Head(request.method, request.raw_path, headers))
    return _Silence()


class _Silence(web.StreamResponse):
    """Of a connection that is answered by others: nothing."""

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Write no head."""
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """Write no end."""


@web.middleware
async def _tidied(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Paths with doubled slashes or dot segments are redirected to what they mean.

    Source: specification 01, paragraph 1.2.
    """
    path, question, query = request.raw_path.partition("?")
    clean = _clean(path)
    if clean == path:
        return await handler(request)
    return web.Response(status=308, headers={"Location": clean + question + query})


def _clean(path: str) -> str:
    """`path` without empty and dot segments; it leads to this server."""
    if not path.startswith("/"):
        return path
    end = "/" if path.endswith(("/", "/.", "/..")) else ""
    found = posixpath.normpath("/" + path.lstrip("/"))
    return found if found.endswith("/") else found + end


def _errors(site: Site) -> Middleware:
    """Every error in the form of a {ctrl}."""

    @web.middleware
    async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except Refused as refused:
            response = json_response(refused.reply, site.now_ms())
        except web.HTTPNotFound:
            return _missing(site)
        except web.HTTPMethodNotAllowed:
            response = json_response(ctrl.NOT_ALLOWED, site.now_ms())
        except web.HTTPException:
            raise
        except ConnectionError:  # the client has gone; nobody reads the answer
            raise
        except (StoreError, OSError) as error:  # the database is away, or the disk is full
            log.warning("http_unavailable", extra={"reason": str(error), "path": request.path})
            response = json_response(ctrl.UNAVAILABLE, site.now_ms())
        return response

    return errors


def _missing(site: Site) -> web.Response:
    """What is not there: the phrase of HTTP beside a web client, ours without one."""
    if site.web is None:
        return json_response(ctrl.NOT_FOUND, site.now_ms())
    body = ctrl_body(ctrl.Reply(404, "Not Found"), site.now_ms())
    return web.Response(body=body, status=404, content_type="application/json", charset="utf-8")


def _static(site: Site, root: Path) -> Handler:
    base = root.resolve()

    async def static(request: web.Request) -> web.StreamResponse:
        name = request.match_info["path"] or "index.html"
        path = (base / name).resolve()
        if not path.is_relative_to(base) or not path.is_file() or "\0" in name:
            return _missing(site)
        response = FileResponse(path, headers=_static_headers(request.path))
        if path.suffix in _TYPES:
            response.content_type = _TYPES[path.suffix]
        return response

    return static


def _static_headers(path: str) -> dict[str, str]:
    fresh = path in _NEVER_CACHED
    cache = "no-cache" if fresh else f"must-revalidate, public, max-age={CACHE_S}"
    return {
        "Referrer-Policy": "origin",
        "X-Frame-Options": "SAMEORIGIN",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": cache,
    }
