"""How many messages somebody has not read.

Source: specification 03, paragraph 6.1, and DEFECT D12.
"""

from collections.abc import Iterable

from chinwag.core import ranges as rng
from chinwag.core.ranges import Range


def count(read: int, seq: int, deleted: Iterable[Range]) -> int:
    """How many of the messages behind `read`, up to `seq`, are still there to be read.

    `deleted`: what is gone for everybody or for this reader, in any order, overlapping or not.
    """
    behind = ((max(low, read + 1), min(high, seq + 1)) for low, high in deleted)
    return max(0, seq - read - rng.count(rng.merge(behind)))
