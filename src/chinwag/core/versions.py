"""Protocol versions. Source: specification 01, paragraph 11.1."""

from typing import Final

CURRENT: Final = "0.25"
_MINIMUM: Final = 0x0014  # 0.20
_PART_MAX: Final = 8191


def pack(text: str) -> int:
    """Major · 65536 | minor · 256 | patch; 0: unreadable. Oversized minors bleed (QUIRK-24)."""
    parts = [_part(part) for part in text.removeprefix("v").split(".", 2)]
    major, minor, patch = [*parts, 0, 0][:3]
    return major << 16 | minor << 8 | patch


def _part(text: str) -> int:
    digits = text[: len(text) - len(text.lstrip("0123456789"))].lstrip("0")
    number = int(digits[:5] or "0")
    return number if number <= _PART_MAX else 0


def supported(packed: int) -> bool:
    """Whether clients of this version are served."""
    return packed >> 8 >= _MINIMUM
