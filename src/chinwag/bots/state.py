"""What a bot remembers of a conversation: of one person in one topic, or of all in it."""

from collections.abc import Iterator, MutableMapping
from typing import Any, Final

import msgspec

from chinwag.bots.storage import STATES, Change

_STEP: Final = "step"


class State(MutableMapping[str, Any]):
    """JSON values by name. Changes are kept together with the message that made them as handled."""

    def __init__(self, key: str, kept: bytes | None) -> None:
        self._key = key
        self._kept = kept
        self._values: dict[str, Any] = msgspec.json.decode(kept) if kept else {}

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __setitem__(self, name: str, value: Any) -> None:
        self._values[name] = value

    def __delitem__(self, name: str) -> None:
        del self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"State({self._values})"

    @property
    def step(self) -> str:
        """Where in a conversation of several steps somebody is; empty: nowhere."""
        return str(self._values.get(_STEP, ""))

    @step.setter
    def step(self, name: str) -> None:
        if name:
            self._values[_STEP] = name
        else:
            self._values.pop(_STEP, None)

    def changes(self) -> list[Change]:
        """What must be stored. Raises TypeError where a value is no JSON."""
        now = msgspec.json.encode(self._values) if self._values else None
        return [] if now == self._kept else [Change(STATES, self._key, now)]

    def revert(self) -> None:
        """Forget what has changed."""
        self._values = msgspec.json.decode(self._kept) if self._kept else {}


def key_of(topic: str, sender: str) -> str:
    """Under which key the state of `sender` in `topic` is kept; of nobody: what all share."""
    return f"{topic} {sender}"
