"""Uploads and downloads over HTTP, on a real store and a real folder.

Source: specification 04, paragraph 8 and 13.3; specification 07, paragraph 11.
"""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData
from aiohttp.test_utils import TestClient, TestServer
from yarl import URL

from chinwag.core.limits import Limits
from chinwag.core.state import State
from chinwag.core.token import NO_LOGIN
from chinwag.store import files as records
from chinwag.store import users
from chinwag.transports import files, forms, http
from chinwag.transports.files import file_id
from live import API_KEY
from shop import DOWN, KEY, PNG, SIZE_MAX, UP, Shop, site
from stage import ALICE, Open

# --- upload ---------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [UP, UP.rstrip("/")])
@pytest.mark.parametrize("method", ["post", "put"])
async def test_a_file_goes_up_and_comes_down(shop: Shop, path: str, method: str) -> None:
    """07 §21.3; 07-14: `expires` bears its zone.

    07-03: with 200, since clients wait for ever behind a 3xx.
    """
    form = FormData({"id": "77"})
    form.add_field("file", PNG, filename="f.png", content_type="image/png")
    send = getattr(shop.client, method)
    async with send(path, data=form, headers=shop.known()) as answer:
        body = (await answer.json())["ctrl"]
        assert answer.content_type == "application/json"
    assert (body["code"], body["text"], body["id"]) == (200, "ok", "77")
    assert body["params"]["url"].startswith(DOWN)
    assert body["params"]["url"].endswith(".png")
    assert body["params"]["expires"].endswith("Z")
    status, headers, data = await shop.get(body["params"]["url"])
    assert (status, data, headers["Content-Type"]) == (200, PNG, "image/png")


async def test_the_id_may_stand_in_the_address(shop: Shop) -> None:
    form = FormData()
    form.add_field("file", PNG, filename="f")
    async with shop.client.post(UP + "?id=57", data=form, headers=shop.known()) as answer:
        assert (await answer.json())["ctrl"]["id"] == "57"


@pytest.mark.parametrize(
    ("fields", "headers", "text"),
    [
        ({}, KEY, (401, "authentication required")),
        ({"topic": "me"}, KEY, (401, "authentication required")),
        ({"topic": "newacc"}, {}, (403, "valid API key required")),
        ({"topic": "newacc"}, {"X-Tinode-APIKey": "x"}, (403, "valid API key required")),
        ({}, {**KEY, "X-Tinode-Auth": "Token AAAA"}, (400, "malformed")),
        ({}, {**KEY, "X-Tinode-Auth": "Token !"}, (400, "malformed")),
        ({}, {**KEY, "X-Tinode-Auth": "Nosuch AAAA"}, (400, "malformed")),
        ({}, {**KEY, "X-Tinode-Auth": "basic YWxpY2U6eA=="}, (401, "authentication failed")),
    ],
)
async def test_who_may_not_upload(
    shop: Shop, fields: dict[str, str], headers: dict[str, str], text: tuple[int, str]
) -> None:
    """04 §8.1 and §13.3. Nothing is left of it."""
    status, answer = await shop.upload(fields=fields, headers=headers)
    assert (status, answer["text"]) == text
    assert [p for p in shop.desk.media.path("").rglob("*") if p.is_file()] == []


async def test_a_picture_before_registration(shop: Shop) -> None:
    """07 §4.2; DEFECT-32, D-72: small ones only, and not without end."""
    fields = {"topic": "newacc"}
    assert (await shop.upload(fields=fields, headers=KEY))[0] == 200
    large = b"x" * (files.GUEST_MAX + 1)
    status, answer = await shop.upload(large, fields=fields, headers=KEY)
    assert (status, answer["text"]) == (413, "too large")


async def test_key_and_secret_may_stand_in_the_form(shop: Shop) -> None:
    """01 §1.5 and §1.6; the file is its uploader's all the same."""
    fields = {"apikey": API_KEY, "auth": "token", "secret": shop.token()}
    status, answer = await shop.upload(fields=fields, headers={})
    assert status == 200
    fid = file_id(answer["params"]["url"].removeprefix(DOWN), DOWN)
    found = await shop.stage.db.read(lambda tx: _owner(tx, fid))
    assert found == ALICE


