"""Ids and names there and back. Source: specification 02, paragraph 1."""

import contextlib

from hypothesis import assume, given
from hypothesis import strategies as st

from chinwag.core import ids
from chinwag.core.errors import Refused
from chinwag.core.ids import NOWHERE, Kind

NUMBERS = st.integers(1, 2**64 - 1)
USERS = NUMBERS.map(ids.uid_text)
NAMES = st.one_of(
    st.text(),
    st.sampled_from(["me", "fnd", "slf", "sys", "new", "nch", "usr", "grp", "chn", "p2p", NOWHERE]),
    st.builds(str.__add__, st.sampled_from(["usr", "grp", "chn", "p2p", "slf", "fnd"]), st.text()),
    st.builds(
        lambda kind, body: kind + body,
        st.sampled_from(["usr", "grp", "chn", "p2p", "slf", "fnd", "new"]),
        st.text("AQgxyz019_-", min_size=11, max_size=22),
    ),
)


@given(NUMBERS)
def test_user_ids_there_and_back(number: int) -> None:
    uid = ids.uid_text(number)
    assert len(uid) == len("usrAQAAAAAAAAA")
    assert ids.uid_number(uid) == number
    assert ids.canonical_uid(uid) == uid


@given(st.text() | st.text("ABCusr_-0189", max_size=16))
def test_any_text_is_a_user_or_nobody(text: str) -> None:
    uid = ids.canonical_uid(text)
    if uid is None:
        assert ids.uid_number(text) == 0
    else:
        assert uid[:-1] == text[:-1]  # only surplus bits of the last letter are ignored (T32)
        assert ids.canonical_uid(uid) == uid


@given(USERS, USERS)
def test_conversations_there_and_back(one: str, two: str) -> None:
    assume(one != two)
    name = ids.p2p_name(one, two)
    assert name == ids.p2p_name(two, one)
    assert ids.kind_of(name) is Kind.P2P
    pair = ids.p2p_pair(name)
    assert pair is not None
    assert set(pair) == {one, two}
    assert ids.uid_number(pair[0]) < ids.uid_number(pair[1])
    assert (ids.peer_of(name, one), ids.peer_of(name, two)) == (two, one)


@given(USERS, USERS, NUMBERS, st.booleans())
def test_what_a_user_sees_leads_back(uid: str, peer: str, number: int, reader: bool) -> None:
    """1.4 and 1.5: the name under which somebody knows a topic is a name to address it by."""
    assume(uid != peer)
    mine = [uid, ids.fnd_name(uid), ids.slf_name(uid), ids.p2p_name(uid, peer), "sys"]
    for name in (*mine, ids.grp_name(number)):
        assert ids.route(ids.view(name, uid, reader), uid) == name
    assert ids.route(ids.p2p_name(uid, peer), uid) == ids.p2p_name(uid, peer)


@given(NAMES, USERS)
def test_no_name_leads_into_the_private_rooms_of_others(sent: str, uid: str) -> None:
    """T01 to T03: whatever a client writes, it gets to its own topics, to groups, or nowhere."""
    with contextlib.suppress(Refused):
        name = ids.route(sent, uid)
        own = {uid, ids.fnd_name(uid), ids.slf_name(uid), "sys", NOWHERE}
        pair = ids.p2p_pair(name) or ()
        assert name in own or uid in pair or name.startswith("grp")


@given(NUMBERS, st.sampled_from(["", ".jpg", ".tar.gz", "?a=/b", ".png?x=://"]))
def test_uploads_are_found_by_their_urls(number: int, more: str) -> None:
    ident = ids.number_text(number)
    for folder in ("", "./", "/v0/file/s/", "/chat/v0/file/s/", "/v0/file/s/../s/"):
        assert ids.file_id(folder + ident + more) == ident


@given(st.text())
def test_any_url_names_a_file_or_none(url: str) -> None:
    found = ids.file_id(url)
    assert found is None or found in url
