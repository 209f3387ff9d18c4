"""Where clients put keys and secrets: the first place counts.

What comes of them is tested in test_files. Source: specification 01, paragraphs 1.5 and 1.6.
"""

import base64

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from chinwag.core.errors import Refused
from chinwag.transports.credentials import Fields, Gate
from live import API_KEY

SALT = base64.b64decode("T713/rYYgW7g4m3vG6zGRh7+FM1t0T8j13koXScOAj4=")


class Known:
    """Tells who was asked for."""

    async def user(self, scheme: str, secret: bytes, address: str = "") -> str:
        """What came."""
        return f"{scheme} {secret.decode()} {address}"

    def user_of_session(self, sid: str) -> str | None:
        """Whose session it is."""
        return "session " + sid


GATE = Gate(Known(), SALT, frozenset({"10.0.0.1"}))  # type: ignore[arg-type]


async def asked(query: str, headers: dict[str, str], fields: Fields) -> tuple[object, object]:
    """Who the gate takes a client for, and whether its key is good; refusals as codes."""
    found: list[object] = []

    async def handler(request: web.Request) -> web.Response:
        try:
            found.append(await GATE.user(request, fields))
        except Refused as refused:
            found.append(refused.reply.code)
        try:
            GATE.check_key(request, fields)
            found.append(True)
        except Refused as refused:
            found.append(refused.reply.code)
        return web.Response()

    app = web.Application()
    app.router.add_get("/", handler)
    async with TestClient(TestServer(app)) as client:
        await client.get(URL("/" + query, encoded=True), headers=headers)
    return found[0], found[1]


def b64(text: str) -> str:
    """Standard base64."""
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("headers", "query", "fields", "found"),
    [
        ({"X-Tinode-Auth": f"A {b64('1')}", "Authorization": f"B {b64('2')}"}, "", {}, "A 1 "),
        ({"Authorization": f"B {b64('2')}"}, f"?auth=C&secret={b64('3')}", {}, "B 2 "),
        ({}, f"?auth=C&secret={b64('3')}", {"auth": "D", "secret": b64("4")}, "C 3 "),
        ({"Cookie": f"auth=E; secret={b64('5')}"}, "", {"auth": "D", "secret": b64("4")}, "D 4 "),
        ({"Cookie": f"auth=E; secret={b64('5')}"}, "?sid=x", {}, "E 5 "),
        ({}, "?sid=x", {"sid": "y"}, "session x"),
        ({}, "", {"sid": "y"}, "session y"),
        ({}, "", {}, None),
        ({"X-Tinode-Auth": "nothing"}, "", {}, None),
        ({"X-Tinode-Auth": f"A  {b64('1')}"}, "", {}, None),
        ({}, "?auth=C", {"secret": b64("4")}, None),
    ],
)
async def test_the_first_secret_counts(
    headers: dict[str, str], query: str, fields: Fields, found: str | None
) -> None:
    whole = None if found is None else found + "127.0.0.1" if found.endswith(" ") else found
    assert (await asked(query, headers, fields))[0] == whole


@pytest.mark.parametrize("secret", ["YQ", "!!!!", "YQ==Y"])
async def test_a_secret_is_base64_with_padding(secret: str) -> None:
    found, _ = await asked("", {"X-Tinode-Auth": "Token " + secret}, {})
    assert found == 400


@pytest.mark.parametrize(
    ("headers", "query", "fields", "good"),
    [
        ({"X-Tinode-APIKey": API_KEY}, "?apikey=bad", {}, True),
        ({"X-Tinode-APIKey": "bad"}, "?apikey=" + API_KEY, {}, False),
        ({}, "?apikey=" + API_KEY, {"apikey": "bad"}, True),
        ({"Cookie": "apikey=" + API_KEY}, "", {"apikey": "bad"}, False),
        ({"Cookie": "apikey=bad"}, "", {"apikey": API_KEY}, True),
        ({"Cookie": "apikey=" + API_KEY}, "", {}, True),
        ({}, "", {}, False),
    ],
)
async def test_the_first_key_counts(
    headers: dict[str, str], query: str, fields: Fields, good: bool
) -> None:
    """Even if it is no good."""
    assert (await asked(query, headers, fields))[1] == (True if good else 403)
