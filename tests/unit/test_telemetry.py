"""Log lines: one event, its fields, nothing that a client could forge."""

import logging

import pytest
from aiohttp.http_exceptions import BadStatusLine

from chinwag import telemetry


def record(**fields: object) -> logging.LogRecord:
    """A record of the event `topic_failed`."""
    made = logging.makeLogRecord({"levelname": "WARNING", "msg": "topic_failed", "created": 0})
    vars(made).update(fields)
    return made


def test_a_line_names_the_event_and_its_fields() -> None:
    line = telemetry.Line().format(record(topic="grpAbc", what="pub"))
    assert line == "1970-01-01T00:00:00Z WARNING topic_failed topic=grpAbc what=pub"


@pytest.mark.parametrize("value", ["a b", "x\nERROR forged", 'say "hi"', "", "a=b"])
def test_a_value_cannot_look_like_a_field_or_line_of_its_own(value: str) -> None:
    line = telemetry.Line().format(record(topic=value))
    assert line.endswith(f"topic={value!r}")
    assert "\n" not in line


def test_a_failure_has_its_traceback() -> None:
    error = ValueError("inside")
    made = record(exc_info=(ValueError, error, None))
    assert telemetry.Line().format(made).endswith("ValueError: inside")


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (BadStatusLine("GET"), False),
        (ConnectionResetError("gone"), False),
        (ValueError("ours"), True),
        (None, True),
    ],
)
def test_what_strangers_do_wrong_does_not_fill_the_log(
    error: BaseException | None, kept: bool
) -> None:
    info = None if error is None else (type(error), error, None)
    assert telemetry.Strangers().filter(record(exc_info=info)) is kept


def test_configuring_twice_writes_each_line_once(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        telemetry.configure("INFO")
        telemetry.configure("INFO")
        logging.getLogger("chinwag.test").info("started", extra={"port": 1})
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    assert capsys.readouterr().err.count("INFO started port=1") == 1
