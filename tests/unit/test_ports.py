"""Every seam says in words what it promises, and what we ship keeps it.

Plugins come through entry points, where no type is checked.
"""

import inspect
from importlib.metadata import entry_points
from typing import Any

import pytest

from chinwag import machine, ports, ports_hooks
from chinwag.engine.session import Session
from chinwag.engine.uploads import FileDesk
from chinwag.plugins.media_fs import FolderMedia
from chinwag.plugins.passwords import Argon2Passwords
from chinwag.plugins.previews import Previewer
from chinwag.transports.grpc import Stream
from chinwag.transports.longpoll import Line
from chinwag.transports.websocket import WebSocket


def shipped(group: str) -> list[type]:
    """What the package itself offers in a group of entry points."""
    return [entry.load() for entry in entry_points(group=group) if entry.value[:8] == "chinwag."]


KEPT: dict[type, list[type]] = {
    ports.Outbox: [WebSocket, Line, Stream],
    ports.Receiver: [Session],
    ports.Clock: [machine.SystemClock],
    ports.Entropy: [machine.SystemEntropy],
    ports.Passwords: [Argon2Passwords],
    ports.Authenticator: shipped("chinwag.auth"),
    ports.Validator: shipped("chinwag.validators"),
    ports.Sms: shipped("chinwag.sms"),
    ports.PushSink: shipped("chinwag.push"),
    ports.MediaStore: [FolderMedia],
    ports.Previews: [Previewer],
    ports.Uploads: [FileDesk],
    ports_hooks.Hook: shipped("chinwag.hooks"),
}


def seams(module: Any) -> list[type]:
    """The Protocols that stand in a module."""
    return [
        found
        for found in vars(module).values()
        if inspect.isclass(found) and found.__module__ == module.__name__
        if getattr(found, "_is_protocol", False)
    ]


def promises(seam: type) -> dict[str, Any]:
    """What a seam asks for, by name."""
    return {name: what for name, what in vars(seam).items() if name[0] != "_"}


def test_every_seam_is_kept_by_something() -> None:
    assert {*seams(ports), *seams(ports_hooks)} == set(KEPT)
    assert all(KEPT.values())


@pytest.mark.parametrize("seam", KEPT, ids=lambda seam: seam.__name__)
def test_promises_are_words(seam: type) -> None:
    assert seam.__doc__
    assert all(what.__doc__ for what in promises(seam).values())


@pytest.mark.parametrize(
    ("seam", "kept"), [(s, k) for s, all_kept in KEPT.items() for k in all_kept]
)
def test_what_we_ship_keeps_its_promise(seam: type, kept: type) -> None:
    """It has all that is asked for, called in the same way, and waits where that may wait."""
    for name, promised in promises(seam).items():
        found = getattr(kept, name, None)
        if isinstance(promised, property) or not inspect.isfunction(found):
            assert name in {*dir(kept), *vars(kept)["__init__"].__code__.co_names}
            continue
        assert shape(found) == shape(promised), f"{kept.__name__}.{name}"
        assert inspect.iscoroutinefunction(found) == inspect.iscoroutinefunction(promised)


def shape(function: Any) -> list[str]:
    """How a function is called: one by position as `*`, those by keyword by their names."""
    parameters = inspect.signature(function).parameters.values()
    return [p.name if p.kind is p.KEYWORD_ONLY else "*" for p in parameters]


def test_a_frame_is_encoded_once_for_everybody() -> None:
    frame = ports.Frame(b"{}")
    assert (frame.body, frame.framed, frame.packed) == (b"{}", None, None)
    frame.framed = b"x"
    assert not hasattr(frame, "__dict__")  # there are many of them
