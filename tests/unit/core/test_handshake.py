"""Which packet is legal when, and for whom somebody may act."""

import pytest

from chinwag.core import handshake
from chinwag.core.errors import Refused
from chinwag.core.handshake import Acting
from chinwag.core.state import Level
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Acc, Extra, Get, Hi, Login, Note, Packet
from stage import ALICE, BOB

PERSON = Acting(ALICE, Level.AUTH)
ROOT = Acting(ALICE, Level.ROOT)


@pytest.mark.parametrize("own", [PERSON, ROOT, Acting("", Level.NONE)])
@pytest.mark.parametrize("extra", [None, Extra(), Extra(authlevel="superuser"), Extra(["/f/1"])])
def test_who_names_nobody_acts_for_himself(own: Acting, extra: Extra | None) -> None:
    """01 §5.1, case 1: an unknown level counts as not given."""
    assert handshake.acting(extra, own) == own


@pytest.mark.parametrize(
    ("extra", "level"),
    [
        (Extra(obo=BOB), Level.AUTH),
        (Extra(obo=BOB, authlevel="nonsense"), Level.AUTH),
        (Extra(obo=BOB, authlevel="anon"), Level.ANON),
        (Extra(obo=BOB, authlevel="ROOT"), Level.ROOT),
    ],
)
def test_root_acts_for_others(extra: Extra, level: Level) -> None:
    """01 §5.1, case 4: all lower or all upper case, `auth` unless given."""
    assert handshake.acting(extra, ROOT) == (BOB, level)


@pytest.mark.parametrize("level", [Level.ANON, Level.AUTH, Level.ROOT])
def test_root_acts_for_himself_at_a_level(level: Level) -> None:
    """DEFECT 06-11: it was refused, although tn-cli's own macros say just that."""
    assert handshake.acting(Extra(authlevel=level.name), ROOT) == (ALICE, level)


@pytest.mark.parametrize(
    ("extra", "own", "reply"),
    [
        (Extra(obo=BOB), PERSON, ctrl.PERMISSION_DENIED),
        (Extra(obo=ALICE), PERSON, ctrl.PERMISSION_DENIED),
        (Extra(obo="not a user"), PERSON, ctrl.PERMISSION_DENIED),
        (Extra(authlevel="AUTH"), PERSON, ctrl.PERMISSION_DENIED),
        (Extra(obo=BOB), Acting("", Level.NONE), ctrl.PERMISSION_DENIED),
        (Extra(obo="bogus"), ROOT, ctrl.MALFORMED),
    ],
)
def test_who_may_not_act_for_others(extra: Extra, own: Acting, reply: Reply) -> None:
    """01 §5.1, cases 2 and 3."""
    with pytest.raises(Refused) as refused:
        handshake.acting(extra, own)
    assert refused.value.reply == reply


@pytest.mark.parametrize(
    ("packet", "greeted", "uid", "reply"),
    [
        (Hi(), False, "", None),
        (Acc(), False, "", ctrl.OUT_OF_SEQUENCE),
        (Login(), False, "", ctrl.OUT_OF_SEQUENCE),
        (Get(), False, "", ctrl.OUT_OF_SEQUENCE),
        (Note(), False, "", ctrl.OUT_OF_SEQUENCE),
        (Acc(), True, "", None),
        (Login(), True, "", None),
        (Get(), True, "", ctrl.AUTH_REQUIRED),
        (Note(), True, "", ctrl.AUTH_REQUIRED),
        (Get(), True, ALICE, None),
        (Note(), True, ALICE, None),
    ],
)
def test_what_is_legal_when(packet: Packet, greeted: bool, uid: str, reply: Reply | None) -> None:
    """01 §5, steps 8 and 9."""
    if reply is None:
        handshake.check(packet, greeted=greeted, uid=uid)
        return
    with pytest.raises(Refused) as refused:
        handshake.check(packet, greeted=greeted, uid=uid)
    assert refused.value.reply == reply
