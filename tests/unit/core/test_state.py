"""Plain state. Source: specification 01, paragraph 5.2; specification 04, paragraph 1.3."""

from chinwag.core import modes
from chinwag.core.state import Level, Member, State


def test_numbers_that_stand_in_tokens_and_tables() -> None:
    assert [int(level) for level in Level] == [0, 10, 20, 30]
    assert [int(state) for state in State] == [0, 10, 20]
    assert Level.NONE < Level.ANON < Level.AUTH < Level.ROOT


def test_the_effective_mode() -> None:
    """What is both wanted and given; nothing for somebody who has left."""
    member = Member("usrA", want=modes.parse("JRWP"), given=modes.parse("JRPS"))
    assert modes.text(member.eff) == "JRP"
    member.gone = True
    assert member.eff == 0
