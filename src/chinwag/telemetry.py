"""Logs: an event name and fields, one line each; never message content, never secrets."""

import logging
import time
from typing import Final

_KNOWN: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_PLAIN: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.:/")


class Line(logging.Formatter):
    """`2026-01-05T10:00:00Z WARNING topic_failed topic=grpAbc what=pub`."""

    converter = staticmethod(time.gmtime)

    def format(self, record: logging.LogRecord) -> str:
        """One line, and a traceback if there is one."""
        fields = {k: v for k, v in vars(record).items() if k not in _KNOWN}
        tail = "".join(f" {key}={_shown(value)}" for key, value in fields.items())
        head = f"{self.formatTime(record, '%Y-%m-%dT%H:%M:%SZ')} {record.levelname}"
        line = f"{head} {record.getMessage()}{tail}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def _shown(value: object) -> str:
    """What came from a client must not look like a line or field of its own."""
    text = str(value)
    return text if text and _PLAIN.issuperset(text) else repr(text)


class Strangers(logging.Filter):
    """Keeps out what is not our affair: requests that are no HTTP, clients that have gone.

    Anybody could fill the log with them.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether `record` tells of a failure of our own."""
        error = record.exc_info[1] if record.exc_info else None
        theirs = type(error).__module__ == "aiohttp.http_exceptions"
        return not theirs and not isinstance(error, ConnectionError)


def configure(level: str = "WARNING") -> None:
    """Write log lines to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Line())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("aiohttp.server").addFilter(Strangers())
