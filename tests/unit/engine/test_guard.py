"""What is asked too often, and who does not notice. Source: 01, DEFECT-07; 04, D-34."""

from collections.abc import Callable

import pytest

from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.rates import Rates
from chinwag.core.state import Level
from chinwag.engine import guard
from chinwag.engine.guard import Guard, origin_of
from chinwag.plugins.auth_base import AuthBase
from chinwag.ports import Identity
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from stage import ALICE, Open, Stage

NOW = 1_000_000
HERE = "192.0.2.1"
LIMITS_OF_TEN = Rates(
    logins_max=10,
    resets_max=10,
    notices_max=10,
    searches_max=10,
    typing_max=10,
    uploads_max=10,
    guest_uploads_max=10,
    previews_max=10,
)


class Names(AuthBase):
    """Knows everybody whose password is `right`, unless it is out of order."""

    name = "names"

    def __init__(self) -> None:
        self.asked = 0
        self.failure: Reply | None = None

    def subject(self, secret: bytes) -> str:
        """The part before the colon."""
        return secret.decode().partition(":")[0]

    async def authenticate(self, secret: bytes, address: str) -> Identity:
        """Who has the right password."""
        self.asked += 1
        if self.failure is not None:
            raise Refused(self.failure)
        if not secret.endswith(b":right"):
            raise Refused(ctrl.AUTH_FAILED)
        return Identity(ALICE, Level.AUTH)


async def log_in(
    watch: Guard, scheme: Names, secret: str, now_ms: int = NOW, address: str = HERE
) -> int:
    """The code with which a log-in is answered."""
    try:
        await watch.authenticate(scheme, secret.encode(), address, now_ms)
    except Refused as refused:
        return refused.reply.code
    return 200


async def test_guesses_at_one_account_are_answered_unavailable() -> None:
    """DEFECT-07, D-34: a 4xx would make clients forget their right secret."""
    watch, scheme = Guard(guesses_max=3), Names()
    assert [await log_in(watch, scheme, "ann:x") for _ in range(5)] == [401] * 3 + [503] * 2
    assert scheme.asked == 3
    assert await log_in(watch, scheme, "ann:right") == 503
    assert await log_in(watch, scheme, "bob:right") == 200
    assert await log_in(watch, scheme, "ann:right", NOW + guard.GUESS_MS) == 200
    assert await log_in(watch, scheme, "ann:x", NOW + guard.GUESS_MS) == 401  # all is forgiven


async def test_guesses_from_one_address_are_bounded_too() -> None:
    watch, scheme = Guard(guesses_max=2), Names()
    codes = [await log_in(watch, scheme, f"name{n}:x") for n in range(25)]
    assert codes == [401] * 20 + [503] * 5
    assert await log_in(watch, scheme, "ann:right", address="192.0.2.2") == 200


async def test_a_server_out_of_order_is_no_guess() -> None:
    watch, scheme = Guard(guesses_max=2), Names()
    scheme.failure = ctrl.UNAVAILABLE
    assert [await log_in(watch, scheme, "ann:right") for _ in range(50)] == [503] * 50
    scheme.failure = None
    assert (await log_in(watch, scheme, "ann:right"), scheme.asked) == (200, 51)


async def test_right_passwords_cost_time_as_well() -> None:
    """Every hash does: nobody may keep the server busy with one account or from one place."""
    watch, scheme = Guard(LIMITS_OF_TEN), Names()
    assert [await log_in(watch, scheme, "ann:right") for _ in range(12)] == [200] * 10 + [503] * 2
    codes = [await log_in(watch, scheme, f"name{n}:right") for n in range(45)]
    assert codes == [200] * 40 + [503] * 5
    assert await log_in(watch, scheme, "zoe:right", NOW + guard.LOGIN_MS) == 200


async def test_what_cannot_be_guessed_is_not_counted() -> None:
    watch, scheme = Guard(LIMITS_OF_TEN, guesses_max=1), Names()
    codes = [await log_in(watch, scheme, ":right") for _ in range(100)]
    assert codes == [200] * 100


async def test_those_behind_a_proxy_on_this_machine_are_not_one_customer() -> None:
    watch, scheme = Guard(guesses_max=1), Names()
    codes = [await log_in(watch, scheme, f"name{n}:x", address="127.0.0.1") for n in range(50)]
    assert codes == [401] * 50


