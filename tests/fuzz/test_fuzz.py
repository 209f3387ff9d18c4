"""A minute of attacks in every test run, and proofs that the oracle sees what it should."""

import os
from random import Random

import pytest

from chinwag.wire import codec
from fuzz.__main__ import run
from fuzz.oracle import Oracle
from fuzz.packets import Maker, Pools

SECONDS = float(os.environ.get("FUZZ_SECONDS", "60"))


@pytest.mark.timeout(400)
def test_nothing_crashes_and_nothing_leaks() -> None:
    assert run(SECONDS, Random().randrange(10**6)) == []


@pytest.mark.parametrize(
    "frame",
    [
        '{"data":{"content":"VICTIM-7"}}',
        '{"meta":{"desc":{"private":{"comment":"MK002 secret"}}}}',
        '{"ctrl":{"code":500,"text":"internal error"}}',
        '{"ctrl":{"code":200},"data":{}}',
        "{",
        "[]",
    ],
)
def test_oracle_sees_a_fault(frame: str) -> None:
    oracle = Oracle()
    oracle.check(frame, "MK001")
    assert len(oracle.faults) == 1


@pytest.mark.parametrize(
    "frame",
    ['{"meta":{"desc":{"private":{"comment":"MK001 secret"}}}}', "0", '{"ctrl":{"code":404}}'],
)
def test_oracle_lets_pass_what_is_right(frame: str) -> None:
    oracle = Oracle()
    oracle.check(frame, "MK001")
    assert oracle.faults == []


def test_oracle_reads_http_answers() -> None:
    oracle = Oracle()
    oracle.check_bytes(b"HTTP/1.1 500 Internal Server Error\r\n\r\n")
    oracle.check_bytes(b"HTTP/1.1 200 OK\r\n\r\nVICTIM-me")
    assert len(oracle.faults) == 2


def test_every_kind_of_packet_is_drawn_and_most_can_be_read() -> None:
    """An attack that is turned away at the door tests only the door."""
    maker = Maker(Random(1), Pools(), "MK001")
    kinds: dict[str, int] = {}
    for _ in range(3000):
        try:
            packet = codec.decode(maker.message()).packet
        except codec.Malformed:
            continue
        if packet is not None:
            name = type(packet).__name__
            kinds[name] = kinds.get(name, 0) + 1
    assert set(kinds) == {
        *("Hi", "Acc", "Login", "Sub", "Leave", "Pub", "Get", "Set", "Del", "Note")
    }
    assert sum(kinds.values()) > 1000
