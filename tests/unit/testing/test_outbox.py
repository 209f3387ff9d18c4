"""An outbox in memory has the manners of a connection."""

from chinwag.ports import Frame
from chinwag.testing.outbox import MemoryOutbox

ONE, TWO = Frame(b"one"), Frame(b"two")


def test_it_keeps_the_order_until_it_is_read() -> None:
    outbox = MemoryOutbox()
    assert outbox.put(ONE)
    assert outbox.put(TWO)
    assert outbox.size_bytes == 6
    assert outbox.take() == [b"one", b"two"]
    assert (outbox.take(), outbox.size_bytes) == ([], 0)


def test_a_client_that_does_not_read_is_dropped() -> None:
    outbox = MemoryOutbox(limit_bytes=5)
    assert outbox.put(ONE)
    assert not outbox.put(TWO)
    assert (outbox.overflowed, outbox.gone) == (True, True)
    assert outbox.take() == []
    assert not outbox.put(ONE)


def test_what_waits_is_read_before_the_end() -> None:
    outbox = MemoryOutbox()
    outbox.put(ONE)
    outbox.close()
    assert not outbox.put(TWO)
    assert outbox.take() == [b"one"]
    assert not outbox.gone


def test_the_other_side_is_told_of_every_change() -> None:
    outbox, seen = MemoryOutbox(), []
    outbox.changed = lambda: seen.append((outbox.size_bytes, outbox.held, outbox.closing))
    outbox.put(ONE)
    outbox.hold(True)
    outbox.hold(False)
    outbox.close()
    assert seen == [(3, False, False), (3, True, False), (3, False, False), (3, False, True)]
