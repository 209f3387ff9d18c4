"""Pushes in tests: what carries them remembers them, and fails as it is told to."""

from collections.abc import MutableMapping
from typing import Any, cast

from chinwag.core.notify import Target
from chinwag.engine.pushes import Pushes
from chinwag.ports import Carried, Letter
from chinwag.store import devices
from stage import Stage

Told = dict[str, str]


class PushBox:
    """What carries pushes."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []
        self.moods: list[str] = []  # of the next times: `later`, `gone`, `broken`
        self.after_s = 0.0

    async def send(self, letter: Letter) -> Carried:
        """Remember it, if the mood is good."""
        mood = self.moods.pop(0) if self.moods else ""
        devices = frozenset(target.device for target in letter.push.to)
        if mood == "broken":
            raise RuntimeError("a fault of the plugin")
        if mood == "later":
            return Carried(later=devices, after_s=self.after_s)
        self.letters.append(letter)
        return Carried(gone=devices) if mood == "gone" else Carried()

    async def close(self) -> None:
        """Nothing is open."""

    def targets(self) -> list[Target]:
        """All devices told so far."""
        return [target for letter in self.letters for target in letter.push.to]

    def told(self) -> dict[str, Told]:
        """By device, what it was told last, `silent` and `unread` included; forgets it."""
        found = {
            target.device: {
                **letter.push.data,
                **({"silent": "true"} if target.silent else {}),
                "unread": str(letter.unread.get(target.uid, "?")),
            }
            for letter in self.letters
            for target in letter.push.to
        }
        self.letters.clear()
        return found


async def push_to(stage: Stage, *uids: str) -> PushBox:
    """Let pushes of `stage` go to a box; each of `uids` has a device called by its user id."""
    box = PushBox()
    cast(MutableMapping[str, Any], stage.services.sinks)["box"] = box
    stage.hub.pushes = Pushes(stage.services, stage.hub.marks)
    for uid in uids:
        await stage.db.run(devices.put, uid, uid, platform="ios", lang="en", now_ms=stage.now())
    await stage.hub.pushes.open()
    return box
