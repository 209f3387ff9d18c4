"""Which uploaded files a text refers to: not every one of them has been listed by its author.

Source: specification 05, paragraph 9.
"""

import re
from typing import Final

_PLACE: Final = b"/v0/file/s/"
_FILE: Final = re.compile(_PLACE + rb"([A-Za-z0-9_-]{11})(?![A-Za-z0-9_-])")


def files_in(raw: bytes | None) -> list[str]:
    """The ids of the files that stand in JSON, each once."""
    if raw is None or _PLACE not in raw:
        return []
    return list(dict.fromkeys(found.decode() for found in _FILE.findall(raw)))
