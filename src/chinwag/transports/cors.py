"""Which pages of other hosts may use the file endpoints.

Source: specification 04, paragraph 8.4, DEFECT D-70; specification 07, fault 19.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

ANY: Final = "*"
MAX_AGE_S: Final = 86400
_ORIGIN: Final = re.compile(
    r"(?:https?|capacitor|ionic|app)://(?:[A-Za-z0-9-]+|\*)(?:\.(?:[A-Za-z0-9-]+|\*))*(?::\d{1,5})?"
    r"|https?://\[[0-9A-Fa-f:]+\](?::\d{1,5})?|file://"
)


class BadOrigin(ValueError):
    """Something that is no origin of pages; the message says which."""


@dataclass(frozen=True, slots=True)
class Cors:
    """Answers to browsers that ask whether a page of another host may look."""

    everybody: bool
    patterns: tuple[re.Pattern[str], ...] = ()

    def allows(self, origin: str) -> bool:
        """Whether pages of `origin` may look."""
        return self.everybody or any(pattern.fullmatch(origin) for pattern in self.patterns)

    def headers(self, origin: str) -> dict[str, str]:
        """What is added to a real answer."""
        if not self.everybody and not self.patterns:
            return {}
        found = {"Vary": "Origin"}
        if not origin:
            return {**found, "Access-Control-Allow-Origin": ANY} if self.everybody else found
        if not self.allows(origin):
            return found
        found["Access-Control-Allow-Origin"] = origin
        if not self.everybody:  # cookies are for pages that were named, not for all the world
            found["Access-Control-Allow-Credentials"] = "true"
        return found

    def preflight(
        self, origin: str, method: str, asked: str, methods: tuple[str, ...]
    ) -> dict[str, str]:
        """The answer to a browser that asks first: what is `asked` for is echoed."""
        found = {
            **self.headers(origin),
            "Vary": "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
        }
        if not (origin and self.allows(origin) and method in methods):
            return {"Vary": found["Vary"]}
        found["Access-Control-Allow-Methods"] = ", ".join(methods)
        found["Access-Control-Max-Age"] = str(MAX_AGE_S)
        if asked:
            found["Access-Control-Allow-Headers"] = asked
        return found


def make(origins: Iterable[str]) -> Cors:
    """What the settings say: `*` alone is everybody, in a name it stands for one part of it.

    Raises BadOrigin.
    """
    named = list(origins)
    if named == [ANY]:
        return Cors(everybody=True)
    if named in ([], [""]):
        return Cors(everybody=False)
    for origin in named:
        if not _ORIGIN.fullmatch(origin):
            raise BadOrigin(origin)
    return Cors(everybody=False, patterns=tuple(_pattern(origin) for origin in named))


def _pattern(origin: str) -> re.Pattern[str]:
    return re.compile(re.escape(origin).replace(r"\*", "[^.:/]+"))
