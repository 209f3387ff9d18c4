"""Only one server may use a data folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from chinwag.store.db import CannotOpen
from chinwag.store.lock import Lock

HOLD = """
import sys
from pathlib import Path
from chinwag.store.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    first = Lock(path)
    with pytest.raises(CannotOpen, match=r"is in use by another chinwag: stop that one first"):
        Lock(path)
    first.release()
    first.release()
    Lock(path).release()


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match=r"nowhere cannot be written .*: make it or mend"):
        Lock(tmp_path / "nowhere" / "a.lock")


def test_all_locks_are_taken_or_none(tmp_path: Path) -> None:
    one, two = tmp_path / "1.lock", tmp_path / "2.lock"
    held = Lock(two)
    with pytest.raises(CannotOpen):
        Lock(one, two)
    Lock(one, one).release()
    held.release()


def test_a_process_that_is_killed_holds_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.lock"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(CannotOpen):
            Lock(path)
        other.kill()
    Lock(path).release()


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotOpen, match="cannot be written") as caught:
        Lock(tmp_path / "none" / "a.lock")
    assert str(tmp_path / "none") in str(caught.value)
