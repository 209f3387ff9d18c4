"""The PyPI package `tinode-grpc` 0.22.3 against a real server. Source: specification 06, 18.1."""

import json
import socket
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from live import API_KEY, ROOT, Live, chinwag


def free_port() -> int:
    """A port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_bots_and_people_talk_to_each_other(tmp_path: Path) -> None:
    """Both ways, with receipts, refusals and goodbyes; DEFECT 06-01: an empty {set} harms nobody.

    DEFECTs 06-08 and 06-10: what is broken or not allowed is answered with its id.
    """
    address = f"127.0.0.1:{free_port()}"
    with Live(tmp_path / "data", "--no-web", "--grpc", address) as live:
        url = f"ws://127.0.0.1:{live.port}/v0/channels?apikey={API_KEY}"
        talk = [sys.executable, str(ROOT / "tests/e2e/grpc_talk.py"), address, url]
        ran = subprocess.run(talk, capture_output=True, text=True, timeout=100, check=False)
        heard = dict(json.loads(line) for line in ran.stdout.splitlines())
        assert ran.returncode == 0, f"{heard}\n{ran.stderr}\n{live.log.read_text()}"
        log = live.log.read_text()
    assert heard == {
        "hi": {"code": 201, "ver": "0.25"},
        "acc": 200,
        "me": 200,
        "pres": 1,
        "data": [True, 1, "Hello"],
        "pub": [202, 2],
        "read": [True, 1],
        "answer": ["A quote.", {"auto": True}],
        "empty set": 400,
        "broken": 400,
        "meta": ["JPS", {"fn": "Bot"}],
        "obo": 403,
        "leave": 200,
        "end": True,
        "off": True,
    }
    assert log == ""


TOKENS = """
import base64, sys
sys.path.insert(0, sys.argv[1])
from grpc_talk import Program, pb
address, token = sys.argv[2:]
for secret in (base64.b64decode(token), token.encode()):
    program = Program(address)
    program.say(hi=pb.ClientHi(id="1", ver="0.25"))
    program.say(login=pb.ClientLogin(id="2", scheme="token", secret=secret))
    print(program.wait("ctrl", id="2").code)
"""


def test_a_bot_logs_in_with_its_token(tmp_path: Path) -> None:
    """Decoded, or as `--login-token` of the original's chatbot sends it."""
    address = f"127.0.0.1:{free_port()}"
    made = chinwag("bot", "account", "tino", "--data", tmp_path / "data")
    token = made.stdout.splitlines()[-1].partition("=")[2]
    with Live(tmp_path / "data", "--no-web", "--grpc", address):
        talk = [sys.executable, "-c", TOKENS, str(ROOT / "tests/e2e"), address, token]
        ran = subprocess.run(talk, capture_output=True, text=True, timeout=100, check=False)
    assert ran.stdout.split() == ["200", "200"], ran.stderr


def test_the_usual_port_is_offered_or_left_to_others(tmp_path: Path) -> None:
    """Two servers on one machine: the second one goes on without gRPC, and says so."""
    with ExitStack() as stack:
        taken = stack.enter_context(socket.socket())
        try:
            taken.bind(("127.0.0.1", 16060))
            taken.listen()
        except OSError:
            taken.close()  # somebody uses it already
        command = [sys.executable, "-m", "chinwag.cli", "serve", "--no-web"]
        command += ["--listen", "127.0.0.1:0", "--data", str(tmp_path / "data")]
        server = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        stack.callback(server.kill)
        assert server.stdout is not None
        assert server.stdout.readline().startswith("chinwag ready on ")
        server.terminate()
        _, complaints = server.communicate(timeout=60)
    assert server.returncode == 0
    assert complaints.count("\n") == 1
    assert "grpc_not_offered port_in_use=127.0.0.1:16060" in complaints


def test_a_port_in_use_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        command = [sys.executable, "-m", "chinwag.cli", "serve", "--no-web", "--grpc", address]
        command += ["--listen", "127.0.0.1:0", "--data", str(tmp_path / "data")]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert ran.stderr.count("\n") == 1
    assert address in ran.stderr
