"""Who may see what: reads everything that attackers are told."""

import json
import re
from collections import Counter
from typing import Any

ENVELOPES = frozenset({"ctrl", "data", "meta", "pres", "info"})
CODES = frozenset(
    (*range(200, 209), 300, 301, 303, 304, *range(400, 410), 413, 415, 422, 423, 429, 486, 501, 503)
) | {505}
MARK = re.compile(r"MK\d{3} secret")
VICTIM = "VICTIM-"  # stands in everything that only victims may see


class Oracle:
    """Notes everything that should not have been said."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.heard = 0
        self.codes: Counter[int] = Counter()

    def fault(self, text: str) -> None:
        """Note a fault; a few tell as much as a million."""
        if len(self.faults) < 50:
            self.faults.append(text)

    def check(self, frame: str, mark: str) -> Any:
        """One frame that an attacker with `mark` has received; the message in it."""
        self.heard += 1
        self._leaks(frame, mark)
        if frame == "0":
            return None
        try:
            message = json.loads(frame)
        except ValueError:
            self.fault(f"not JSON: {frame[:200]}")
            return None
        if not isinstance(message, dict) or len(message) != 1 or not ENVELOPES.issuperset(message):
            self.fault(f"no packet: {frame[:200]}")
            return None
        if "ctrl" in message:
            self.codes[message["ctrl"]["code"]] += 1
            if message["ctrl"]["code"] not in CODES:
                self.fault(f"bad code: {frame[:200]}")
        return message

    def _leaks(self, text: str, mark: str) -> None:
        if VICTIM in text:
            self.fault(f"leaked a victim's secret: {text[:300]}")
        for found in MARK.findall(text):
            if found[:5] != mark:
                self.fault(f"leaked {found} to {mark or 'a stranger'}: {text[:300]}")

    def check_bytes(self, answer: bytes) -> None:
        """What came back over HTTP."""
        text = answer.decode("latin-1")
        self._leaks(text, "")
        if answer.startswith(b"HTTP/1.1 500"):
            self.fault(f"HTTP 500: {text[:300]}")
        if "Traceback" in text or "root:x:0" in text:
            self.fault(f"told too much: {text[:300]}")
