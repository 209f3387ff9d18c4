"""Log-in by asking another service over HTTP. Source: specification 04, paragraph 4.5."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from chinwag.config import Rest
from chinwag.core import modes, query
from chinwag.core.errors import Refused
from chinwag.core.state import AuthRecord, Level, State, User
from chinwag.plugins import auth_rest
from chinwag.plugins.auth_rest import RestAuth
from chinwag.ports import Applicant, Grant, Issued
from chinwag.store import auth, users
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from stage import ALICE, BOB, START_MS, Actor, HandClock, Stage

SECRET = b"alice:alice123"
ADDRESS = "203.0.113.9"
ALICIA = User(ALICE, START_MS, START_MS, tags=["alice"], auth=modes.parse("JRWPA"))


class Service:
    """A service that knows people, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.answers: dict[str, Any] = {"rtagns": {"strarr": ["Corp", "staff"]}}
        self.status = 200

    async def serve(self, request: web.Request) -> web.Response:
        """Answer one question."""
        assert request.content_type == "application/json"
        body = await request.json()
        self.asked.append((request.path, body))
        answer = self.answers.get(body["endpoint"], {})
        raw = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        return web.Response(body=raw, status=self.status, headers={"Location": "/elsewhere"})

    @property
    def last(self) -> Any:
        """The last question."""
        return self.asked[-1][1]


Make = Callable[..., RestAuth]


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", made.serve)
    async with TestServer(app) as server:
        made.url = str(server.make_url("/auth"))  # type: ignore[attr-defined]
        yield made


@pytest.fixture
async def make(service: Service) -> AsyncIterator[Make]:
    """Makes authenticators that ask the service."""
    opened: list[RestAuth] = []

    def makes(*, namespaces: set[str] | None = None, **settings: Any) -> RestAuth:
        url = settings.pop("url", service.url)  # type: ignore[attr-defined]
        known = set() if namespaces is None else namespaces
        opened.append(RestAuth(Rest(url=url, **settings), HandClock(), known, "corp"))
        return opened[-1]

    yield makes
    for rest in opened:
        await rest.close()


async def refused(work: Any) -> tuple[Reply, Any]:
    """How it is refused."""
    with pytest.raises(Refused) as error:
        await work
    return error.value.reply, error.value.params


# --- questions ------------------------------------------------------------------------------


async def test_log_in_of_somebody_known(service: Service, make: Make) -> None:
    """The worked exchange; `lifetime` comes in seconds (D-35)."""
    service.answers["auth"] = {
        "rec": {"uid": ALICE[3:], "authlvl": "auth", "state": "ok", "features": "V", "lifetime": 60}
    }
    found = await make().authenticate(SECRET, ADDRESS)
    assert (found.uid, found.level, found.validated, found.state) == (
        ALICE,
        Level.AUTH,
        True,
        State.OK,
    )
    assert found.expires_ms == START_MS + 60_000
    assert service.last == {
        "endpoint": "auth",
        "name": "corp",
        "secret": base64.b64encode(SECRET).decode(),
        "addr": ADDRESS,
    }
    assert service.asked[-1][0] == "/auth/"


async def test_endpoints_may_be_addresses(service: Service, make: Make) -> None:
    service.answers["auth"] = {"rec": {"uid": ALICE[3:]}}
    await make(use_separate_endpoints=True).authenticate(SECRET, ADDRESS)
    assert [path for path, _ in service.asked] == ["/auth/rtagns", "/auth/auth"]


async def test_a_first_log_in_makes_an_account(service: Service, make: Make) -> None:
    service.answers["auth"] = {
        "rec": {
            "authlvl": "auth",
            "tags": ["email:alice@example.com"],
            "features": "V",
            "state": "ok",
            "lifetime": "10000s",
        },
        "newacc": {
            "auth": "JRWPA",
            "anon": "N",
            "public": {"fn": "Alice Johnson"},
            "private": {"comment": "imported"},
            "trusted": None,
        },
    }
    found = await make(allow_new_accounts=True).authenticate(SECRET, ADDRESS)
    newcomer = found.newcomer
    assert newcomer is not None
    assert (newcomer.tags, newcomer.auth, newcomer.anon) == (
        ["email:alice@example.com"],
        modes.parse("JRWPA"),
        0,
    )
    assert json.loads(newcomer.public or b"") == {"fn": "Alice Johnson"}
    assert json.loads(newcomer.private or b"") == {"comment": "imported"}
    assert newcomer.trusted is None
    assert found.settle is not None
    await found.settle(ALICE)
    assert service.last == {
        "endpoint": "link",
        "name": "corp",
        "rec": {
            "uid": ALICE[3:],
            "authlvl": "auth",
            "lifetime": 10_000_000_000_000,
            "lifetimeSeconds": 10_000,
            "features": "V",
            "tags": ["email:alice@example.com"],
            "State": "ok",
        },
        "secret": base64.b64encode(SECRET).decode(),
    }


