"""What pictures are, from their first bytes: clients lay out messages by the size of pictures."""

import struct
from typing import Final, NamedTuple

from chinwag.bots.errors import BotError

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_GIF: Final = (b"GIF87a", b"GIF89a")
_JPEG: Final = b"\xff\xd8\xff"
_FRAMES: Final = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}  # markers that tell a size


class NoPicture(BotError):
    """What is no picture, or none that clients show."""


class Measure(NamedTuple):
    """The type of a picture, and its size in pixels."""

    mime: str
    width: int
    height: int


def measure(data: bytes) -> Measure:
    """What the picture in `data` is: PNG, GIF or JPEG. Raises NoPicture."""
    try:
        if data.startswith(_PNG):
            return Measure("image/png", *struct.unpack_from(">II", data, 16))
        if data.startswith(_GIF):
            return Measure("image/gif", *struct.unpack_from("<HH", data, 6))
        if data.startswith(_JPEG):
            return _jpeg(data)
    except (struct.error, IndexError):
        pass
    raise NoPicture("This is no PNG, GIF or JPEG picture, or it is damaged.")


def _jpeg(data: bytes) -> Measure:
    """Walk from segment to segment until one tells the size."""
    at = 2
    while data[at] == 0xFF:  # noqa: PLR2004 - every segment begins with it
        marker = data[at + 1]
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Measure("image/jpeg", width, height)
        at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    raise IndexError(at)
