"""Handshakes, accounts, log-ins. Source: specification 01, 6.1 to 6.4; specification 02, 3.1."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from chinwag.core import accounts, modes
from chinwag.core.accounts import Asking, Reset
from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.state import Level, State, User
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import Acc, Defacs, SetDesc
from stage import ALICE, BOB

LIMITS = Limits()
NOW = 1_795_417_704_100
STAMP = "2026-11-23T07:08:24.100Z"
AGREED = 0x001903
ERASE = "\u2421"


def refused(call: Callable[[], object]) -> tuple[Reply, object]:
    """Reply and params with which `call` is refused."""
    with pytest.raises(Refused) as caught:
        call()
    return caught.value.reply, caught.value.params


# --- {hi} -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "agreed", "result"),
    [
        ("0.25.3", 0, AGREED),
        ("", 0, ctrl.MALFORMED),
        ("abc", 0, ctrl.MALFORMED),
        ("0.8192", 0, ctrl.MALFORMED),
        ("0.19.9", 0, ctrl.VERSION_NOT_SUPPORTED),
        ("", AGREED, AGREED),
        ("0.25.3", AGREED, AGREED),
        ("0.25", AGREED, ctrl.OUT_OF_SEQUENCE),
        ("abc", AGREED, ctrl.OUT_OF_SEQUENCE),
    ],
)
def test_versions_are_agreed_once(text: str, agreed: int, result: int | Reply) -> None:
    """01 §6.1: the patch level counts when it is said again."""
    if isinstance(result, Reply):
        assert refused(lambda: accounts.version(text, agreed)) == (result, None)
    else:
        assert accounts.version(text, agreed) == result


def test_what_a_server_announces() -> None:
    """01 §6.1: everything is a plain integer, and calls show by their servers."""
    found = accounts.announced(Limits(max_message_size=131072), "sqlite:v1")
    assert found == {
        "ver": "0.25",
        "build": "sqlite:v1",
        "maxMessageSize": 131072,
        "maxSubscriberCount": 128,
        "minTagLength": 2,
        "maxTagLength": 96,
        "maxTagCount": 16,
        "maxFileUploadSize": 8388608,
        "reqCred": None,
        "msgDelAge": 600,
    }
    servers: tuple[dict[str, object], ...] = ({"urls": ["stun:stun.example.com"]},)
    limits = Limits(ice_servers=servers, required_creds={"auth": ["email"]})
    found = accounts.announced(limits, "")
    assert (found["iceServers"], found["callTimeout"]) == (list(servers), 30)
    assert found["reqCred"] == {"auth": ["email"]}


@pytest.mark.parametrize(
    ("sent", "known", "after"),
    [
        (None, "token", "token"),
        ("", "token", "token"),
        ("new", "token", "new"),
        (ERASE, "token", ""),
        (ERASE, "", ""),
        ("new", "", "new"),
    ],
)
def test_devices(sent: str | None, known: str, after: str) -> None:
    """DEFECT-24: absent means unchanged."""
    assert accounts.device(sent, known) == after


# --- {acc} that creates ---------------------------------------------------------------------


def create(limits: Limits = LIMITS, **packet: Any) -> User:
    """The account that a packet asks for."""
    return accounts.new_user(ALICE, Acc(**packet), limits, now_ms=NOW)


def test_a_new_account() -> None:
    """01 §6.2: `created` and `updated` are now; `trusted` is ignored."""
    desc = SetDesc(public=Raw(b'{"fn":"A"}'), trusted=Raw(b'{"staff":true}'))
    user = create(tags=[" B ", "aa"], desc=desc)
    assert (user.uid, user.created_ms, user.updated_ms) == (ALICE, NOW, NOW)
    assert (user.public, user.trusted, user.tags) == (b'{"fn":"A"}', None, ["aa"])
    assert create().tags == []
    assert create(desc=SetDesc(public=Raw(f'"{ERASE}"'.encode()))).public is None


@pytest.mark.parametrize(
    ("asked", "p2p_delete", "auth", "anon"),
    [
        (None, True, "JRWPASD", "N"),
        (None, False, "JRWPAS", "N"),
        (Defacs(), True, "JRWPASD", "N"),
        (Defacs("JRWPASDO", "JR"), True, "JRWPAD", "JRA"),
        (Defacs("JRWPASDO", "JR"), False, "JRWPA", "JRA"),
        (Defacs("JRW", "N"), True, "JRWA", "N"),
        (Defacs("N", ""), True, "N", "N"),
        (Defacs("SO", "D"), False, "N", "N"),
        (Defacs("x", "x"), True, "JRWPAD", "N"),
    ],
)
def test_what_strangers_may(asked: Defacs | None, p2p_delete: bool, auth: str, anon: str) -> None:
    """02 §3.1 and 01 §6.2: cut down, A added unless empty; an unreadable one is cut down, too."""
    user = create(Limits(p2p_delete=p2p_delete), desc=SetDesc(defacs=asked))
    assert (modes.text(user.auth), modes.text(user.anon)) == (auth, anon)


@pytest.mark.parametrize(
    ("tags", "reply"),
    [
        (["email:x@y.com"], ctrl.PERMISSION_DENIED),
        (["Basic:x"], ctrl.PERMISSION_DENIED),
        (["alias:aa", "alias:bb"], ctrl.MALFORMED),
    ],
)
def test_tags_that_are_refused(tags: list[str | None], reply: Reply) -> None:
    """01 §6.2, C6; DEFECT-22: only one alias."""
    assert refused(lambda: create(tags=tags)) == (reply, {"what": "tags"})
    assert create(tags=["tel:+1", "alias:aa"]).tags == ["alias:aa", "tel:+1"]


@pytest.mark.parametrize(
    ("status", "level", "result"),
    [
        ("", Level.NONE, State.OK),
        ("ok", Level.ROOT, State.OK),
        ("susp", Level.ROOT, State.SUSPENDED),
        ("SusP", Level.ROOT, State.SUSPENDED),
        ("del", Level.ROOT, ctrl.MALFORMED),
        ("undef", Level.ROOT, ctrl.MALFORMED),
        ("ok", Level.AUTH, ctrl.PERMISSION_DENIED),
        ("nonsense", Level.NONE, ctrl.PERMISSION_DENIED),
    ],
)
def test_states_of_new_accounts(status: str, level: Level, result: State | Reply) -> None:
    """01 §6.2, C4 and C5; 04 §1.3: in any letter case, and only an administrator may name one."""
    if isinstance(result, State):
        assert accounts.new_state(status, level) is result
        return
    params = {"what": "state"} if result == ctrl.PERMISSION_DENIED else None
    assert refused(lambda: accounts.new_state(status, level)) == (result, params)


def test_a_new_account_is_shown_to_its_maker() -> None:
    """01 §6.2: empty members are left out."""
    shown = msgspec.json.decode(msgspec.json.encode(accounts.described(create(), None)))
    assert shown == {
        "created": STAMP,
        "updated": STAMP,
        "defacs": {"auth": "JRWPASD", "anon": "N"},
    }
    user = create(desc=SetDesc(public=Raw(b'{"fn":"A"}')))
    shown = msgspec.json.decode(msgspec.json.encode(accounts.described(user, b'"note"')))
    assert (shown["public"], shown["private"]) == ({"fn": "A"}, "note")


# --- {acc} that changes ---------------------------------------------------------------------

PERSON = Asking(ALICE, is_root=False, level=Level.AUTH)
ROOT = Asking(ALICE, is_root=True, level=Level.ROOT)
NOBODY = Asking("", is_root=False, level=Level.NONE)


@pytest.mark.parametrize(
    ("packet", "asking", "uid"),
    [
        (Acc(), PERSON, ALICE),
        (Acc(user=ALICE), PERSON, ALICE),
        (Acc(user=BOB), ROOT, BOB),
        (Acc(user=BOB, status="susp"), ROOT, BOB),
    ],
)
def test_whom_one_may_change(packet: Acc, asking: Asking, uid: str) -> None:
    """01 §6.2, U1 to U5."""
    assert accounts.target(packet, asking) == uid


@pytest.mark.parametrize(
    ("packet", "asking", "reply"),
    [
        (Acc(), NOBODY, ctrl.PERMISSION_DENIED),
        (Acc(user=ALICE), NOBODY, ctrl.PERMISSION_DENIED),
        (Acc(user=BOB), PERSON, ctrl.PERMISSION_DENIED),
        (Acc(user="bogus"), PERSON, ctrl.PERMISSION_DENIED),
        (Acc(user="bogus"), ROOT, ctrl.MALFORMED),
        (Acc(status="ok"), PERSON, ctrl.PERMISSION_DENIED),
    ],
)
def test_whom_one_may_not_change(packet: Acc, asking: Asking, reply: Reply) -> None:
    """01 §6.2, U1 to U5; QUIRK-27: without a log-in it is 403."""
    assert refused(lambda: accounts.target(packet, asking)) == (reply, None)


BY_CODE = Asking(ALICE, is_root=False, level=Level.NONE)


@pytest.mark.parametrize(
    ("packet", "uid", "asking", "level"),
    [
        (Acc(authlevel="root"), ALICE, PERSON, Level.AUTH),
        (Acc(authlevel="AUTH"), BOB, ROOT, Level.AUTH),
        (Acc(authlevel="Auth"), BOB, ROOT, None),
        (Acc(), BOB, ROOT, None),
        (Acc(), ALICE, BY_CODE, None),
    ],
)
def test_credentials_need_a_level(
    packet: Acc, uid: str, asking: Asking, level: Level | None
) -> None:
    """01 §6.2: neither a one-off code nor root without `authlevel` tells one."""
    if level:
        assert accounts.level_for_credentials(packet, uid, asking) is level
    else:
        reply = refused(lambda: accounts.level_for_credentials(packet, uid, asking))
        assert reply == (ctrl.MALFORMED, None)


# --- {login} with scheme `reset` ------------------------------------------------------------


@pytest.mark.parametrize(
    ("secret", "reply"),
    [
        (b"basic:email:a@b.c", None),
        (b"basic:email:a@b.c:more", None),
        (b"BASIC:email:", None),
        (b"basic:email", ctrl.MALFORMED),
        (b"", ctrl.MALFORMED),
        (b"\xff", ctrl.MALFORMED),
        (b"rest:email:a@b.c", ctrl.NOT_IMPLEMENTED),
        (b"basic:fax:123", ctrl.NOT_IMPLEMENTED),
    ],
)
def test_asking_for_a_new_password(secret: bytes, reply: Reply | None) -> None:
    """01 §6.4; DEFECT-08: whether somebody is known is not looked at here."""

    def ask() -> Reset:
        return accounts.read_reset(secret, {"basic"}, {"email"})

    if reply is None:
        assert ask()[:2] == ("basic", "email")
    else:
        assert refused(ask) == (reply, None)


def test_tokens_that_no_maker_of_devices_gives_out_are_passed_over() -> None:
    """07-01: a {hi} is not refused for it."""
    assert accounts.device("x" * 512, "old") == "x" * 512
    assert accounts.device("x" * 513, "old") == "old"