async def test_a_link_that_is_refused(service: Service, make: Make) -> None:
    service.answers |= {"auth": {"rec": {}, "newacc": {}}, "link": {"err": "duplicate value"}}
    found = await make(allow_new_accounts=True).authenticate(SECRET, ADDRESS)
    assert found.settle is not None
    assert await refused(found.settle(ALICE)) == (ctrl.DUPLICATE_CREDENTIAL, None)


async def test_somebody_unknown_is_nobody(service: Service, make: Make) -> None:
    """DEFECT D-35: user zero was logged in and got a token."""
    service.answers["auth"] = {"rec": {}, "newacc": {}}
    assert (await refused(make().authenticate(SECRET, "")))[0] == ctrl.NOT_FOUND
    service.answers["auth"] = {"rec": {}}
    allowing = make(allow_new_accounts=True)
    assert (await refused(allowing.authenticate(SECRET, "")))[0] == ctrl.NOT_FOUND


async def test_a_challenge(service: Service, make: Make) -> None:
    service.answers["auth"] = {"byteval": base64.b64encode(b"what?").decode()}
    assert (await make().authenticate(SECRET, "")).challenge == b"what?"


async def test_a_new_account_is_told_to_the_service(service: Service, make: Make) -> None:
    service.answers |= {
        "checkunique": {"boolval": True},
        "add": {"rec": {"authlvl": "root", "tags": ["Corp:Alice"], "features": 1}},
    }
    rest = make()
    await rest.check_new(SECRET, ADDRESS)
    user = User(ALICE, START_MS, START_MS, tags=["alice"], auth=modes.parse("JRWPA"))
    user.public = b'{"fn":"A"}'
    enrolled = await rest.enrol(Applicant(user, b'"note"', SECRET, ADDRESS))
    assert (enrolled.level, enrolled.record, enrolled.validated) == (Level.ROOT, None, True)
    assert user.tags == ["corp:alice"]
    assert service.last["rec"] == {
        "uid": ALICE[3:],
        "tags": ["alice"],
        "defacs": {"auth": "JRWPA", "anon": "N"},
        "public": {"fn": "A"},
        "private": "note",
        "State": "ok",
    }


async def test_a_name_that_is_taken(service: Service, make: Make) -> None:
    """DEFECT D-36: without an error the client was told `ok`, and there was no account."""
    for answer in ({"boolval": False}, {}, {"err": "duplicate value"}):
        service.answers["checkunique"] = answer
        reply = await refused(make().check_new(SECRET, ADDRESS))
        assert reply == (ctrl.DUPLICATE_CREDENTIAL, {"what": "auth"})


@pytest.mark.parametrize("endpoint", ["auth", "add"])
async def test_an_answer_without_a_record(service: Service, make: Make, endpoint: str) -> None:
    """DEFECT D-35: after `add` it ended the process."""
    rest = make()
    work = rest.authenticate(SECRET, "")
    if endpoint == "add":
        work.close()
        work = rest.enrol(Applicant(ALICIA, None, SECRET, ""))  # type: ignore[assignment]
    assert (await refused(work))[0] == ctrl.INTERNAL


async def test_a_change_of_password_and_the_end(service: Service, make: Make) -> None:
    rest = make()
    assert await rest.change(ALICIA, b":fresh", ADDRESS) == ["alice"]
    rec = {"uid": ALICE[3:], "tags": ["alice"], "State": "ok"}
    assert (service.last["endpoint"], service.last["rec"]) == ("upd", rec)
    await rest.forget(ALICE)
    assert (service.last["endpoint"], service.last["rec"]) == (
        "del",
        {"uid": ALICE[3:], "State": "ok"},
    )
    service.answers["del"] = {"err": "unsupported"}
    assert (await refused(rest.forget(ALICE)))[0] == ctrl.NOT_ALLOWED
    service.answers["del"] = {"err": "internal"}
    assert (await refused(rest.forget(ALICE)))[0] == ctrl.INTERNAL
    assert await rest.log_in_name(ALICE) is None


# --- secrets that the service makes ---------------------------------------------------------


