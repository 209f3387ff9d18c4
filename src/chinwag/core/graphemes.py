"""Texts as people count them: in extended grapheme clusters.

Source: specification 07, paragraph 15.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

# Letters that never join their neighbours; texts of nothing else are what most people write.
_PLAIN: Final = re.compile(
    r"[\x00-\x0c\x0e-\u02ff\u0400-\u0482\u048a-\u0559\u2010-\u2027\u3000-\u3029\u3040-\u3096"
    r"\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff9d]*"
)
# Flags first: by itself \X would look back over all flags before, for each of them.
_CLUSTER: Final = r"[\U0001f1e6-\U0001f1ff]{1,2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*|\X"


@cache
def _find() -> Callable[[str], list[str]]:
    """What takes a text to pieces; loaded when there is one, so that the server starts sooner."""
    import regex  # noqa: PLC0415 - see above

    found: Callable[[str], list[str]] = regex.compile(_CLUSTER).findall
    return found


def clusters(text: str) -> Sequence[str]:
    """The grapheme clusters of `text`."""
    if _PLAIN.fullmatch(text):
        return text
    return _find()(text)
