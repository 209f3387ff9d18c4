"""Only one server may use a data folder."""

import fcntl
import os
from pathlib import Path

from chinwag.store.db import CannotOpen


class Lock:
    """Holds lock files; the system releases them when the process ends, however it ends."""

    def __init__(self, *paths: Path) -> None:
        self._files: list[int] = []
        try:
            for path in dict.fromkeys(paths):
                self._take(path)
        except CannotOpen:
            self.release()
            raise

    def _take(self, path: Path) -> None:
        try:
            file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotOpen(
                f"The folder {path.parent} cannot be written ({error.strerror}): make it or mend "
                "its owner and permissions, or choose another one with --data or --database."
            ) from None
        self._files.append(file)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotOpen(
                f"The data folder {path.parent} is in use by another chinwag: stop that one "
                "first, or choose another folder with --data."
            ) from None

    def release(self) -> None:
        """Let somebody else use the folder."""
        while self._files:
            os.close(self._files.pop())
