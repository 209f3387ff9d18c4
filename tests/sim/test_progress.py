"""How far a simulation is, on a terminal and in a log."""

import io
import sys

import pytest

from sim import run
from sim.progress import Progress, clock
from sim.run import Outcome


class Terminal(io.StringIO):
    """Something that a person looks at."""

    def isatty(self) -> bool:
        """It is one."""
        return True


def _counted(out: io.StringIO, step_s: float) -> str:
    """What is told of twelve seeds of which the third and the tenth fail."""
    times = iter(range(1000))
    progress = Progress(out, 12, lambda: next(times) * step_s)
    for seed in range(1, 13):
        progress.count(seed if seed in (3, 10) else None)
    progress.say("done")
    assert progress.failed == [3, 10]
    return out.getvalue()


def test_a_log_has_few_lines() -> None:
    lines = _counted(io.StringIO(), 3.0).splitlines()
    assert lines[-1] == "done"
    assert 3 <= len(lines) <= 5
    assert lines[0].startswith("4 of 12 seeds, 1 failed, about 0:")


def test_a_terminal_has_one_line() -> None:
    told = _counted(Terminal(), 3.0)
    assert told.endswith("\r\x1b[Kdone\n")
    assert told.count("\n") == 1
    assert told.count("\r") == 13


def test_nothing_is_told_of_what_is_soon_done() -> None:
    assert _counted(io.StringIO(), 0.01) == "done\n"


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.4, "0:00"), (75.0, "1:15"), (3599.9, "1:00:00"), (7322.0, "2:02:02")]
)
def test_a_time_is_told(seconds: float, told: str) -> None:
    assert clock(seconds) == told


def _main(monkeypatch: pytest.MonkeyPatch, *args: str) -> int:
    monkeypatch.setattr(sys, "argv", ["sim", "--jobs", "1", *args])
    return run.main()


def test_a_failure_is_the_result(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "outcome", lambda seed: Outcome(seed, "", "bad" * (seed in (4, 6))))
    assert _main(monkeypatch, "--seeds", "6") == 1
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "6 seeds, 2 failed in 0:00",
        "failed: 4 6",
    ]
    assert _main(monkeypatch, "--seeds", "3") == 0


def test_who_ends_it_hears_what_was_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def outcome(seed: int) -> Outcome:
        if seed == 5:
            raise KeyboardInterrupt
        return Outcome(seed, "", "bad" * (seed == 2))

    monkeypatch.setattr(run, "outcome", outcome)
    assert _main(monkeypatch, "--seeds", "9") == 1
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "4 of 9 seeds, 1 failed in 0:00",
        "failed: 2",
    ]


def test_a_fault_of_the_simulation_ends_no_other_seed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def simulate(_plan: object) -> str:
        raise KeyError("what nobody has thought of")

    monkeypatch.setattr(run, "simulate", simulate)
    assert run.run(range(1, 3)) == [1, 2]
    told = capsys.readouterr().out
    assert "seed 2: Traceback" in told
    assert "what nobody has thought of" in told
