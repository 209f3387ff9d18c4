"""Logs: an event name and fields, one line each; never message content, never secrets."""

import logging
from typing import Final

_KNOWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _Line(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        """`2026-01-05T10:00:00 WARNING event field=value …`."""
        fields = {k: v for k, v in vars(record).items() if k not in _KNOWN}
        tail = "".join(f" {key}={value}" for key, value in fields.items())
        head = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%S')} {record.levelname}"
        line = f"{head} {record.getMessage()}{tail}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure(level: str = "WARNING") -> None:
    """Write log lines to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Line())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