def test_accounts_from_one_address_are_counted_from_their_beginning() -> None:
    """Many at once were a way around."""
    watch = Guard(new_accounts_max=2)
    with (
        watch.newcomer(HERE, NOW),
        watch.newcomer(HERE, NOW),
        pytest.raises(Refused) as refused,
        watch.newcomer(HERE, NOW),
    ):
        pass
    assert refused.value.reply == ctrl.UNAVAILABLE
    with watch.newcomer("192.0.2.2", NOW), watch.newcomer(HERE, NOW + guard.ACCOUNT_MS):
        pass


def test_accounts_that_were_not_made_do_not_count_but_cost_a_log_in() -> None:
    watch = Guard(LIMITS_OF_TEN, new_accounts_max=2)

    def fail() -> None:
        with watch.newcomer(HERE, NOW):
            raise Refused(ctrl.DUPLICATE_CREDENTIAL)

    for reply in [ctrl.DUPLICATE_CREDENTIAL] * 50 + [ctrl.UNAVAILABLE]:
        with pytest.raises(Refused) as refused:
            fail()
        assert refused.value.reply == reply


Ask = Callable[[Guard, str, int], object]
ASKED: dict[str, tuple[Ask, int]] = {
    "search": (lambda g, who, ms: g.check_search(who, ms), guard.SEARCH_MS),
    "upload": (lambda g, who, ms: g.check_upload(who, HERE, ms), guard.UPLOAD_MS),
    "preview": (lambda g, who, ms: g.check_preview(who, ms), guard.PREVIEW_MS),
    "change": (lambda g, who, ms: g.check_change(who, ms), guard.LOGIN_MS),
    "notice": (lambda g, who, ms: g.check_notice(who, f"{who}@example", ms), guard.NOTICE_MS),
    "guest": (lambda g, who, ms: g.check_upload(None, f"192.0.2.{len(who)}", ms), guard.GUEST_MS),
}


@pytest.mark.parametrize("what", ASKED)
def test_ten_in_a_row_and_then_no_faster_than_they_are_forgiven(what: str) -> None:
    watch = Guard(LIMITS_OF_TEN)
    ask, forgive_ms = ASKED[what]
    for _ in range(10):
        ask(watch, "usrA", NOW)
    with pytest.raises(Refused) as refused:
        ask(watch, "usrA", NOW + forgive_ms - 1)
    assert refused.value.reply == ctrl.UNAVAILABLE
    ask(watch, "usrBB", NOW)
    ask(watch, "usrA", NOW + forgive_ms)


def test_codes_to_one_address_are_bounded_whoever_wants_them() -> None:
    watch = Guard(LIMITS_OF_TEN)
    for number in range(10):
        watch.check_notice(f"usr{number}", "ann@example", NOW)
    with pytest.raises(Refused):
        watch.check_notice("usrX", "ann@example", NOW)


def test_what_is_dropped_in_silence() -> None:
    watch = Guard(LIMITS_OF_TEN)
    for ask, forgive_ms in (
        (watch.may_type, guard.TYPING_MS),
        (watch.may_reset, guard.RESET_MS),
    ):
        assert [ask(HERE, NOW) for _ in range(12)] == [True] * 10 + [False] * 2
        assert ask(HERE, NOW + forgive_ms)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("127.0.0.1", ""),
        ("::1", ""),
        ("::ffff:127.0.0.1", ""),
        ("", ""),
        ("nowhere", ""),
    ],
)
def test_what_stands_for_one_customer(address: str, origin: str) -> None:
    assert origin_of(address) == origin


# --- an office ------------------------------------------------------------------------------


@pytest.fixture
async def office(open_stage: Open) -> Stage:
    """A server as it is without settings."""
    return await open_stage(Limits())


async def test_an_office_behind_one_address_does_not_notice(office: Stage) -> None:
    """20 new accounts and 60 log-ins a minute, for ten minutes, some of them mistyped."""
    names = [f"colleague{n}" for n in range(20)]
    for minute in range(10):
        for name in names:
            device = await office.device(HERE)
            secret = f"{name}x{minute}:secret{minute}"
            code, _ = await device.asks(acc={"user": "new", "scheme": "basic", "secret": secret})
            assert code == 201
        for number in range(60):
            device = await office.device(HERE)
            name = f"{names[number % 20]}x{minute}"
            if number % 10 == 0:
                code, _ = await device.asks(login={"scheme": "basic", "secret": f"{name}:oops"})
                assert code == 401
            secret = f"{name}:secret{minute}"
            code, _ = await device.asks(login={"scheme": "basic", "secret": secret})
            assert code == 200
            device.session.gone()
        office.clock.ms += 60_000