def _owner(tx: Any, fid: str) -> str | None:
    found = records.find(tx, fid)
    return None if found is None else found.uid


async def test_a_live_session_stands_for_its_user(shop: Shop) -> None:
    """01 §1.6."""
    shop.sids = {"good": ALICE, "nobody": None}
    assert (await shop.upload(headers=KEY, params={"sid": "good"}))[0] == 200
    assert (await shop.upload(headers=KEY, fields={"sid": "good"}))[0] == 200
    for sid in ("nobody", "unknown"):
        assert (await shop.upload(headers=KEY, params={"sid": sid}))[0] == 401


@pytest.mark.parametrize("size", [SIZE_MAX + 1, SIZE_MAX + 100_000])
async def test_a_file_that_is_too_large(shop: Shop, size: int) -> None:
    status, answer = await shop.upload(b"x" * size)
    assert (status, answer["text"], answer.get("id")) in [
        (413, "too large", "77"),
        (413, "too large", None),  # the announced length was enough to know
    ]
    assert [p for p in shop.desk.media.path("").rglob("*") if p.is_file()] == []


async def test_what_is_no_file(shop: Shop) -> None:
    """D-73: an empty file was 500."""
    assert (await shop.upload(b""))[0] == 400
    async with shop.client.post(UP, data={"id": "1"}, headers=shop.known()) as answer:
        assert answer.status == 400
    form = FormData({"id": "1"}, default_to_multipart=True)
    async with shop.client.post(UP, data=form, headers=shop.known()) as answer:
        assert answer.status == 400


