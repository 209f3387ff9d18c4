"""A real server process for tests that look at Chinwag from outside."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

ROOT = Path(__file__).parent.parent
SHARED = Path(os.environ.get("SHARED", ROOT.parent / "shared"))  # lies beside a clone
API_KEY = "AQEAAAABAAD_rAp4DJh05a1HAwFT3A6K"  # the key that every stock client carries
READY_S = 60.0


def chinwag(*words: str | Path, **settings: str) -> "subprocess.CompletedProcess[str]":
    """Run `chinwag WORDS`, with `settings` in its environment, to its end."""
    return _run(words, settings, resource.RLIM_INFINITY)


def cramped(file_max: int, *words: str | Path) -> "subprocess.CompletedProcess[str]":
    """Run `chinwag WORDS`, for which the disk is full when a file has `file_max` bytes."""
    return _run(words, {}, file_max)


def _run(
    words: tuple[str | Path, ...], settings: dict[str, str], file_max: int
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "chinwag.cli", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **settings},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (file_max, file_max)),
        capture_output=True,
        text=True,
        timeout=READY_S,
        check=False,
    )


class Live:
    """A `chinwag serve` on a free port of this machine, with its data in `data`."""

    def __init__(self, data: Path, *options: str) -> None:
        self.data = data
        self._command = [sys.executable, "-m", "chinwag.cli", "serve", "--data", str(data)]
        own = [] if "--grpc" in options else ["--no-grpc"]  # tests run side by side
        self._command += ["--listen", "127.0.0.1:0", *own, *options]
        self.process: subprocess.Popen[str] | None = None
        self.address = ""  # http://127.0.0.1:PORT

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.address.rpartition(":")[2])

    @property
    def log(self) -> Path:
        """What it has written to standard error."""
        return self.data.with_name(self.data.name + ".log")

    @property
    def alive(self) -> bool:
        """Whether it has been started and not been ended."""
        return self.process is not None

    def start(self) -> Self:
        """Start it and wait until it accepts connections; again on the same port after a stop."""
        if self.address:
            self._command[self._command.index("--listen") + 1] = f"127.0.0.1:{self.port}"
        environ = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command, stdout=subprocess.PIPE, stderr=log, text=True, env=environ
            )
        assert self.process.stdout is not None
        deadline = time.monotonic() + READY_S
        for line in self.process.stdout:
            if line.startswith("chinwag ready on "):
                self.address = line.split()[-1]
                return self
            assert time.monotonic() < deadline
        self.kill()
        raise AssertionError(f"the server did not start: {self.log.read_text()}")

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        return self._end(signal.SIGTERM)

    def freeze(self) -> None:
        """Stop it where it is; what it has said can still be heard, then it may be killed."""
        assert self.process is not None
        self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> int:
        """End it at once, as a power cut would."""
        return self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(number)
        status = process.wait(timeout=30)
        assert process.stdout is not None
        process.stdout.close()
        return status

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
