"""Sessions by user, and their end."""

from typing import cast

from chinwag.core.pace import BURST_MS
from chinwag.core.rates import Rates
from chinwag.engine.session import Session
from chinwag.engine.sessions import EVICTIONS_MAX, Sessions
from chinwag.ports import Peer


class Stand:
    """It stands for a session: only its user, its place and its end matter here."""

    def __init__(self, sessions: Sessions, uid: str, address: str = "192.0.2.1") -> None:
        self.uid = ""
        self.ended = ""
        self.peer = Peer(address, "websocket")
        sessions.open(self.session)
        self.uid = uid
        if uid:
            sessions.add(self.session)

    @property
    def session(self) -> Session:
        """As what it stands for."""
        return cast("Session", self)

    def evict(self) -> None:
        """Thrown out."""
        self.ended = "evicted"

    def dismiss(self) -> None:
        """There are too many."""
        self.ended = "dismissed"

    def shutdown(self) -> None:
        """The server goes down."""
        self.ended = "shutdown"


def test_a_user_is_thrown_out_everywhere_but_here() -> None:
    sessions = Sessions()
    here, there, other = (Stand(sessions, uid) for uid in ("usrA", "usrA", "usrB"))
    sessions.evict("usrA", keep=here.session)
    assert [s.ended for s in (here, there, other)] == ["", "evicted", ""]
    sessions.evict("usrC")


def test_everybody_is_told_of_the_end() -> None:
    sessions = Sessions()
    everybody = [Stand(sessions, uid) for uid in ("usrA", "", "usrB")]
    sessions.shut_down()
    assert {s.ended for s in everybody} == {"shutdown"}


def test_an_ended_session_is_forgotten() -> None:
    sessions = Sessions()
    gone = Stand(sessions, "usrA")
    assert len(sessions) == 1
    sessions.remove(gone.session)
    sessions.remove(gone.session)
    sessions.evict("usrA")
    assert (len(sessions), gone.ended) == (0, "")


def test_a_session_that_ended_while_it_logged_in_is_not_kept() -> None:
    sessions = Sessions()
    late = Stand(sessions, "usrA")
    sessions.remove(late.session)
    sessions.add(late.session)
    sessions.evict("usrA")
    assert late.ended == ""


def test_log_ins_under_way_learn_who_was_thrown_out() -> None:
    """Whoever was thrown out too long ago to be remembered might be anybody."""
    sessions = Sessions()
    sessions.evict("usrA")
    moment = sessions.moment
    assert not sessions.evicted_since(moment, "usrA")
    sessions.evict("usrB")
    assert not sessions.evicted_since(moment, "usrA")
    assert sessions.evicted_since(moment, "usrB")
    for _ in range(EVICTIONS_MAX):
        sessions.evict("usrC")
    assert sessions.evicted_since(moment, "usrA")


# --- how many there may be ------------------------------------------------------------------

FEW = Rates(address_connections_max=3, address_strangers_max=2, strangers_max=4)
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


def test_strangers_from_one_address_are_bounded() -> None:
    sessions = Sessions(FEW)
    first, second = Stand(sessions, "", HERE), Stand(sessions, "", HERE)
    assert not sessions.admits(HERE)
    assert sessions.admits(ELSEWHERE)
    first.uid = "usrA"
    sessions.add(first.session)  # is known by now
    assert sessions.admits(HERE)
    Stand(sessions, "", HERE)
    assert not sessions.admits(HERE)
    sessions.remove(second.session)
    assert sessions.admits(HERE)


def test_clients_from_one_address_are_bounded() -> None:
    sessions = Sessions(FEW)
    known = [Stand(sessions, f"usr{n}", HERE) for n in range(3)]
    assert not sessions.admits(HERE)
    assert sessions.admits(ELSEWHERE)
    for one in known:
        sessions.remove(one.session)
        sessions.remove(one.session)
    assert sessions.admits(HERE)
    assert not sessions._from  # nothing is kept of those who have left
    assert not sessions._strangers_from


def test_those_behind_a_proxy_on_this_machine_are_not_counted_together() -> None:
    sessions = Sessions(Rates(address_connections_max=3, address_strangers_max=2))
    for _ in range(10):
        assert sessions.admits("127.0.0.1")
        Stand(sessions, "", "127.0.0.1")


def test_of_too_many_strangers_the_oldest_goes() -> None:
    """New ones always get in, whoever fills the room."""
    sessions = Sessions(FEW)
    known = Stand(sessions, "usrA", "192.0.2.9")
    strangers = [Stand(sessions, "", f"192.0.2.{n}") for n in range(6)]
    assert [s.ended for s in strangers] == ["dismissed"] * 2 + [""] * 4
    assert known.ended == ""
    for one in strangers:
        sessions.remove(one.session)
    assert len(sessions) == 1


def test_clients_in_all_are_bounded() -> None:
    sessions = Sessions(sessions_max=2)
    first = Stand(sessions, "usrA", HERE)
    Stand(sessions, "usrB", ELSEWHERE)
    assert not sessions.admits("192.0.2.3")
    sessions.remove(first.session)
    assert sessions.admits("192.0.2.3")


def test_all_sessions_of_a_user_keep_one_pace() -> None:
    sessions = Sessions(Rates(packets_per_s=10, account_times=2))
    here, there, other = (Stand(sessions, uid) for uid in ("usrA", "usrA", "usrB"))
    pace = sessions.add(here.session)
    assert pace is not None
    assert pace is sessions.add(there.session)
    assert pace is not sessions.add(other.session)
    free = [pace.charge(0, 0) for _ in range(2 * 10 * BURST_MS // 1000)]
    assert free == [0.0] * len(free)
    assert pace.charge(0, 0) == 50
    for one in (here, there):
        sessions.remove(one.session)
    assert list(sessions._paces) == ["usrB"]
    assert sessions.add(here.session) is None
