"""Finds plugins by their entry points and gives them what they ask for.

An authenticator is a class; its constructor's parameters name the services and settings it needs.
The built-in ones come through the same door, the group `chinwag.auth` of the package's own entry
points.
"""

import inspect
from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from chinwag.ports import Authenticator

AUTH: Final = "chinwag.auth"


class CannotLoad(Exception):
    """A plugin is missing or does not fit; the message says which and what to do."""


def authenticators(
    schemes: Iterable[str], offered: Mapping[str, object]
) -> dict[str, Authenticator]:
    """The authenticators called `schemes`, by scheme. Raises CannotLoad."""
    found = {entry.name: entry for entry in entry_points(group=AUTH)}
    return {scheme: _made(scheme, found, offered) for scheme in schemes}


def _made(
    scheme: str, found: Mapping[str, EntryPoint], offered: Mapping[str, object]
) -> Authenticator:
    if scheme not in found:
        known = ", ".join(sorted(found)) or "none"
        raise CannotLoad(
            f"There is no way to log in called {scheme} (installed: {known}): mend auth.schemes, "
            "or install the package that brings it."
        )
    try:
        plugin = found[scheme].load()
    except (ImportError, AttributeError) as error:
        raise CannotLoad(f"The plugin {scheme} cannot be loaded: {error}.") from None
    made: Authenticator = plugin(**_wanted(scheme, plugin, offered))
    return made


def _wanted(scheme: str, plugin: type, offered: Mapping[str, object]) -> dict[str, object]:
    """Those of `offered` that the constructor names."""
    wanted = inspect.signature(plugin).parameters
    for name, parameter in wanted.items():
        if parameter.default is parameter.empty and name not in offered:
            raise CannotLoad(
                f"The plugin {scheme} asks for {name}, which this release does not offer: use one "
                "that was made for it."
            )
    return {name: offered[name] for name in wanted if name in offered}
