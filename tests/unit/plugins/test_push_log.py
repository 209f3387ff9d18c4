"""Pushes on standard output: specification 03, paragraph 8.1."""

import json

import pytest

from chinwag.core.notify import Push, Target
from chinwag.plugins.push_log import LogSink
from chinwag.ports import Carried, Letter


async def test_one_line_each(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    sink = LogSink()
    push = Push(
        {"what": "read", "content": "a\nb"}, [Target("d", "usrA", "ios", "en", silent=True)]
    )
    assert await sink.send(Letter("1", push, {"usrA": 3}, 9)) == Carried()
    await sink.close()
    (line,) = capfdbinary.readouterr().out.splitlines()
    word, _, rest = line.partition(b" ")
    assert word == b"push"
    told = json.loads(rest)
    assert told["data"] == push.data
    assert told["to"][0]["unread"] == 3
