"""Registration. Source: specification 01, paragraph 6.2; specification 04, 3.5 and 13.1."""

from typing import Any, cast

import pytest

from chinwag.core import modes
from chinwag.core.errors import Refused
from chinwag.core.limits import Limits
from chinwag.core.state import Level, State
from chinwag.plugins.auth_base import AuthBase
from chinwag.ports import Authenticator, Identity, Newcomer
from chinwag.store import users
from chinwag.wire import ctrl
from stage import ALICE, Device, Open, Stage

REQUIRED = Limits(tagged_methods=frozenset({"email"}), required_creds={"auth": ["email"]})
VOLUNTARY = Limits(tagged_methods=frozenset({"email"}))
ADDRESS = "testy@example.com"


async def register(device: Device, **more: Any) -> tuple[int, dict[str, Any]]:
    """Ask for the account testy."""
    cred = [{"meth": "email", "val": ADDRESS}]
    asked = {"user": "new1", "scheme": "basic", "secret": "testy:testy123", "cred": cred, **more}
    return await device.asks(acc={k: v for k, v in asked.items() if v is not None})


@pytest.fixture
async def required(open_stage: Open) -> Stage:
    """A server that requires an e-mail address."""
    return await open_stage(REQUIRED)


async def log_in(device: Device, secret: str = "testy:testy123", **more: Any) -> tuple[int, Any]:
    """Log in by password."""
    return await device.asks(login={"scheme": "basic", "secret": secret, **more})


def answer(code: str) -> dict[str, Any]:
    """The code of an e-mail address."""
    return {"cred": [{"meth": "email", "resp": code}]}


async def test_registration_and_confirmation(required: Stage) -> None:
    """04 §13.1, 01 §12.2 (12, 14): the session stays outside until the address is confirmed."""
    device = await required.device()
    code, params = await register(device, login=True, tags=["alias:testy"])
    assert (code, params["cred"], params["authlvl"]) == (300, ["email"], "auth")
    assert params["desc"]["defacs"] == {"auth": "JRWPASD", "anon": "N"}
    assert (await device.asks(sub={"topic": "me"}))[0] == 401

    assert (await log_in(device))[0] == 300
    code, params = await log_in(device, **answer("000000"))
    assert (code, params["cred"]) == (300, ["email"])
    code, params = await log_in(device, **answer(required.post.code()))
    assert (code, "cred" in params) == (200, False)
    user = await required.db.read(users.get, params["user"])
    assert user is not None
    assert user.tags == ["alias:testy", "basic:testy", "email:" + ADDRESS]
    assert (await device.asks(sub={"topic": "me"}))[0] == 200
    assert (await log_in(await required.device()))[0] == 200


async def test_confirmation_with_the_token_of_the_reply(required: Stage) -> None:
    """01 §12.2 (13); what the stock web client does."""
    device = await required.device()
    _, params = await register(device, login=True)
    token = {"scheme": "token", "secret": params["token"]}
    said = (await device.says({"login": {"id": "1", **token}}))[0]["ctrl"]
    assert (said["code"], said["params"]["cred"]) == (300, ["email"])
    said = await device.says({"login": {"id": "2", **token, **answer(required.post.code())}})
    assert said[0]["ctrl"]["code"] == 200


async def test_the_token_in_the_mail_lets_in_only_with_the_code(required: Stage) -> None:
    """04 §3.5, step 10: it is good for a day, and knows nothing of credentials."""
    await register(await required.device())
    (notice,) = required.post.notices
    device = await required.device()
    token = {"scheme": "token", "secret": notice.token}
    said = (await device.says({"login": {"id": "1", **token}}))[0]["ctrl"]
    assert (said["code"], said["params"]["cred"]) == (300, ["email"])
    said = (await device.says({"login": {"id": "2", **token, **answer(notice.code)}}))[0]["ctrl"]
    assert said["code"] == 200


async def test_a_locked_code_ends_the_log_in(required: Stage) -> None:
    """04 §13.1: the fourth wrong answer gives 422, and so does the right one then."""
    device = await required.device()
    await register(device)
    codes = [(await log_in(device, **answer("000000")))[0] for _ in range(4)]
    assert codes == [300, 300, 300, 422]
    assert (await log_in(device, **answer(required.post.code())))[0] == 422


async def test_without_log_in_the_account_is_created(required: Stage) -> None:
    """01 §12.2 (15)."""
    code, params = await register(await required.device())
    assert (code, sorted(params)) == (201, ["authlvl", "desc", "user"])


@pytest.mark.parametrize(
    ("cred", "code", "params"),
    [
        (None, 422, {"creds": ["email"]}),
        ([{"meth": "carrier", "val": "pigeon"}], 422, {"creds": ["email"]}),
        ([{"meth": "email"}], 422, {"creds": ["email"]}),
        ([{"meth": "email", "val": "bad"}], 400, {"what": "email"}),
        ([{"meth": "email", "val": "a@forbidden.example"}], 422, {"what": "email"}),
        ([{"meth": "email", "val": ADDRESS, "resp": "123456"}], 401, {}),
    ],
)
async def test_what_makes_no_account(
    required: Stage, cred: Any, code: int, params: dict[str, Any]
) -> None:
    """01 §6.2, C7 to C11, and §12.2 (19): nothing is left of it (D25)."""
    device = await required.device()
    assert await register(device, cred=cred, login=True) == (code, params)
    assert (await log_in(device))[0] == 401
    assert required.post.notices == []
    assert (await register(device, login=True))[0] == 300


async def test_a_short_password_is_refused_before_credentials_are(required: Stage) -> None:
    """01 §6.2, C9 before C10."""
    device = await required.device()
    assert await register(device, secret="testy:x", cred=None) == (422, {})


