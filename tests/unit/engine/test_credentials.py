"""Credentials of accounts. Source: specification 02, T-S37; specification 04, paragraph 5.1."""

from typing import Any

import pytest

from chinwag.core.limits import Limits
from chinwag.core.state import Level
from chinwag.engine import credentials
from stage import ALICE, BOB, Actor, Open, Stage

REQUIRED = Limits(tagged_methods=frozenset({"email"}), required_creds={"auth": ["email"]})
VOLUNTARY = Limits(tagged_methods=frozenset({"email"}))
OLD, NEW = "old@example.com", "new@example.com"
TAGS = [{"pres": {"topic": "me", "what": "tags"}}]


async def on_me(stage: Stage, uid: str) -> Actor:
    """A session of `uid` on `me`."""
    actor = stage.actor(uid)
    await actor.say(sub={"topic": "me"})
    return actor


async def attach(actor: Actor, value: str) -> int:
    """The code of the answer to a new address."""
    return (await actor.ask(set={"topic": "me", "cred": {"meth": "email", "val": value}}))[0]


async def confirm(actor: Actor, code: str) -> int:
    """The code of the answer to a code."""
    return (await actor.ask(set={"topic": "me", "cred": {"meth": "email", "resp": code}}))[0]


async def remove(actor: Actor, value: str) -> int:
    """The code of the answer to a deletion."""
    cred = {"meth": "email", "val": value}
    return (await actor.ask(**{"del": {"topic": "me", "what": "cred", "cred": cred}}))[0]


async def confirmed(stage: Stage, actor: Actor, value: str) -> None:
    """Let the actor have confirmed `value`."""
    assert await attach(actor, value) == 200
    assert await confirm(actor, stage.post.code()) == 200


@pytest.fixture
async def required(open_stage: Open) -> Stage:
    """A server that requires an e-mail address."""
    return await open_stage(REQUIRED)


async def test_the_whole_way_of_a_new_address(required: Stage) -> None:
    """02 T-S37."""
    a1, a2 = await on_me(required, ALICE), await on_me(required, ALICE)
    b1 = await on_me(required, BOB)
    await confirmed(required, a1, OLD)
    a1.heard.clear()
    a2.heard.clear()

    assert await attach(a1, NEW) == 200
    old, new = {"meth": "email", "val": OLD, "done": True}, {"meth": "email", "val": NEW}
    assert await a1.meta("cred", topic="me") == [old, new]
    assert await remove(a1, OLD) == 422
    assert await confirm(a1, "000000") == 406
    a1.heard.clear()
    a2.heard.clear()
    answer = await a1.say(
        set={"topic": "me", "cred": {"meth": "email", "resp": required.post.code()}}
    )
    assert [m["ctrl"]["code"] for m in answer if "ctrl" in m] == [200]
    assert answer[1:] == a2.heard == TAGS
    assert sorted(await a2.meta("tags", topic="me")) == [
        "alice",
        "basic:alice",
        "email:" + NEW,
        "email:" + OLD,
    ]
    a2.heard.clear()
    delete: Any = {"topic": "me", "what": "cred", "cred": {"meth": "email", "val": OLD}}
    answer = await a1.say(**{"del": delete})
    assert [m["ctrl"]["code"] for m in answer[:1]] == [200]
    assert answer[1:] == a2.heard == TAGS
    assert "email:" + OLD not in await a2.meta("tags", topic="me")

    assert await attach(b1, NEW) == 409
    assert (await b1.ask(**{"del": {"topic": "me", "what": "cred", "cred": {"meth": "email"}}}))[
        0
    ] == 400


async def test_the_mail_says_what_it_is_about(required: Stage) -> None:
    alice = await on_me(required, ALICE)
    await attach(alice, "Alice@Example.COM")
    (notice,) = required.post.notices
    assert (notice.kind, notice.to, notice.lang) == ("confirm", "alice@example.com", "en")
    assert (len(notice.code), notice.life_s) == (6, 86400)
    assert notice.token == ""  # a mistyped address lets nobody in


@pytest.mark.parametrize(
    ("cred", "code"),
    [
        ({"meth": "email", "val": "x" * 129}, 400),
        ({"meth": "email", "val": "a\tb"}, 400),
        ({"meth": "email", "val": " "}, 400),
        ({"meth": "email", "val": "a@forbidden.example"}, 422),
        ({"meth": "email"}, 400),
        ({"meth": "email", "resp": "123456"}, 404),
        ({"meth": "carrier", "val": "pigeon"}, 200),
    ],
)
async def test_what_cannot_be_attached_or_confirmed(
    required: Stage, cred: dict[str, str], code: int
) -> None:
    alice = await on_me(required, ALICE)
    assert (await alice.ask(set={"topic": "me", "cred": cred}))[0] == code
    assert required.post.notices == []