@pytest.mark.parametrize(
    "part", ["", '--B\r\nContent-Disposition: form-data; name="file"\r\n\r\nhello']
)
async def test_a_client_that_falls_silent(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    """D-77: slow ones have all the time, silent ones have not, whether they had begun or not."""
    monkeypatch.setattr(forms, "IDLE_S", 0.05)
    head = {**shop.known(), "Content-Type": "multipart/form-data; boundary=B"}
    lines = [f"POST {UP} HTTP/1.1", "Host: a", "Content-Length: 9999"]
    lines += [f"{name}: {value}" for name, value in head.items()]
    reader, writer = await asyncio.open_connection("127.0.0.1", shop.client.port)
    writer.write("\r\n".join([*lines, "", part]).encode())
    assert await reader.readline() == b"HTTP/1.1 400 Bad Request\r\n"
    writer.close()
    await writer.wait_closed()


async def test_many_uploads_of_a_guest(shop: Shop) -> None:
    """DEFECT-32: 503, which clients survive."""
    for _ in range(100):
        shop.desk.services.guard.check_upload(None, "192.0.2.9", shop.stage.clock.ms)
    there = site(shop, proxies=frozenset({"127.0.0.1"}))
    async with TestClient(TestServer(http.make_app(there))) as client:
        shop._client = client
        headers = {**KEY, "X-Forwarded-For": "192.0.2.9"}
        newcomer = {"topic": "newacc"}
        status, answer = await shop.upload(b"small", fields=newcomer, headers=headers)
        assert (status, answer["text"]) == (503, "service unavailable")
        headers["X-Forwarded-For"] = "192.0.2.10"
        assert (await shop.upload(b"small", fields=newcomer, headers=headers))[0] == 200


async def test_head_of_an_upload(shop: Shop) -> None:
    """D-80: 200 whoever asked."""
    assert (await shop.get(UP, method="HEAD"))[0] == 200
    assert (await shop.get(UP, KEY, method="HEAD"))[0] == 401
    assert (await shop.get(UP, {}, method="HEAD"))[0] == 403


@pytest.mark.parametrize(
    ("data", "told", "kept"),
    [
        (PNG, "text/plain", "image/png"),
        (b"<!doctype html><script>", "image/png", "text/html"),
        (b'<?xml version="1.0"?><svg>', "image/svg+xml", "text/xml"),
        (b"short text", "text/markdown", "text/markdown"),
        (b"short text", "text/x-evil; charset=x", "text/x-evil"),
        (b"\x00\x01\x02", "application/x-thing", "application/x-thing"),
        (b"\x00\x01\x02", "nonsense", "application/octet-stream"),
    ],
)
async def test_what_a_file_is(shop: Shop, data: bytes, told: str, kept: str) -> None:
    """04 §8.2: by its first bytes; what nobody knows is told by the client."""
    form = b'--B\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n'
    form += b"Content-Type: " + told.encode() + b"\r\n\r\n" + data + b"\r\n--B--\r\n"
    headers = {**shop.known(), "Content-Type": "multipart/form-data; boundary=B"}
    async with shop.client.post(UP, data=form, headers=headers) as answer:
        url = (await answer.json())["ctrl"]["params"]["url"]
    assert (await shop.get(url))[1]["Content-Type"].partition(";")[0] == kept


# --- download -------------------------------------------------------------------------------


async def test_who_may_not_download(shop: Shop) -> None:
    """04 §13.3."""
    url = await shop.url()
    assert await shop.text(url, {}) == (403, "valid API key required")
    assert await shop.text(url, KEY) == (401, "authentication required")
    garbage = {**KEY, "X-Tinode-Auth": "Token garbage"}
    assert await shop.text(url, garbage) == (400, "malformed")
    shop.stage.clock.ms += 3_601_000
    old = shop.known()
    shop.stage.clock.ms += 3_601_000
    assert await shop.text(url, old) == (401, "authentication failed")


async def test_pictures_are_shown_to_everybody(shop: Shop) -> None:
    """07 §11.2: the stock web client asks for them without key or secret."""
    url, alice = await shop.url(), shop.stage.actor(ALICE)
    await alice.say(sub={"topic": "me"})
    for photo, status in (({"ref": url}, 200), ("\u2421", 403)):
        await alice.say(set={"topic": "me", "desc": {"public": {"photo": photo}}})
        assert (await shop.get(url, headers={}))[0] == status
        assert (await shop.get(url, headers={"X-Tinode-Auth": "Token AAAA"}))[0] == 403


async def test_secrets_that_are_no_log_in(shop: Shop) -> None:
    """DEFECT-05, D-33: not confirmed, one-off, or of somebody suspended."""
    url = await shop.url()
    one_off = shop.known(features=1 | NO_LOGIN)
    assert await shop.text(url, one_off) == (401, "authentication failed")
    assert (await shop.get(url, shop.known(features=0)))[0] == 200
    known = shop.known()
    await shop.stage.db.run(users.set_state, ALICE, State.SUSPENDED, shop.stage.now())
    assert await shop.text(url, known) == (403, "permission denied")
    await shop.stage.db.run(users.delete, ALICE, hard=True, now_ms=shop.stage.now())
    assert await shop.text(url, known) == (404, "user not found")


async def test_an_unconfirmed_account_gets_no_files(open_stage: Open, tmp_path: Path) -> None:
    """D-33."""
    limits = Limits(tagged_methods=frozenset({"email"}), required_creds={"auth": ["email"]})
    shop = Shop(await open_stage(limits), tmp_path)
    async with TestClient(TestServer(http.make_app(site(shop)))) as client:
        shop._client = client
        url = await shop.url()
        assert (await shop.get(url, shop.known(features=0)))[0] == 401
        assert (await shop.get(url))[0] == 200


@pytest.mark.parametrize("secret", ["plain", "escaped", "url-safe"])
async def test_key_and_secret_in_the_address(shop: Shop, secret: str) -> None:
    """07 §11.2: what the stock client puts into `src`. D-76: a slash in it broke the path."""
    url = await shop.url()
    for _ in range(200):
        token = shop.token()
        shop.stage.clock.ms += 1000
        if "/" in token and "+" in token:
            break
    assert "/" in token
    if secret == "url-safe":
        token = token.replace("+", "-").replace("/", "_")
    if secret == "escaped":
        token = token.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    query = f"?apikey={API_KEY}&auth=token&secret={token}"
    async with shop.client.get(_raw(url + query)) as answer:
        assert answer.status == 200


def _raw(address: str) -> URL:
    return URL(address, encoded=True)


async def test_key_and_secret_in_cookies_and_authorization(shop: Shop) -> None:
    url = await shop.url()
    cookies = {"apikey": API_KEY, "auth": "token", "secret": shop.token()}
    text = "; ".join(f"{k}={v}" for k, v in cookies.items())
    assert (await shop.get(url, {"Cookie": text}))[0] == 200
    authorization = {"Authorization": f"token {shop.token()}"}
    assert (await shop.get(url, {**KEY, **authorization}))[0] == 200
    two_blanks = {"Authorization": f"token  {shop.token()}"}
    assert (await shop.get(url, {**KEY, **two_blanks}))[0] == 401


async def test_what_is_not_there(shop: Shop) -> None:
    for name in ("AAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAA.png", "short.jpg", "", "x/y"):
        assert await shop.text(DOWN + name) == (404, "not found")
    url = await shop.url()
    fid = file_id(url.removeprefix(DOWN), DOWN)
    found = await shop.desk.find(fid)
    assert found is not None
    found.path.unlink()
    assert await shop.text(url) == (404, "not found")


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
async def test_methods(shop: Shop, method: str) -> None:
    url = await shop.url()
    text = (405, "operation or method not allowed")
    assert await shop.text(url, method=method) == text
    assert await shop.text(UP, method=method) == text
    assert await shop.text(url, method="POST") == text
    assert await shop.text(UP, method="GET") == text


async def test_parts_of_a_file(shop: Shop) -> None:
    """04 §8.3; 07 §11.2: media players seek."""
    url = await shop.url()
    size = len(PNG)
    for wanted, status, content, body in (
        ("bytes=0-9", 206, f"bytes 0-9/{size}", PNG[:10]),
        ("bytes=10-", 206, f"bytes 10-{size - 1}/{size}", PNG[10:]),
        ("bytes=-5", 206, f"bytes {size - 5}-{size - 1}/{size}", PNG[-5:]),
        (f"bytes={size}-", 416, f"bytes */{size}", b""),
    ):
        answer = await shop.get(url, {**shop.known(), "Range": wanted})
        assert (answer[0], answer[1]["Content-Range"], answer[2]) == (status, content, body)
        assert "Content-Encoding" not in answer[1]
    several = await shop.get(url, {**shop.known(), "Range": "bytes=0-1,3-4"})
    assert (several[0], several[2]) == (200, PNG)


async def test_a_file_that_is_known_already(shop: Shop) -> None:
    url = await shop.url()
    _, headers, _ = await shop.get(url)
    assert headers["Cache-Control"] == "private, max-age=86400"
    for condition in (
        {"If-None-Match": headers["ETag"]},
        {"If-None-Match": 'W/"other", ' + headers["ETag"]},
        {"If-Modified-Since": headers["Last-Modified"]},
    ):
        status, again, body = await shop.get(url, {**shop.known(), **condition})
        assert (status, body, again["ETag"]) == (304, b"", headers["ETag"])
    status, _, body = await shop.get(url, {**shop.known(), "If-None-Match": '"other"'})
    assert (status, body) == (200, PNG)


async def test_head_of_a_download(shop: Shop) -> None:
    """D-80: like GET, without the body."""
    url = await shop.url()
    status, headers, body = await shop.get(url, method="HEAD")
    assert (status, headers["Content-Length"], body) == (200, str(len(PNG)), b"")
    assert (await shop.get(DOWN + "AAAAAAAAAAA", method="HEAD"))[0] == 404
    assert (await shop.get(url, KEY, method="HEAD"))[0] == 401


@pytest.mark.parametrize(
    ("data", "mime", "attached"),
    [
        (PNG, "image/png", False),
        (b"<html>", "text/html", True),
        (b"<?xml?><svg/>", "image/svg+xml", True),
        (b"%PDF-1.7", "application/pdf", True),
        (b"plain", "text/plain", True),
        (b"\x1aE\xdf\xa3", "video/webm", False),
    ],
)
async def test_nothing_runs_in_a_browser(
    shop: Shop, data: bytes, mime: str, attached: bool
) -> None:
    """D-81; 04 §8.3."""
    url = await shop.url(data, mime)
    _, headers, _ = await shop.get(url)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert ("attachment" in headers.get("Content-Disposition", "")) is attached
    for wish, always in (("1", True), ("true", True), ("0", attached)):
        _, headers, _ = await shop.get(url + "?asatt=" + wish)
        assert ("Content-Disposition" in headers) is always


@pytest.mark.parametrize(
    ("name", "fid"),
    [
        ("sJOD_tZDPz0.jpg", "sJOD_tZDPz0"),
        ("sJOD_tZDPz0", "sJOD_tZDPz0"),
        ("../s/sJOD_tZDPz0.jpg", "sJOD_tZDPz0"),
        ("./sJOD_tZDPz0.jpg", "sJOD_tZDPz0"),
        ("sJOD%5FtZDPz0.jpg", "sJOD_tZDPz0"),
        ("short.jpg", ""),
        ("../u/sJOD_tZDPz0.jpg", ""),
        ("../../../sJOD_tZDPz0.jpg", ""),
        ("a/sJOD_tZDPz0.jpg", ""),
        ("", ""),
        ("..%2F..%2Fetc%2Fpasswd", ""),
    ],
)
def test_which_file_an_address_names(name: str, fid: str) -> None:
    """04 §13.4."""
    assert file_id(name, DOWN) == fid


# --- pages of other hosts -------------------------------------------------------------------


async def test_pages_of_other_hosts_may_use_files(shop: Shop) -> None:
    """D-70: real answers said nothing, so that browsers threw them away."""
    origin = {"Origin": "https://chat.example.org"}
    form = FormData()
    form.add_field("file", PNG, filename="f")
    async with shop.client.post(UP, data=form, headers={**shop.known(), **origin}) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == origin["Origin"]
        url = (await answer.json())["ctrl"]["params"]["url"]
    for address, status in ((url, 200), (DOWN + "AAAAAAAAAAA", 404)):
        found = await shop.get(address, {**shop.known(), **origin})
        assert (found[0], found[1]["Access-Control-Allow-Origin"]) == (status, origin["Origin"])


async def test_browsers_ask_first(shop: Shop) -> None:
    """D-70, 07-19. Neither key nor user is asked for."""
    for path, method, methods in (
        (UP, "POST", "POST, PUT, HEAD, OPTIONS"),
        (UP.rstrip("/"), "PUT", "POST, PUT, HEAD, OPTIONS"),
        (DOWN + "AAAAAAAAAAA", "GET", "GET, HEAD, OPTIONS"),
    ):
        asked = {
            "Origin": "https://chat.example.org",
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": "x-tinode-auth",
        }
        status, headers, body = await shop.get(path, asked, method="OPTIONS")
        assert (status, body) == (204, b"")
        assert headers["Access-Control-Allow-Methods"] == methods
        assert headers["Access-Control-Allow-Headers"] == "x-tinode-auth"


async def test_only_named_pages(shop: Shop) -> None:
    there = site(shop, "https://chat.example.org")
    async with TestClient(TestServer(http.make_app(there))) as client:
        shop._client = client
        for origin, allowed in (("https://chat.example.org", True), ("https://evil.org", False)):
            _, headers, _ = await shop.get(DOWN + "x", {"Origin": origin})
            assert ("Access-Control-Allow-Origin" in headers) is allowed
