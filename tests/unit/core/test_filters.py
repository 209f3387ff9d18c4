"""Filters of plug-ins. Source: specification 06, paragraph 6.2."""

import pytest

from chinwag.core import filters
from chinwag.core.filters import BadFilter


@pytest.mark.parametrize(
    ("text", "packet", "topic", "shown"),
    [
        ("", "pub", "grpA", True),
        ("", "sub", "newA", True),  # everything means everything
        ("", "sub", "chnA", True),
        ("pub,sub;grp", "pub", "grpA", True),
        ("grp; PUB , sub", "sub", "grpA", True),
        ("pub,sub;grp", "pub", "usrA", False),
        ("pub,sub;grp", "get", "grpA", False),
        ("pub;p2p", "pub", "usrA", True),
        ("pub;p2p", "pub", "p2pA", False),
        ("pub", "pub", "p2pA", True),
        ("pub", "pub", "chnA", True),
        ("sub", "sub", "newA", False),
        ("sub;new,nch", "sub", "nchA", True),
        ("me", "hi", "", True),
        ("hi;grp", "hi", "", True),
        ("pub;grp", "pub", "", True),
        ("pub;grp", "login", "", False),
        ("data", "pub", "grpA", False),
        ("me", "get", "me", True),
    ],
)
def test_which_packets_are_shown(text: str, packet: str, topic: str, shown: bool) -> None:
    assert filters.parse(text).wants_packet(packet, topic) is shown


@pytest.mark.parametrize(
    ("text", "action", "topic", "told"),
    [
        ("", "C", "grpA", True),
        ("C", "C", "grpA", True),
        ("cd", "U", "grpA", False),
        ("p2p;CU", "U", "p2pA", True),
        ("p2p;CU", "U", "grpA", False),
        ("grp", "C", "chnA", True),
        ("me", "U", "usrA", True),
        ("D", "D", "", True),
    ],
)
def test_which_events_are_told(text: str, action: str, topic: str, told: bool) -> None:
    """DEFECT 06-15: kinds of topics count here too."""
    assert filters.parse(text).wants_event(action, topic) is told


@pytest.mark.parametrize("text", ["pubb", "pub,grp", "grp;p2p", "C;U", "CX", "pub;sub"])
def test_what_means_nothing_is_refused(text: str) -> None:
    """DEFECT 06-15: it once meant everything."""
    with pytest.raises(BadFilter, match=r"one part may|names neither"):
        filters.parse(text)
