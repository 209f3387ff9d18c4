"""User ids, topic names, and the name each viewer sees."""

import pytest

from chinwag.core import ids
from chinwag.core.errors import Refused
from chinwag.core.ids import NOWHERE
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from stage import ALICE, BOB, CAROL

PAIR = ids.p2p_name(ALICE, BOB)


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "usrAQAAAAAAAAA"),
        (2, "usrAgAAAAAAAAA"),
        (0x0102030405060708, "usrCAcGBQQDAgE"),
        (2**64 - 1, "usr__________8"),
    ],
)
def test_user_ids(number: int, text: str) -> None:
    """02 §1.1, vectors."""
    assert ids.uid_text(number) == text
    assert ids.uid_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "",
        "usr",
        "usrAAAAAAAAAAA",
        "usrAAAAAAAAAAB",
        "USRAQAAAAAAAAA",
        "usrAQAAAAAAAA+",
        "usrAQAAAAAAAA/",
        "usrAQAAAAAAAA=",
        "usrAQAAAAAAAAAA",
        "usrAQAAAAAAAA\u00e9",
    ],
)
def test_zero_and_nonsense_are_no_users(text: str) -> None:
    """02 §1.1: both spellings of zero decode to nobody, prefix and alphabet are exact."""
    assert ids.canonical_uid(text) is None


@pytest.mark.parametrize("last", "ABCD")
def test_surplus_bits_are_ignored_and_answers_are_canonical(last: str) -> None:
    """T32: four texts denote one user; the server always prints the canonical one."""
    assert ids.canonical_uid("usrAQAAAAAAAA" + last) == "usrAQAAAAAAAAA"


def test_names_of_conversations() -> None:
    """02 §1.3, vectors: the smaller number first, whoever asks."""
    assert ids.p2p_name(ids.uid_text(2), ids.uid_text(1)) == "p2pAQAAAAAAAAACAAAAAAAAAA"
    pair = ("usrOj0B3-gSBSs", "usrIU_LOVwRNsc")
    assert ids.p2p_name(*pair) == ids.p2p_name(*pair[::-1]) == "p2pOj0B3-gSBSshT8s5XBE2xw"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("me", ALICE),
        ("fnd", ids.fnd_name(ALICE)),
        ("slf", ids.slf_name(ALICE)),
        ("sys", "sys"),
        (BOB, PAIR),
        (PAIR, PAIR),
        ("grpAAAAAAAAAAA", "grpAAAAAAAAAAA"),
        ("chnAAAAAAAAAAA", "grpAAAAAAAAAAA"),
    ],
)
def test_names_clients_use(sent: str, name: str) -> None:
    """02 §1.4: the routing name of each kind."""
    assert ids.route(sent, ALICE) == name


@pytest.mark.parametrize(
    "sent",
    [
        ids.slf_name(BOB),
        ids.slf_name(ALICE),
        ids.fnd_name(BOB),
        ids.p2p_name(BOB, CAROL),
        "p2p" + PAIR[3:20],
        "x",
        "new1",
        "nch1",
        "Me",
        "sysop",
        NOWHERE,
    ],
)
def test_internal_names_and_nonsense_lead_nowhere(sent: str) -> None:
    """01 DEFECT-03, T01, T02, T03: no kind of topic of this user has such a name."""
    assert ids.route(sent, ALICE) == NOWHERE


@pytest.mark.parametrize(
    ("sent", "reply"),
    [
        ("", ctrl.MALFORMED),
        ("usr", ctrl.MALFORMED),
        ("usrTooShort", ctrl.MALFORMED),
        ("usr!!!!!!!!!!!", ctrl.MALFORMED),
        (ALICE, ctrl.PERMISSION_DENIED),
    ],
)
def test_names_that_are_refused(sent: str, reply: Reply) -> None:
    """02 §1.4: an empty name, no user, oneself."""
    with pytest.raises(Refused) as refused:
        ids.route(sent, ALICE)
    assert refused.value.reply == reply


@pytest.mark.parametrize(
    ("name", "reader", "seen"),
    [
        (ALICE, False, "me"),
        (ids.fnd_name(ALICE), False, "fnd"),
        (ids.slf_name(ALICE), False, "slf"),
        (PAIR, False, BOB),
        ("grpX", False, "grpX"),
        ("grpX", True, "chnX"),
        ("sys", False, "sys"),
    ],
)
def test_what_a_viewer_calls_a_topic(name: str, reader: bool, seen: str) -> None:
    """02 §1.5."""
    assert ids.view(name, ALICE, reader) == seen


@pytest.mark.parametrize(
    ("url", "ident"),
    [
        ("/v0/file/s/sJOD_tZDPz0.jpg", "sJOD_tZDPz0"),
        ("./sJOD_tZDPz0.jpg", "sJOD_tZDPz0"),
        ("sJOD_tZDPz0", "sJOD_tZDPz0"),
        ("/v0/file/s/../s/sJOD_tZDPz0.jpg", "sJOD_tZDPz0"),
        ("/v0/file/s/sJOD_tZDPz0.jpg?asatt=1", "sJOD_tZDPz0"),
        ("/v0/file/s/sJOD_tZDPz0.jpg?secret=a/b", "sJOD_tZDPz0"),
        ("/chat/v0/file/s/sJOD_tZDPz0.jpg", "sJOD_tZDPz0"),
        ("https://x.com/v0/file/s/sJOD_tZDPz0.jpg", None),
        ("/elsewhere/sJOD_tZDPz0.jpg", None),
        ("/v0/file/s/short.jpg", None),
        ("/v0/file/s/sJOD_tZDPz0/x.jpg", None),
        ("/v0/file/s/", None),
        ("", None),
    ],
)
def test_files_that_urls_name(url: str, ident: str | None) -> None:
    """04 §13.4, vectors; D-76: a slash in the query does not matter."""
    assert ids.file_id(url) == ident
