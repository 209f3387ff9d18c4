"""The HTTP side of a server, as its settings want it."""

import base64
from pathlib import Path

from chinwag import __version__
from chinwag.config import Config
from chinwag.engine.hub import Hub
from chinwag.engine.incoming import Incoming
from chinwag.engine.orders import Orders
from chinwag.engine.services import Services
from chinwag.engine.uploads import FileDesk
from chinwag.plugins.previews import Previewer
from chinwag.ports import Accept
from chinwag.transports import cors
from chinwag.transports.admin import AdminDoor
from chinwag.transports.credentials import Gate
from chinwag.transports.files import Files
from chinwag.transports.hooks import HookDoor
from chinwag.transports.http import Site
from chinwag.transports.longpoll import LongPolling, Rules
from chinwag.transports.preview import Preview


def make(
    config: Config, web: Path | None, hub: Hub, desk: FileDesk, accept: Accept, orders: Orders
) -> Site:
    """What is served over HTTP; long polling has begun."""
    server, services = config.server, hub.services
    gate = Gate(desk, base64.b64decode(server.api_key_salt), frozenset(server.trusted_proxies))
    polling = _polling(config, services, accept)
    polling.start()
    return Site(
        web=web,
        ready=services.db.ping,
        files=_files(config, services, desk, gate) if services.limits.max_file_size else None,
        now_ms=services.clock.now_ms,
        polling=polling,
        preview=_preview(config, services, gate) if config.preview.enabled else None,
        hooks=_hooks(config, hub),
        admin=AdminDoor(orders, gate),
        api_path=server.api_path,
    )


def _hooks(config: Config, hub: Hub) -> HookDoor:
    posts = Incoming(hub, config.webhooks.posts_per_minute)
    return HookDoor(posts, frozenset(config.server.trusted_proxies))


def _files(config: Config, services: Services, desk: FileDesk, gate: Gate) -> Files:
    return Files(
        desk,
        gate,
        size_max=services.limits.max_file_size,
        serve_prefix=config.server.api_path + "v0/file/s/",
        now_ms=services.clock.now_ms,
        cors=cors.make(config.media.cors_origins),
    )


def _preview(config: Config, services: Services, gate: Gate) -> Preview:
    def admit(uid: str) -> None:
        services.guard.check_preview(uid, services.clock.now_ms())

    agent = f"Chinwag/{__version__} (link preview)"
    return Preview(Previewer(agent, frozenset(config.preview.ports)), gate, admit)


def _polling(config: Config, services: Services, accept: Accept) -> LongPolling:
    server = config.server
    rules = Rules(
        salt=base64.b64decode(server.api_key_salt),
        accept=accept,
        new_sid=services.entropy.token,
        now_ms=services.clock.now_ms,
        size_max=services.limits.max_message_size,
        backlog_max=server.backlog_max,
        trusted_proxies=frozenset(server.trusted_proxies),
        lines_max=server.connections_max,
    )
    return LongPolling(rules)
