"""The machine's clock and randomness."""

import ctypes
import logging
import resource
import secrets
import time
from pathlib import Path

import pytest

from chinwag import machine
from chinwag.config import CannotStart
from chinwag.machine import SystemClock
from chinwag.store.opening import open_db
from rows import ALICE, GROUP, NOW, account, post, topic

START_S = 1_800_000_000


class Machine:
    """A clock that people set, and the time that really passes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.wall_s, self.ran_s = float(START_S), 5.0
        monkeypatch.setattr(time, "time_ns", lambda: int(self.wall_s * 1e9))
        monkeypatch.setattr(time, "monotonic_ns", lambda: int(self.ran_s * 1e9))
        self.clock = SystemClock()

    def after(self, ran_s: float, set_by_s: float = 0.0) -> float:
        """What the server's clock says after `ran_s`, in which the machine's was set."""
        self.ran_s += ran_s
        self.wall_s += ran_s + set_by_s
        return (self.clock.now_ms() - START_S * 1000) / 1000


class Stopped:
    """A clock that always says the same."""

    def __init__(self, at_ms: int) -> None:
        self._at_ms = at_ms

    def now_ms(self) -> int:
        return self._at_ms


def test_the_clock_is_that_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Machine(monkeypatch)
    assert [run.after(0), run.after(1.5), run.after(0.001), run.after(3600, 7200)] == [
        0, 1.5, 1.501, 10801.501,
    ]  # fmt: skip


def test_the_clock_never_goes_back(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """D-18: what depended on time failed when the machine's clock was set back."""
    run = Machine(monkeypatch)
    assert run.after(10) == 10
    assert run.after(1, -3600) == 11
    assert run.after(5) == 16  # it does not stand still for an hour
    assert run.after(5, 3600) == 21  # and is right again once the machine's is
    assert run.after(5) == 26
    assert [(r.getMessage(), r.__dict__["seconds"]) for r in caplog.records] == [
        ("clock_set_back", 3600)
    ]


def test_it_is_right_again_when_the_other_is_set_beyond(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Machine(monkeypatch)
    assert run.after(0, -60) == 0
    assert run.after(0, 100) == 40
    assert run.after(1) == 41


def test_a_clock_that_is_steered_holds_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Machine(monkeypatch)
    assert run.after(1) == 1
    assert run.after(0.1, -0.5) == 1
    assert run.after(1, -0.1) == 1.5
    assert run.after(10) == 11.5


@pytest.mark.parametrize(("now_ms", "fine"), [(0, False), (NOW, True)])
def test_a_clock_that_nobody_has_set_is_refused(now_ms: int, fine: bool) -> None:
    """As after a battery has died: messages would be of 1970, and log-ins over for good."""
    if fine:
        machine.check_clock(Stopped(now_ms))
        return
    with pytest.raises(CannotStart, match="clock of this machine says 1970-01-01: set it right"):
        machine.check_clock(Stopped(now_ms))


@pytest.mark.parametrize(("behind_ms", "told"), [(-1, []), (4000, []), (90_000, [90])])
async def test_a_clock_behind_the_database_is_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, behind_ms: int, told: list[int]
) -> None:
    caplog.set_level(logging.WARNING)
    db = await open_db("", tmp_path, message_max=1 << 18)
    await account(db)
    await topic(db, GROUP, ALICE)
    await post(db, 1)
    await machine.compare_clock(Stopped(NOW + 1 - behind_ms), db)
    await db.close()
    await machine.compare_clock(Stopped(NOW), db)  # away: that is said elsewhere
    assert [record.__dict__["seconds"] for record in caplog.records] == told


def test_there_is_no_number_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    """D-18: a user or topic of that number has no name."""
    drawn = iter([0, 0, 7])
    monkeypatch.setattr(secrets, "randbits", lambda _bits: next(drawn))
    assert machine.SystemEntropy().number() == 7


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "America/Los_Angeles"])
def test_the_zone_of_the_machine_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    """D-11: where it is east of Greenwich fresh uploads were removed as if they were hours old."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert machine.SystemClock().now_ms() // 1000 - int(time.time()) in (-1, 0, 1)
    finally:
        monkeypatch.undo()
        time.tzset()


def test_as_many_connections_as_the_system_allows() -> None:
    """Shells allow 1,024 files at first: so many clients, and no more, could connect."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft - 1, hard))
        machine.open_more_files()
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Library:
    """A C library that only notes what it is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, ...]] = []

    def mallopt(self, option: int, value: int) -> int:
        """Set how memory is managed."""
        self.asked.append((option, value))
        return 1


def test_threads_share_one_heap(monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library()
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: library)
    machine.use_one_heap()
    assert library.asked == [(-8, 1)]  # M_ARENA_MAX of glibc's malloc.h


def test_other_c_libraries_do_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: object())
    machine.use_one_heap()
