"""Who comes to a server, and what for."""

from pathlib import Path

import pytest

from chinwag.bots.credentials import Credentials
from chinwag.bots.errors import CannotRun
from chinwag.bots.line import Line
from chinwag.bots.packets import News
from chinwag.chat import visit as visits
from chinwag.chat.keep import Keep
from chinwag.chat.visit import LOGIN, TOKEN, Visit, keep_of

SERVER = "http://127.0.0.1:1"


class Nobody:
    """Hears nothing."""

    def hear(self, news: News) -> None:
        """Nothing."""

    async def connected(self) -> None:
        """Nothing."""


def test_secrets_of_the_environment() -> None:
    visit = Visit(SERVER, None, "", None)
    visit.choose({LOGIN: "ann:secret"})
    assert visit.credentials == Credentials.basic("ann:secret")
    visit.choose({LOGIN: "ann:secret", TOKEN: "AAAA"})
    assert visit.credentials == Credentials.token("AAAA")
    with pytest.raises(CannotRun, match="Who are you"):
        visit.choose({})
    assert not visit.try_again()
    assert visit.history is None


def test_log_ins_of_the_last_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visits, "read_secret", lambda _: "typed")
    keep = Keep(tmp_path)
    visit = Visit(SERVER, None, "ann", keep)
    visit.choose({LOGIN: "ben:secret"})
    assert visit.credentials == Credentials.basic("ann:typed")
    line = Line(visit.address, None, Nobody())
    line.token = "BBBB"
    visit.entered(line)
    visit = Visit(SERVER, None, "ann", keep)
    visit.choose({})
    assert visit.credentials == Credentials.token("BBBB")
    assert visit.try_again()
    assert visit.credentials == Credentials.basic("ann:typed")
    assert keep.token(SERVER, "ann") is None
    assert not visit.try_again()
    assert visit.history == tmp_path / "chat-history"
    assert keep_of({"XDG_STATE_HOME": str(tmp_path)}).history.parent == tmp_path / "chinwag"