async def test_a_secret_for_the_next_log_in(service: Service, make: Make) -> None:
    """04 §4.5, `gen`: sent is whom it is for, nanoseconds among it; used are `byteval` and `ts`."""
    secret = base64.b64encode(b"come back").decode()
    service.answers["gen"] = {"byteval": secret, "ts": "2026-11-23T10:00:00.5+03:00"}
    user = User(ALICE, START_MS, START_MS, tags=["email:alice@example.com"])
    issued = await make().generate(Grant(user, Level.AUTH, validated=True, life_s=10_000))
    assert issued == Issued(secret, 1_795_417_200_500)
    assert service.last == {
        "endpoint": "gen",
        "name": "corp",
        "rec": {
            "uid": ALICE[3:],
            "authlvl": "auth",
            "lifetime": 10_000_000_000_000,
            "lifetimeSeconds": 10_000,
            "features": "V",
            "tags": ["email:alice@example.com"],
            "State": "ok",
        },
    }


@pytest.mark.parametrize(
    "answer",
    [{}, {"byteval": "eA=="}, {"ts": "2026-11-23T10:00:00Z"}, {"byteval": "eA==", "ts": 7}],
)
async def test_a_secret_that_cannot_be_used(
    service: Service, make: Make, answer: dict[str, Any]
) -> None:
    service.answers["gen"] = answer
    work = make().generate(Grant(ALICIA, Level.AUTH))
    assert (await refused(work))[0] == ctrl.INTERNAL


async def test_who_is_called_token_makes_the_tokens(
    stage: Stage, service: Service, make: Make
) -> None:
    """04 §3.4, step 8: the secret in the answer is the one that leads back in."""
    rest = make()
    stage.services.authenticators["token"] = rest  # type: ignore[index]
    hashed = await stage.passwords.hash("alice123")
    record = AuthRecord("basic", "alice", ALICE, Level.AUTH, hashed)
    await stage.db.run(auth.add, record)
    fresh = base64.b64encode(b"come back").decode()
    service.answers |= {
        "gen": {"byteval": fresh, "ts": "2026-11-23T10:00:00Z"},
        "auth": {"rec": {"uid": ALICE[3:], "features": "V"}},
    }
    for scheme, secret in (("basic", "alice:alice123"), ("token", "come back")):
        device = await stage.device()
        code, params = await device.asks(login={"scheme": scheme, "secret": secret})
        assert (code, params["token"]) == (200, fresh)
        assert params["expires"] == "2026-11-23T10:00:00.000Z"
    assert [b["endpoint"] for _, b in service.asked] == ["rtagns", "gen", "auth", "gen"]
    assert service.asked[2][1]["secret"] == fresh


# --- what names look like -------------------------------------------------------------------


async def test_a_bare_word_that_is_a_name(service: Service, make: Make) -> None:
    """04 §4.5: the service tells what bare words are to be found by its first prefix."""
    pattern = base64.b64encode(b"^[a-z0-9_]{3,8}$").decode()
    service.answers["rtagns"] = {"strarr": ["Corp", "staff"], "byteval": pattern}
    rest = make()
    assert rest.tag_of("alice") is None
    await rest.open()
    assert rest.tag_of("alice") == "corp:alice"
    assert rest.tag_of("al") is None
    assert rest.tag_of("alice@example.com") is None
    assert query.parse("alice, al", [rest.tag_of]).optional == ["alice", "corp:alice", "al"]


@pytest.mark.parametrize(
    "rtagns",
    [
        {"strarr": ["corp"]},
        {"byteval": base64.b64encode(b"a").decode()},
        {"strarr": ["corp"], "byteval": base64.b64encode(b"(").decode()},
        {"strarr": ["corp"], "byteval": base64.b64encode(b"\xff").decode()},
    ],
)
async def test_without_a_pattern_words_are_words(
    service: Service, make: Make, rtagns: dict[str, Any]
) -> None:
    """04 §7.2, QUIRK."""
    service.answers["rtagns"] = rtagns
    rest = make()
    await rest.open()
    assert rest.tag_of("a") is None


async def test_names_are_found_by_bare_words(
    stage: Stage, service: Service, make: Make, alice: Actor
) -> None:
    pattern = base64.b64encode(b"^bob").decode()
    service.answers["rtagns"] = {"strarr": ["basic"], "byteval": pattern}
    rest = make()
    await rest.open()
    stage.services.authenticators["rest"] = rest  # type: ignore[index]
    await stage.db.run(users.set_tags, BOB, ["basic:bobby"], START_MS)
    await alice.say(sub={"topic": "fnd"})
    await alice.say(set={"topic": "fnd", "desc": {"public": "bobby"}})
    (row,) = await alice.meta("sub", topic="fnd")
    assert (row["topic"], row["private"]) == (BOB, ["basic:bobby"])


