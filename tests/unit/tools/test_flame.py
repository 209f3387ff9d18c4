"""Where time goes is told by thread, by function and by what is ours."""

import flame
from scenarios import SCENARIOS

STACKS = """\
thread (7): Main;run (uvloop/loop.py:3);feed (chinwag/engine/session.py:10);decode (msgspec.py:1) 6
thread (7): Main;run (uvloop/loop.py:9);feed (chinwag/engine/session.py:99) 3
thread (8): writer;_write (chinwag/store/sqlite.py:5) 1
"""


def test_lines_of_one_function_are_counted_together() -> None:
    told = flame.summarised(STACKS, "pairs on SQLite")
    assert told.startswith("pairs on SQLite: 10 looks at a thread that ran\n")
    threads, _, itself, ours = told.partition("\n\n")[2].split("\n\n")
    assert threads == "Threads\n  90.0%  Main\n  10.0%  writer"
    assert "  60.0%  decode (msgspec.py)" in itself
    assert "  30.0%  feed (chinwag/engine/session.py)" in itself
    assert "  90.0%  feed (chinwag/engine/session.py)" in ours
    assert "uvloop" not in ours


def test_a_function_that_calls_itself_counts_once() -> None:
    told = flame.summarised("thread (1): Main;a (chinwag/a.py:1);a (chinwag/a.py:2) 4\n", "hot")
    assert told.count("100.0%  a (chinwag/a.py)") == 2  # itself, and with what it calls


def test_the_stage_is_that_of_the_innermost_function() -> None:
    told = flame.summarised(
        STACKS
        + "thread (7): Main;serve (chinwag/cli.py:1);run (uvloop/loop.py:3) 5\n"
        + "thread (7): Main;_flush (chinwag/transports/websocket.py:3);"
        "WebSocket.flush (chinwag/transports/websocket.py:9) 5\n",
        "pairs",
    )
    stages = told.partition("Stages\n")[2].partition("\n\n")[0]
    assert stages.splitlines() == [
        "  45.0%  rules, topics and sessions",
        "  25.0%  event loop",
        "  25.0%  write to the sockets, kernel included",
        "   5.0%  commit",
    ]


def test_what_can_be_profiled_is_measured_too() -> None:
    assert set(flame.NAMES.values()) <= set(SCENARIOS)
