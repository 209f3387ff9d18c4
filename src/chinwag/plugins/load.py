"""Finds plugins by their entry points and gives them what they ask for.

A plugin is a class; its constructor's parameters name the services and settings it needs. The
built-in ones come through the same door, the entry points of the package itself.
"""

import inspect
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Any, Final

from chinwag.ports import Authenticator, PushSink, Sms, Validator
from chinwag.ports_hooks import Hook

AUTH: Final = "chinwag.auth"
VALIDATORS: Final = "chinwag.validators"
SMS: Final = "chinwag.sms"
HOOKS: Final = "chinwag.hooks"
PUSH: Final = "chinwag.push"


class CannotLoad(Exception):
    """A plugin is missing or does not fit; the message says which and what to do."""


def authenticators(
    schemes: Mapping[str, str], offered: Mapping[str, object]
) -> dict[str, Authenticator]:
    """The authenticators behind the visible names `schemes`, by visible name. Raises CannotLoad."""
    found = _found(AUTH)
    made: dict[str, Authenticator] = {
        visible: _made("way to log in", scheme, found, {**offered, "name": visible})
        for visible, scheme in schemes.items()
    }
    return made


def validators(methods: Iterable[str], offered: Mapping[str, object]) -> dict[str, Validator]:
    """The validators of `methods`, by method. Raises CannotLoad."""
    found = _found(VALIDATORS)
    made: dict[str, Validator] = {
        method: _made("way to confirm", method, found, offered) for method in methods
    }
    return made


def sms(name: str, offered: Mapping[str, object]) -> Sms:
    """The sender of text messages called `name`. Raises CannotLoad."""
    made: Sms = _made("sender of text messages", name, _found(SMS), offered)
    return made


def hook(offered: Mapping[str, object]) -> Hook:
    """A plug-in outside that is called over gRPC. Raises CannotLoad."""
    made: Hook = _made("way to call plug-ins", "grpc", _found(HOOKS), offered)
    return made


def sinks(names: Iterable[str], offered: Mapping[str, object]) -> dict[str, PushSink]:
    """What carries pushes, by name. Raises CannotLoad."""
    found = _found(PUSH)
    made: dict[str, PushSink] = {n: _made("way to push", n, found, offered) for n in names}
    return made


def _found(group: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=group)}


def _made(
    kind: str, name: str, found: Mapping[str, EntryPoint], offered: Mapping[str, object]
) -> Any:
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise CannotLoad(
            f"There is no {kind} called {name} (installed: {known}): mend the settings, or install "
            "the package that brings it."
        )
    try:
        plugin = found[name].load()
    except (ImportError, AttributeError) as error:
        raise CannotLoad(f"The plugin {name} cannot be loaded: {error}.") from None
    return plugin(**_wanted(name, plugin, offered))


def _wanted(name: str, plugin: type, offered: Mapping[str, object]) -> dict[str, object]:
    """Those of `offered` that the constructor names."""
    wanted = inspect.signature(plugin).parameters
    for each, parameter in wanted.items():
        if parameter.default is parameter.empty and each not in offered:
            raise CannotLoad(
                f"The plugin {name} asks for {each}, which this release does not offer: use one "
                "that was made for it."
            )
    return {each: offered[each] for each in wanted if each in offered}
