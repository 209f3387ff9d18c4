"""The size of pictures, from their first bytes."""

import struct

import pytest

from chinwag.bots.errors import BotError
from chinwag.bots.pictures import Measure, measure

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 480) + b"\x08\x02\0\0\0"
GIF = b"GIF89a" + struct.pack("<HH", 12, 34)
JPEG = (
    b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
    b"\xff\xc4\0\x04ab\xff\xc0\0\x11\x08" + struct.pack(">HH", 100, 200)
)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (PNG, Measure("image/png", 640, 480)),
        (GIF, Measure("image/gif", 12, 34)),
        (JPEG, Measure("image/jpeg", 200, 100)),
    ],
)
def test_pictures_are_known(data: bytes, found: Measure) -> None:
    assert measure(data) == found


@pytest.mark.parametrize(
    "data", [b"", b"text", PNG[:17], GIF[:7], JPEG[:22], JPEG[:4], b"\xff\xd8\xff\xe0"]
)
def test_what_is_no_picture_is_told(data: bytes) -> None:
    with pytest.raises(BotError, match="no PNG, GIF or JPEG"):
        measure(data)