# --- answers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "reply"),
    [
        ("failed", ctrl.AUTH_FAILED),
        ("expired", ctrl.AUTH_FAILED),
        ("denied", ctrl.PERMISSION_DENIED),
        ("malformed", ctrl.MALFORMED),
        ("not found", ctrl.NOT_FOUND),
        ("user not found", ctrl.USER_NOT_FOUND),
        ("unsupported", ctrl.NOT_IMPLEMENTED),
        ("policy", ctrl.POLICY),
        ("internal", ctrl.INTERNAL),
        ("whatever", ctrl.INTERNAL),
    ],
)
async def test_words(service: Service, make: Make, word: str, reply: Reply) -> None:
    """04 §1.4."""
    service.answers["auth"] = {"err": word, "rec": {"uid": ALICE[3:]}}
    assert (await refused(make().authenticate(SECRET, "")))[0] == reply


@pytest.mark.parametrize(
    "answer",
    [
        b"nonsense",
        b"[]",
        b'{"rec":{"uid":"short"}}',
        b'{"rec":{"state":"suspended"}}',
        b'{"rec":{"authlvl":"king"}}',
        b'{"rec":{"lifetime":"soon"}}',
        b'{"rec":{"features":"X"}}',
        b'{"rec":{"uid":7}}',
        b'{"rec":{},"newacc":{"auth":"XYZ"}}',
        b'{"byteval":"not base64!"}',
        b" " * (1 << 20) + b"{}",
    ],
)
async def test_answers_that_cannot_be_read(service: Service, make: Make, answer: bytes) -> None:
    """500, so that clients do not take it for a wrong password; 1 MiB at most (D-35)."""
    service.answers["auth"] = answer
    rest = make(allow_new_accounts=True)
    assert (await refused(rest.authenticate(SECRET, "")))[0] == ctrl.INTERNAL


@pytest.mark.parametrize("status", [404, 500, 302])
async def test_only_a_good_status_counts(service: Service, make: Make, status: int) -> None:
    """DEFECT D-35: redirects were followed."""
    service.answers["auth"] = {"rec": {"uid": ALICE[3:]}}
    rest = make()
    await rest.open()
    service.status = status
    assert (await refused(rest.authenticate(SECRET, "")))[0] == ctrl.INTERNAL
    assert len(service.asked) == 2


async def test_keys_count_in_any_case(service: Service, make: Make) -> None:
    service.answers["auth"] = {"Rec": {"UID": ALICE[3:], "State": "SUSP", "AuthLvl": "ROOT"}}
    found = await make().authenticate(SECRET, "")
    assert (found.uid, found.state, found.level) == (ALICE, State.SUSPENDED, Level.ROOT)


# --- a service that is not there ------------------------------------------------------------


async def test_the_service_is_down(make: Make, unused_tcp_port: int) -> None:
    """DEFECT D-35: the server did not start; 503 keeps the log-in of clients (07 §4.3)."""
    rest = make(url=f"http://127.0.0.1:{unused_tcp_port}/")
    await rest.open()
    assert (await refused(rest.authenticate(SECRET, "")))[0] == ctrl.UNAVAILABLE


async def test_the_service_says_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """DEFECT D-35: there was no time-out."""
    monkeypatch.setattr(auth_rest, "TIMEOUT_S", 0.1)
    over = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        over.set()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        rest = make(url=f"http://127.0.0.1:{port}/")
        rest._learned = True
        assert (await refused(rest.authenticate(SECRET, "")))[0] == ctrl.UNAVAILABLE
        await over.wait()


async def test_namespaces_are_learnt_when_the_service_is_there(
    service: Service, make: Make
) -> None:
    """DEFECT D-35: asked for at the start and never again."""
    namespaces = {"email"}
    rest = make(namespaces=namespaces)
    service.status = 503
    await rest.open()
    assert namespaces == {"email"}
    service.status = 200
    service.answers["auth"] = {"rec": {"uid": ALICE[3:]}}
    await rest.authenticate(SECRET, "")
    assert namespaces == {"email", "corp", "staff"}
    await rest.authenticate(SECRET, "")
    assert [body["endpoint"] for _, body in service.asked].count("rtagns") == 2


def test_whom_guesses_are_aimed_at(make: Make) -> None:
    rest = make()
    assert rest.subject(b"Alice:x") == rest.subject(b"alice:y") == "alice"
    assert rest.subject(b"") != ""
