"""The backlog of a topic: every message once, in order, whatever comes when."""

import random

import pytest

from chinwag.bots.backlog import HELD_MAX, WINDOW, Backlog, Window
from chinwag.bots.packets import Data


def data(seq: int) -> Data:
    return Data("grpT", seq)


class Server:
    """A topic with holes, that says some messages live and others only when asked."""

    def __init__(self, seqs: list[int]) -> None:
        self.seqs = seqs

    def answer(self, backlog: Backlog, window: Window) -> None:
        assert window.since < window.before <= window.since + WINDOW
        for seq in reversed(self.seqs):  # newest first, as servers do
            if window.since <= seq < window.before:
                backlog.hear(data(seq))
        backlog.fetched(window)


def drain(backlog: Backlog, server: Server) -> list[int]:
    handled = []
    while (step := backlog.next()) is not None:
        if isinstance(step, Window):
            server.answer(backlog, step)
        else:
            handled.append(step.seq)
            backlog.done(step.seq)
    return handled


def test_live_messages_are_handled_as_they_come() -> None:
    backlog = Backlog(0)
    for seq in (1, 2, 3):
        backlog.hear(data(seq))
        assert drain(backlog, Server([])) == [seq]


def test_what_was_missed_is_asked_for_in_windows() -> None:
    backlog = Backlog(2)
    backlog.announce(130)
    assert drain(backlog, Server(list(range(1, 131)))) == list(range(3, 131))


def test_a_gap_is_asked_for_once_and_then_taken_as_deleted() -> None:
    backlog = Backlog(0)
    backlog.hear(data(5))
    assert backlog.next() == Window(1, 5)
    backlog.fetched(Window(1, 5))
    step = backlog.next()
    assert isinstance(step, Data)
    assert step.seq == 5


def test_own_messages_leave_no_gap() -> None:
    backlog = Backlog(4)
    backlog.skip(5)
    backlog.hear(data(6))
    step = backlog.next()
    assert isinstance(step, Data)
    assert step.seq == 6


def test_a_message_that_comes_again_is_not_handled_again() -> None:
    backlog = Backlog(0)
    backlog.hear(data(1))
    assert drain(backlog, Server([])) == [1]
    backlog.hear(data(1))
    assert backlog.next() is None


@pytest.mark.parametrize("seed", range(300))
def test_every_message_is_handled_once_in_order(seed: int) -> None:
    """Live messages, announcements, own ones and handling in any order, beyond what is held."""
    draw = random.Random(seed)
    newest = draw.randint(1, 4 * HELD_MAX)
    own = set(draw.sample(range(1, newest + 1), draw.randint(0, newest // 3)))
    deleted = set(draw.sample(range(1, newest + 1), draw.randint(0, newest // 3))) - own
    there = [seq for seq in range(1, newest + 1) if seq not in own | deleted]
    backlog, handled, heard = Backlog(0), [], 0
    server = Server(there)
    while heard < newest:
        heard = min(newest, heard + draw.choice([1, 1, 1, 5, HELD_MAX]))
        for seq in range(backlog.newest + 1, heard + 1):
            if seq in own:
                backlog.skip(seq)
            elif seq in there and draw.random() < 0.8:
                backlog.hear(data(seq))
            else:
                backlog.announce(seq)
        server.seqs = [seq for seq in there if seq <= heard]
        if draw.random() < 0.5:
            handled += drain(backlog, server)
    handled += drain(backlog, server)
    assert handled == there
