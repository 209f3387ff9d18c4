"""How a Tinode server makes public ids of the numbers in its database.

Source: specification 05, paragraph 4.1.
"""

import base64
import binascii
import struct
from functools import lru_cache
from itertools import pairwise
from typing import Final

from chinwag.core import ids
from chinwag.importing.report import CannotImport

KEY_BYTES: Final = 16
KNOWN_MAX: Final = 1 << 18  # ids that are remembered
_ROUNDS: Final = 32
_DELTA: Final = 0x9E3779B9
_MASK: Final = 0xFFFFFFFF


class Cipher:
    """XTEA under the key of one server; big-endian inside, little-endian outside."""

    def __init__(self, key: bytes) -> None:
        words = struct.unpack(">4I", key)
        sums = [n * _DELTA & _MASK for n in range(_ROUNDS + 1)]
        # What the two halves of each round add, which depends on the key alone.
        self._rounds = [
            (one + words[one & 3] & _MASK, two + words[two >> 11 & 3] & _MASK)
            for one, two in pairwise(sums)
        ]
        self.uid = lru_cache(KNOWN_MAX)(self._uid)

    def block(self, number: int) -> bytes:
        """The 8 bytes that `number` becomes."""
        v0, v1 = struct.unpack(">2I", struct.pack("<q", number))
        for one, two in self._rounds:
            v0 = v0 + (((v1 << 4) ^ (v1 >> 5)) + v1 ^ one) & _MASK
            v1 = v1 + (((v0 << 4) ^ (v0 >> 5)) + v0 ^ two) & _MASK
        return struct.pack(">2I", v0, v1)

    def _uid(self, number: int | None) -> str:
        """The user id of a number in the database; empty: it is nobody's."""
        return ids.uid_text(int.from_bytes(self.block(number), "little")) if number else ""

    def file_id(self, number: int) -> str:
        """The id by which clients know a file."""
        return ids.number_text(int.from_bytes(self.block(number), "little"))

    def file_name(self, number: int) -> str:
        """The name of a file on the disk of the server."""
        return base64.b32encode(self.block(number)).decode().rstrip("=").lower()


def key_of(text: str) -> bytes:
    """The key that `text` spells. Raises CannotImport."""
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise CannotImport(
            "The key of the user ids is not 16 bytes in base64: give --uid-key as it stands in "
            "the old configuration, store_config.uid_key."
        )
    return key
