"""What a script keeps of answers, and how it is named later: `$x.sub[0].topic`.

Source: specification 06, paragraph 8.4.
"""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from chinwag.chat.errors import BadCommand

_NAME: Final = r"[A-Za-z_]\w*"
_PATH: Final = re.compile(rf"(--[\w-]+=)?\$({_NAME})((?:\.\w+|\[[\w-]+\])*)")
_STEP: Final = re.compile(r"\.(\w+)|\[([\w-]+)\]")
Values = Mapping[str, Any]


def is_name(word: str) -> bool:
    """Whether `word` names a variable: `$x`."""
    return re.fullmatch(rf"\${_NAME}", word) is not None


def expand(word: str, values: Values) -> str:
    """`word`, or what it names: all of it, or what stands behind `--option=`. Raises BadCommand."""
    found = _PATH.fullmatch(word)
    if found is None:
        return word
    return (found[1] or "") + text_of(_look_up(found[2], found[3], values, word))


def text_of(value: Any) -> str:
    """A value as people and commands have it: texts as they are, everything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _look_up(name: str, path: str, values: Values, word: str) -> Any:
    if name not in values:
        raise BadCommand(f"There is no variable ${name}.")
    value = values[name]
    for member, index in _STEP.findall(path):
        value = _step(value, member or index, word)
    return value


def _step(value: Any, key: str, word: str) -> Any:
    """The member or element `key` of `value`."""
    if isinstance(value, list) and key.isdecimal() and int(key) < len(value):
        return value[int(key)]
    if isinstance(value, dict) and key in value:
        return value[key]
    raise BadCommand(f"There is no {word}: the answer has no {key} there.")
