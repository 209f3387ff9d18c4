"""Credentials on a server that requires none. Source: golden a-me-credentials-idle."""

import pytest

from stage import Actor


@pytest.mark.parametrize(
    ("cred", "code"),
    [
        (None, 400),
        ({"meth": "email"}, 400),
        ({"meth": "carrier", "val": "pigeon"}, 400),
        ({"meth": "email", "val": "a@example.com"}, 304),
    ],
)
async def test_deleting(alice: Actor, cred: dict[str, str] | None, code: int) -> None:
    """Specification 02, paragraph 11.5."""
    await alice.say(sub={"topic": "me"})
    delete: dict[str, object] = {"topic": "me", "what": "cred"}
    if cred is not None:
        delete["cred"] = cred
    assert (await alice.ask(**{"del": delete}))[0] == code


async def test_adding_succeeds_idly(alice: Actor) -> None:
    """07-17: `creds`, as clients know it, where the question was `cred`."""
    await alice.say(sub={"topic": "me"})
    cred = {"meth": "email", "val": "a@example.com"}
    assert await alice.ask(set={"topic": "me", "cred": cred}) == (200, None)
    assert await alice.ask(get={"topic": "me", "what": "cred"}) == (204, {"what": "creds"})


async def test_only_the_own_account_has_any(alice: Actor) -> None:
    await alice.say(sub={"topic": "slf"})
    cred = {"meth": "email", "val": "a@example.com"}
    assert (await alice.ask(get={"topic": "slf", "what": "cred"}))[0] == 405
    assert (await alice.ask(set={"topic": "slf", "cred": cred}))[0] == 405
    assert (await alice.ask(**{"del": {"topic": "slf", "what": "cred", "cred": cred}}))[0] == 403
