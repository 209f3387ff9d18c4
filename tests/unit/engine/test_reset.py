"""A forgotten password. Source: specification 04, paragraphs 3.7, 4.4 and 13.2."""

from typing import Any

import pytest

from chinwag.core.limits import Limits
from chinwag.core.state import Level
from chinwag.store import users
from stage import BOB, Device, Open, Stage

LIMITS = Limits(tagged_methods=frozenset({"email"}))
ADDRESS = "testy@example.com"


@pytest.fixture
async def stage(open_stage: Open) -> Stage:
    """A server on which testy has confirmed an address."""
    stage = await open_stage(LIMITS)
    device = await stage.device()
    cred = [{"meth": "email", "val": ADDRESS}]
    asked = {"user": "new", "scheme": "basic", "secret": "testy:testy123", "cred": cred}
    assert (await device.asks(acc={**asked, "login": True}))[0] == 200
    await device.asks(sub={"topic": "me"})
    answer = {"meth": "email", "resp": stage.post.code()}
    assert (await device.asks(set={"topic": "me", "cred": answer}))[0] == 200
    stage.post.notices.clear()
    return stage


async def ask(device: Device, secret: str = f"basic:email:{ADDRESS}") -> int:
    """Ask for a new password."""
    return (await device.asks(login={"scheme": "reset", "secret": secret}))[0]


async def change(device: Device, code: str, password: str = "fresh123") -> tuple[int, Any]:
    """Choose a new password with a code."""
    secret = f"{code}:email:{ADDRESS}"
    acc = {"scheme": "basic", "secret": f":{password}", "tmpscheme": "code", "tmpsecret": secret}
    return await device.asks(acc=acc)


async def log_in(device: Device, password: str) -> int:
    """Log in by password."""
    return (await device.asks(login={"scheme": "basic", "secret": f"testy:{password}"}))[0]


async def test_the_whole_way(stage: Stage) -> None:
    """04 §13.2, 01 §12.2 (24)."""
    device = await stage.device()
    assert await ask(device) == 301
    (notice,) = stage.post.notices
    assert (notice.kind, notice.to, notice.scheme) == ("reset", ADDRESS, "basic")
    assert (notice.login, notice.life_s, notice.token) == ("testy", 900, "")
    assert await change(device, notice.code) == (200, {})
    assert await log_in(device, "testy123") == 401
    assert await log_in(device, "fresh123") == 200
    assert await change(await stage.device(), notice.code) == (401, {"what": "auth"})


async def test_a_code_is_spent_only_by_success(stage: Stage) -> None:
    """DEFECT-07: a right code was burnt even if the new password was refused."""
    device = await stage.device()
    await ask(device)
    code = stage.post.code()
    assert await change(device, code, password="x") == (422, {})
    assert await change(device, code) == (200, {})


async def test_the_code_goes_to_the_stored_address_only(stage: Stage) -> None:
    """DEFECT D-40 (i, iv): it went to what the requester had typed, and case hid the account."""
    device = await stage.device()
    assert await ask(device, "basic:email:Testy@Example.Com") == 301
    assert await ask(device, "basic:email:tésty@example.com") == 301
    assert [notice.to for notice in stage.post.notices] == [ADDRESS]
    secret = f"{stage.post.code()}:email:TESTY@example.com"
    acc = {"scheme": "basic", "secret": ":fresh123", "tmpscheme": "code", "tmpsecret": secret}
    assert (await device.asks(acc=acc))[0] == 200


@pytest.mark.parametrize(
    ("secret", "code"),
    [
        ("basic:email:nobody@example.com", 301),
        ("basic:email:nonsense", 301),
        ("anonymous:email:testy@example.com", 301),
        ("basic:tel:+15005550006", 301),
        ("basic:fax:1", 501),
        ("nosuch:email:testy@example.com", 501),
        ("basic:email", 400),
        ("", 400),
    ],
)
async def test_the_answer_never_tells_whether_somebody_is_known(
    stage: Stage, secret: str, code: int
) -> None:
    """DEFECT D-40 (ii, v), DEFECT-08: 404 gave an address away, `tel` ended the process."""
    assert await ask(await stage.device(), secret) == code
    assert stage.post.notices == []


async def test_asking_again_is_no_error_and_no_flood(stage: Stage) -> None:
    """DEFECT D-40 (iii): a second request gave 409."""
    device = await stage.device()
    assert [await ask(device) for _ in range(3)] == [301] * 3
    assert len(stage.post.notices) == 1
    stage.clock.ms += 60_000
    assert await ask(device) == 301
    first, second = stage.post.notices
    if first.code != second.code:
        assert (await change(device, first.code))[0] == 401
    assert (await change(device, second.code))[0] == 200


async def test_from_one_place_only_so_many_resets(stage: Stage) -> None:
    device = await stage.device("198.51.100.7")
    for n in range(30):
        assert await ask(device, f"basic:email:n{n}@example.com") == 301
    assert await ask(device) == 301
    assert stage.post.notices == []
    assert await ask(await stage.device("198.51.100.8")) == 301
    assert len(stage.post.notices) == 1


async def test_a_code_ends_after_a_quarter_of_an_hour(stage: Stage) -> None:
    """DEFECT D-32 (i): an expired code worked until somebody else asked for one."""
    device = await stage.device()
    await ask(device)
    stage.clock.ms += 900_000
    assert (await change(device, stage.post.code()))[0] == 401


async def test_three_guesses(stage: Stage) -> None:
    device = await stage.device()
    await ask(device)
    codes = [(await change(device, "000000"))[0] for _ in range(3)]
    assert codes == [401, 401, 401]
    assert (await change(device, stage.post.code()))[0] == 401


async def test_a_suspended_account_gets_no_code(stage: Stage) -> None:
    uid = (await stage.db.read(users.page, 10))[-1].uid
    root = await stage.device()
    root.session.authenticated(BOB, Level.ROOT)
    assert (await root.asks(acc={"user": uid, "status": "susp"}))[0] == 200
    assert await ask(await stage.device()) == 301
    assert stage.post.notices == []


async def test_a_reset_ends_sessions_and_tokens(stage: Stage) -> None:
    """DEFECT-10, D-34: they went on for two weeks."""
    device = await stage.device()
    params = (await device.asks(login={"scheme": "basic", "secret": "testy:testy123"}))[1]
    other = await stage.device()
    await ask(other)
    await change(other, stage.post.code())
    assert device.wire.heard[-2]["ctrl"]["text"] == "evicted"
    assert device.wire.heard[-1] == "closed"
    said = await other.says({"login": {"scheme": "token", "secret": params["token"]}})
    assert said[0]["ctrl"]["code"] == 401


async def test_log_in_with_a_code_is_no_log_in(stage: Stage) -> None:
    """04 §4.4, QUIRK-14: 200 with a token that is good for a change of the account, once."""
    device = await stage.device()
    await ask(device)
    secret = f"{stage.post.code()}:email:{ADDRESS}"
    code, params = await device.asks(login={"scheme": "code", "secret": secret})
    assert (code, params["authlvl"]) == (200, "")
    assert (await device.asks(sub={"topic": "me"}))[0] == 401
    assert (await device.asks(login={"scheme": "code", "secret": secret}))[0] == 401
    token = {"tmpscheme": "token", "tmpsecret": params["token"]}
    acc = {"scheme": "basic", "secret": "OmZyZXNoMTIz", **token}
    assert (await device.says({"acc": acc}))[0]["ctrl"]["code"] == 200
    assert (await device.says({"acc": acc}))[0]["ctrl"]["code"] == 401
    assert await log_in(device, "fresh123") == 200
