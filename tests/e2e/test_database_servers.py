"""Database servers for tests end with them."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from live import ROOT

HOLD = """
import sys, time
sys.path.insert(0, sys.argv[1])
from databases import SERVERS
server = SERVERS[sys.argv[2]]().start()
print(server.folder, server.pid, flush=True)
time.sleep(600)
"""
PATIENCE_S = 30.0


def test_a_server_does_not_outlive_tests_that_are_killed(hosted: str) -> None:
    command = [sys.executable, "-c", HOLD, str(ROOT / "tests"), hosted]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        folder, pid = tests.stdout.readline().split()
        tests.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE_S
    while Path(folder).exists() or Path("/proc", pid).exists():
        assert time.monotonic() < deadline, "it is still there"
        time.sleep(0.05)
