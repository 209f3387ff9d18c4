"""Whether settings make sense together."""

import base64
import binascii
import ipaddress
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import msgspec

from chinwag.config import BadConfig, Config, Server, split_address
from chinwag.core import filters
from chinwag.core.filters import BadFilter
from chinwag.transports import cors

SECRET_MIN: Final = 16  # characters
_NAMESPACE: Final = re.compile(r"[a-z][A-Za-z0-9_]{1,15}")


def checked(config: Config) -> Config:
    """`config` if its settings make sense together. Raises BadConfig."""
    split_address(config.server.listen)
    for problem in (*_server_problems(config.server), *_other_problems(config)):
        raise BadConfig(problem)
    return config


def _server_problems(server: Server) -> Iterator[str]:
    path = server.api_path
    if not (path.startswith("/") and path.endswith("/")):
        yield "The setting server.api_path must begin and end with a slash."
    try:
        salt = base64.b64decode(server.api_key_salt, validate=True)
    except (binascii.Error, ValueError):
        salt = b""
    if not salt:
        yield "The setting server.api_key_salt is no base64: make one with `chinwag keygen`."
    for address in server.trusted_proxies:
        if not _is_address(address):
            yield f"The setting server.trusted_proxies names {address}, which is no IP address."


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _other_problems(config: Config) -> Iterator[str]:
    if "token" not in config.auth.visible():
        yield "The setting auth.schemes must name token: clients come back with it."
    for namespace in (*config.tags.masked, *filter(None, [config.tags.alias])):
        if not _NAMESPACE.fullmatch(namespace):
            yield f"The tag namespace {namespace} is not usable: 2 to 16 letters, no colon."
    yield from _plugin_problems(config)
    if bool(config.grpc.tls_cert) != bool(config.grpc.tls_key):
        yield "The settings grpc.tls_cert and grpc.tls_key go together: give both or none."
    if "rest" in config.auth.schemes and urlsplit(config.rest.url).scheme not in ("http", "https"):
        yield "The setting rest.url must be an http or https address: auth.schemes names rest."
    try:
        cors.make(config.media.cors_origins)
    except cors.BadOrigin as origin:
        yield f"The setting media.cors_origins names {origin}, which is no origin of pages."
    yield from _method_problems(config)
    yield from _push_problems(config)
    calls = config.calls
    if calls.enabled and not calls.ice_servers:
        yield "Calls are enabled, but no server is named: add one to calls.ice_servers."
    if not all(isinstance(each.get("urls"), list) for each in calls.ice_servers):
        yield "Each server for calls needs a list `urls`."


def _plugin_problems(config: Config) -> Iterator[str]:
    for name, plugin in config.plugins.items():
        try:
            _ = plugin.target
        except ValueError as error:
            yield f"The setting plugins.{name}.service_addr must say where it listens: {error}."
        for method, text in msgspec.structs.asdict(plugin.filters).items():
            try:
                filters.parse(text if isinstance(text, str) else "")
            except BadFilter as error:
                yield f"The setting plugins.{name}.filters.{method} cannot be used: {error}."


def _push_problems(config: Config) -> Iterator[str]:
    if "webhook" not in config.push.adapters:
        return
    url = urlsplit(config.push_webhook.url)
    if url.scheme not in ("http", "https") or not url.hostname:
        yield "The setting push_webhook.url must be an http or https address: pushes go there."
    if len(config.push_webhook.secret) < SECRET_MIN:
        yield "The setting push_webhook.secret needs 16 characters: take `openssl rand -hex 16`."


def _method_problems(config: Config) -> Iterator[str]:
    for name, method in config.methods().items():
        if method.debug_response and not config.confirm.development:
            yield (
                f"The setting {name}.debug_response lets anybody confirm any address: remove it, "
                "or set confirm.development on a server that is for tests only."
            )
        for level in method.required_levels:
            if level not in ("anon", "auth", "root"):
                yield f"The setting {name}.required_levels names {level}: anon, auth or root."
    email = config.email
    if email.required and not email.enabled:
        yield "The setting email.required needs email.enabled."
    if email.required and not (email.host or email.debug_response):
        yield "The setting email.required needs email.host: a server that takes our mails."
    if email.host and "@" not in email.sender:
        yield "The setting email.sender must be an address when email.host is given."
    if config.tel.enabled and config.tel.sms == "webhook" and not config.tel.url:
        yield "The setting tel.url must say where text messages are posted."
    url = urlsplit(config.server.public_url)
    if url.scheme not in ("http", "https") or not url.hostname or url.fragment:
        yield "The setting server.public_url must be an http or https address without a #."
