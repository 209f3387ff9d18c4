"""Sessions by user, and their end."""

from typing import cast

from chinwag.engine.session import Session
from chinwag.engine.sessions import EVICTIONS_MAX, Sessions


class Stand:
    """It stands for a session: only its user and its end matter here."""

    def __init__(self, sessions: Sessions, uid: str) -> None:
        self.uid = ""
        self.ended = ""
        sessions.open(self.session)
        self.uid = uid
        sessions.add(self.session)

    @property
    def session(self) -> Session:
        """As what it stands for."""
        return cast("Session", self)

    def evict(self) -> None:
        """Thrown out."""
        self.ended = "evicted"

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
