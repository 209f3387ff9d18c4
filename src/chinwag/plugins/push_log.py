"""Pushes on standard output, one line of JSON each: to see what would be sent.

Source: specification 03, paragraph 8.1.
"""

import sys

import msgspec

from chinwag.ports import Carried, Letter


def shown(letter: Letter) -> dict[str, object]:
    """A push as everybody who takes it sees it."""
    targets: list[dict[str, object]] = []
    for target in letter.push.to:
        told: dict[str, object] = {
            "device": target.device,
            "user": target.uid,
            "platform": target.platform,
            "lang": target.lang,
            "silent": target.silent,
        }
        if target.uid in letter.unread:
            told["unread"] = letter.unread[target.uid]
        targets.append(told)
    return {"id": letter.id, "ttl": letter.left_s, "data": letter.push.data, "to": targets}


class LogSink:
    """Writes pushes down and sends nothing."""

    async def send(self, letter: Letter) -> Carried:
        """Write one line."""
        sys.stdout.buffer.write(b"push " + msgspec.json.encode(shown(letter)) + b"\n")
        sys.stdout.buffer.flush()
        return Carried()

    async def close(self) -> None:
        """Nothing is open."""