async def test_what_is_no_address_waits_like_one(required: Stage) -> None:
    """02 §9.4, QUIRK: its form is not examined here; nothing is sent, and it may go again."""
    alice = await on_me(required, ALICE)
    assert await attach(alice, "nowhere ") == 200
    assert required.post.notices == []
    assert await alice.meta("cred", topic="me") == [{"meth": "email", "val": "nowhere"}]
    assert await confirm(alice, "000000") == 406
    assert await attach(alice, "elsewhere") == 200
    assert await alice.meta("cred", topic="me") == [{"meth": "email", "val": "elsewhere"}]
    assert await remove(alice, "elsewhere") == 304
    assert await alice.ask(get={"topic": "me", "what": "cred"}) == (204, {"what": "creds"})


async def test_what_is_no_address_is_not_taken_without_end(required: Stage) -> None:
    alice = await on_me(required, ALICE)
    assert [await attach(alice, f"nowhere {n}") for n in range(6)] == [200] * 5 + [503]


async def test_too_many_wrong_codes(required: Stage) -> None:
    """04 §5.1; DEFECT D-50: the fourth was looked at."""
    alice = await on_me(required, ALICE)
    await attach(alice, NEW)
    assert [await confirm(alice, "000000") for _ in range(4)] == [406, 406, 406, 422]
    assert await confirm(alice, required.post.code()) == 422


async def test_a_pending_address_that_was_guessed_at_can_go(required: Stage) -> None:
    """DEFECT D-06: it could not be removed. 01 QUIRK-25: 304, since no tag goes with it."""
    alice = await on_me(required, ALICE)
    await attach(alice, NEW)
    await confirm(alice, "000000")
    assert (await alice.meta("cred", topic="me"))[0]["val"] == NEW
    assert await remove(alice, NEW) == 304
    assert await alice.ask(get={"topic": "me", "what": "cred"}) == (204, {"what": "creds"})
    assert await remove(alice, NEW) == 304


async def test_a_code_of_another_address_confirms_nothing(required: Stage) -> None:
    alice = await on_me(required, ALICE)
    await attach(alice, OLD)
    old_code = required.post.code()
    await attach(alice, NEW)
    assert await confirm(alice, old_code) == 406


async def test_codes_are_sent_a_few_times_only(required: Stage) -> None:
    """DEFECT D-50: nobody is flooded with mails; 503 makes no client forget anything."""
    alice = await on_me(required, ALICE)
    assert [await attach(alice, NEW) for _ in range(6)] == [200] * 5 + [503]
    assert await attach(await on_me(required, BOB), NEW) == 503
    required.clock.ms += 60_000
    assert await attach(alice, NEW) == 200


async def test_a_voluntary_address_may_go(open_stage: Open) -> None:
    stage = await open_stage(VOLUNTARY)
    alice = await on_me(stage, ALICE)
    await confirmed(stage, alice, NEW)
    assert await remove(alice, NEW.upper()) == 200


async def test_a_universal_code_is_for_tests(open_stage: Open) -> None:
    stage = await open_stage(
        Limits(tagged_methods=frozenset({"email"}), debug_responses={"email": "123456"})
    )
    alice = await on_me(stage, ALICE)
    await attach(alice, NEW)
    assert await confirm(alice, "654321") == 406
    assert await confirm(alice, "123456") == 200


async def test_an_account_adds_credentials_by_acc(required: Stage) -> None:
    """DEFECT-20, D-37, 07-12: errors were swallowed, what is lacking was never told."""
    alice = await required.device()
    alice.session.authenticated(ALICE, Level.AUTH)
    cred = {"meth": "email", "val": NEW}
    assert await alice.asks(acc={"cred": [cred]}) == (200, {"cred": ["email"]})
    bad = {"meth": "email", "val": "nowhere"}
    assert await alice.asks(acc={"cred": [bad]}) == (400, {"what": "email"})
    await confirmed(required, await on_me(required, BOB), OLD)
    assert (await alice.asks(acc={"cred": [{"meth": "email", "val": OLD}]}))[0] == 409


async def test_an_administrator_names_the_level_of_the_account(required: Stage) -> None:
    """01 §6.2, update by `cred`."""
    root = await required.device()
    root.session.authenticated(BOB, Level.ROOT)
    cred = [{"meth": "email", "val": NEW}]
    assert (await root.asks(acc={"user": ALICE, "cred": cred}))[0] == 400
    asked = {"user": ALICE, "authlevel": "auth", "cred": cred}
    assert await root.asks(acc=asked) == (200, {"cred": ["email"]})
    alice = await on_me(required, ALICE)
    assert await confirm(alice, required.post.code()) == 200


@pytest.mark.parametrize(
    ("subject", "normal"),
    [
        ("email:Old@Example.com", "email:old@example.com"),
        ("email:email:Old@Example.com", "email:old@example.com"),
        ("email:fax:1", "email:fax:1"),
        ("fax:Old@Example.com", "fax:Old@Example.com"),
        ("", ""),
    ],
)
async def test_the_stock_client_names_the_method_twice(
    required: Stage, subject: str, normal: str
) -> None:
    """A code from the link in a letter was refused: it came as code:email:email:address."""
    assert credentials.normal_subject(required.services.validators, subject) == normal