async def test_an_address_that_is_taken(required: Stage) -> None:
    """01 §6.2, C11."""
    await register(device := await required.device())
    assert (await log_in(device, **answer(required.post.code())))[0] == 200
    other = await required.device()
    assert await register(other, secret="other:other123") == (409, {})
    assert (await log_in(other, "other:other123"))[0] == 401


async def test_guests_need_no_address_where_users_do(required: Stage) -> None:
    device = await required.device()
    code, _ = await device.asks(acc={"user": "new", "scheme": "anonymous", "login": True})
    assert code == 200


async def test_a_voluntary_address_keeps_nobody_outside(open_stage: Open) -> None:
    stage = await open_stage(VOLUNTARY)
    device = await stage.device()
    code, params = await register(device, login=True)
    assert (code, "cred" in params) == (200, False)
    (notice,) = stage.post.notices
    assert notice.token == ""  # a mistyped address lets nobody in
    await device.asks(sub={"topic": "me"})
    cred = {"meth": "email", "resp": notice.code}
    assert (await device.asks(set={"topic": "me", "cred": cred}))[0] == 200


async def test_an_alias_that_is_taken(stage: Stage) -> None:
    """DEFECT D-36, DEFECT-22: nobody looked whether it was."""
    assert (await register(await stage.device(), tags=["alias:testy"]))[0] == 201
    other = await stage.device()
    assert await register(other, secret="other:other123", tags=["alias:testy"]) == (
        409,
        {"what": "tags"},
    )
    assert (await log_in(other, "other:other123"))[0] == 401


async def test_a_name_that_is_taken(stage: Stage) -> None:
    assert (await register(await stage.device()))[0] == 201
    assert await register(await stage.device()) == (409, {"what": "auth"})


async def test_somebody_who_is_logged_in_makes_accounts_for_others(stage: Stage) -> None:
    """04 §3.5, step 1."""
    device = await stage.device()
    assert (await register(device, login=True))[0] == 200
    assert (await register(device, secret="other:other123", login=True))[0] == 409
    assert (await register(device, secret="other:other123"))[0] == 201


@pytest.mark.parametrize(
    ("level", "shown"), [(Level.ROOT, {"staff": True}), (Level.AUTH, None), (Level.NONE, None)]
)
async def test_only_an_administrator_says_who_is_trusted(
    stage: Stage, level: Level, shown: object
) -> None:
    """06 §18.2: it was ignored even for an administrator."""
    device = await stage.device()
    if level is not Level.NONE:
        device.session.authenticated(ALICE, level)
    desc = {"public": {"fn": "T"}, "trusted": {"staff": True}}
    code, params = await register(device, desc=desc)
    assert code == 201
    assert params["desc"].get("trusted") == shown


# --- people who are known elsewhere ---------------------------------------------------------


class Elsewhere(AuthBase):
    """An authenticator that knows everybody, and may refuse to hear which account they got."""

    name = "elsewhere"

    def __init__(self, *, refuses: bool = False) -> None:
        self.refuses = refuses
        self.linked: list[str] = []
        self.state: State | None = None

    async def authenticate(self, secret: bytes, address: str) -> Identity:
        """A newcomer at first, an old friend then."""
        if self.linked:
            return Identity(self.linked[0], Level.AUTH)
        newcomer = Newcomer(["email:" + ADDRESS], modes.parse("JRWPA"), 0, public=b'{"fn":"T"}')
        return Identity(
            "", Level.AUTH, state=self.state, newcomer=newcomer, settle=self.link, validated=True
        )

    async def link(self, uid: str) -> None:
        """Hear which account it is."""
        if self.refuses:
            raise Refused(ctrl.DUPLICATE_CREDENTIAL)
        self.linked.append(uid)

    async def forget(self, uid: str) -> None:
        """Nobody may go."""
        raise Refused(ctrl.NOT_ALLOWED)


def known_elsewhere(stage: Stage, **how: Any) -> Elsewhere:
    """Let people log in who are known elsewhere."""
    made = Elsewhere(**how)
    cast("dict[str, Authenticator]", stage.services.authenticators)["elsewhere"] = made
    return made


async def come_in(stage: Stage) -> tuple[int, dict[str, Any]]:
    """Log in."""
    device = await stage.device()
    return await device.asks(login={"scheme": "elsewhere", "secret": "x"})


async def test_the_first_log_in_makes_an_account_the_second_finds_it(required: Stage) -> None:
    """04 §4.5."""
    elsewhere = known_elsewhere(required)
    code, params = await come_in(required)
    assert (code, [params["user"]]) == (200, elsewhere.linked)
    user = await required.db.read(users.get, params["user"])
    assert user is not None
    assert (user.tags, user.public) == (["email:" + ADDRESS], b'{"fn":"T"}')
    code, again = await come_in(required)
    assert (code, again["user"]) == (300, params["user"])  # the second time nobody vouches


async def test_without_a_link_there_is_no_account(stage: Stage) -> None:
    """04 §4.5: `link` failure deletes it again."""
    known_elsewhere(stage, refuses=True)
    before = len(await stage.db.read(users.page))
    assert await come_in(stage) == (409, {})
    assert len(await stage.db.read(users.page)) == before


async def test_a_newcomer_who_may_not_come_in(stage: Stage) -> None:
    known_elsewhere(stage).state = State.SUSPENDED
    assert (await come_in(stage))[0] == 403


async def test_an_authenticator_may_keep_an_account(stage: Stage) -> None:
    """DEFECT D-38: it was asked when the passwords were gone already."""
    known_elsewhere(stage)
    device = await stage.device()
    await register(device, login=True)
    assert (await device.asks(**{"del": {"what": "user"}}))[0] == 405
    assert (await log_in(await stage.device()))[0] == 200
