"""Broken frames and broken HTTP: exact replies, and a server that lives on.

Source: specification 01, paragraphs 1.1, 1.4, 1.5 and 3.1.
"""

import http.client
import json
import socket
import struct
from contextlib import suppress

import pytest
from websockets.exceptions import ConnectionClosed

from live import API_KEY, Live
from talk import Talk, plain, refuses

MAX = 262_144  # bytes of a message


# --- frames ---------------------------------------------------------------------------------


def _closed(talk: Talk) -> tuple[int, str]:
    """Code and reason with which the server closes the connection."""
    with pytest.raises(ConnectionClosed) as caught:
        list(talk.ws)
    received = caught.value.rcvd
    assert received is not None, "closed without a word"
    return received.code, received.reason


def _padded(size: int) -> str:
    """A {leave} of `size` bytes."""
    message = json.dumps({"leave": {"id": "x", "topic": "me", "pad": ""}})
    return message.replace('"pad": ""', f'"pad": "{"x" * (size - len(message))}"')


def test_the_largest_message(user: Talk) -> None:
    assert len(_padded(MAX)) == MAX
    expected = {"code": 304, "text": "not joined", "id": "x", "topic": "me"}
    refuses(user, _padded(MAX), **expected)


@pytest.mark.parametrize("size", [MAX + 1, 4 * MAX])
def test_a_message_that_is_too_large(talk: Talk, size: int) -> None:
    """Paragraph 3.1: Close 1009 with an empty reason."""
    talk.say(_padded(size))
    assert _closed(talk) == (1009, "")


def test_a_fragmented_message_that_is_too_large(talk: Talk) -> None:
    with suppress(ConnectionClosed):
        talk.ws.send("x" * (MAX // 4) for _ in range(5))
    assert _closed(talk) == (1009, "")


def test_fragments_make_one_message(user: Talk) -> None:
    user.ws.send(['{"leave":{"id":', '"x","topic"', ':"me"}}'])
    assert plain(user.answer("x"))["text"] == "not joined"


def test_binary_frames_are_understood(talk: Talk) -> None:
    """Paragraph 3.1: as the iOS client sends them; replies are text."""
    refuses(
        talk,
        b'{"login":{"id":"x","scheme":"frob"}}',
        code=401,
        id="x",
        text="unknown authentication scheme",
    )
    talk.say(b"1")
    assert talk.ws.recv() == "0"


MASK = b"\x01\x02\x03\x04"


def _masked(first: int, payload: bytes) -> bytes:
    masked = bytes(b ^ MASK[i % 4] for i, b in enumerate(payload))
    return bytes((first, 0x80 | len(payload))) + MASK + masked


VIOLATIONS = [
    (b"\x81\x011", 1002),  # not masked
    (_masked(0x83, b"x"), 1002),  # an unknown opcode
    (_masked(0x8B, b"x"), 1002),
    (_masked(0xC1, b"x"), 1002),  # a reserved bit
    (_masked(0x80, b"x"), 1002),  # continues nothing
    (_masked(0x01, b"x") + _masked(0x81, b"y"), 1002),  # begins anew before the end
    (_masked(0x09, b"x"), 1002),  # a fragmented ping
    (b"\x89\xfe\x00\x7e" + MASK, 1002),  # a ping that is too long
    (_masked(0x88, b"x"), 1002),  # half a close code
    (_masked(0x88, struct.pack("!H", 1005)), 1002),  # a code nobody may send
    (_masked(0x88, struct.pack("!H", 1000) + b"\xff"), 1007),  # a reason that is no text
    (b"\x81\xff" + struct.pack("!Q", 1 << 62) + MASK, 1009),  # the largest size there is
    (_masked(0x88, struct.pack("!H", 3999) + b"bye"), 3999),  # no violation: echoed
    (_masked(0x88, b""), 1000),
]


@pytest.mark.parametrize(("raw", "code"), VIOLATIONS, ids=lambda value: str(value)[:40])
def test_broken_frames(live: Live, raw: bytes, code: int) -> None:
    """Close with the proper code, then the connection ends."""
    with _upgraded(live) as sock:
        sock.sendall(raw)
        heard = _rest(sock)
    assert heard[0] == 0x88, heard
    assert int.from_bytes(heard[2:4], "big") == code
    with Talk(live.port):
        pass


def test_pings_are_answered(live: Live) -> None:
    with _upgraded(live) as sock:
        sock.sendall(_masked(0x89, b"are you there?"))
        assert sock.recv(100) == b"\x8a\x0eare you there?"


def _upgraded(live: Live) -> socket.socket:
    """The socket of a WebSocket connection, for frames that no library would send."""
    sock = socket.create_connection(("127.0.0.1", live.port), timeout=20)
    sock.sendall(
        f"GET /v0/channels?apikey={API_KEY} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += sock.recv(1)
    assert head.startswith(b"HTTP/1.1 101 ")
    assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head  # the example of RFC 6455
    return sock


def _rest(sock: socket.socket) -> bytes:
    """All that still comes until the server ends the connection."""
    heard = b""
    while data := sock.recv(4096):
        heard += data
    return heard


# --- HTTP -----------------------------------------------------------------------------------

UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
KEY = {"X-Tinode-APIKey": API_KEY}
FALSE_KEY = API_KEY[:-1] + "L"


def _request(
    live: Live, method: str, path: str, headers: dict[str, str]
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body of a response."""
    connection = http.client.HTTPConnection("127.0.0.1", live.port, timeout=20)
    try:
        connection.request(method, path, headers=headers)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read().decode()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v0/channels", {}),
        ("/v0/channels?apikey=", {}),
        (f"/v0/channels?apikey={FALSE_KEY}", {}),
        (f"/v0/channels?apikey={API_KEY[:-4]}", {}),
        ("/v0/channels?apikey=" + API_KEY.replace("_", "/"), {}),
        ("/v0/channels", {"X-Tinode-APIKey": "x"}),
        ("/v0/channels", {"Cookie": f"apikey={FALSE_KEY}"}),
        # The first one counts, even where it is wrong and the next would do.
        (f"/v0/channels?apikey={API_KEY}", {"X-Tinode-APIKey": FALSE_KEY}),
        (f"/v0/channels?apikey={FALSE_KEY}", {"Cookie": f"apikey={API_KEY}"}),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_bad_api_key(live: Live, method: str, path: str, headers: dict[str, str]) -> None:
    """Paragraph 1.4; the key is looked at before the method and the handshake."""
    status, found, body = _request(live, method, path, {**UPGRADE, **headers})
    assert status == 403
    assert found["Content-Type"] == "text/plain; charset=utf-8"  # QUIRK-01
    assert body.endswith("}\n")
    assert plain(json.loads(body)["ctrl"]) == {"code": 403, "text": "valid API key required"}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/v0/channels?apikey={API_KEY}", {}),
        (f"/v0/channels?x=y&apikey={API_KEY}", {}),
        ("/v0/channels", KEY),
        ("/v0/channels", {"Cookie": f"a=b; apikey={API_KEY}"}),
        (f"/v0/channels?apikey={FALSE_KEY}", KEY),
    ],
)
def test_a_good_api_key(live: Live, path: str, headers: dict[str, str]) -> None:
    status, _, _ = _request(live, "GET", path, {**UPGRADE, **headers})
    assert status == 101


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "HEAD"])
def test_a_method_that_is_not_allowed(live: Live, method: str) -> None:
    status, _, body = _request(live, method, "/v0/channels", {**UPGRADE, **KEY})
    assert status == 405
    if method != "HEAD":
        text = "operation or method not allowed"
        assert plain(json.loads(body)["ctrl"]) == {"code": 405, "text": text}


@pytest.mark.parametrize(
    "change",
    [
        {"Upgrade": "h2c"},
        {"Connection": "close"},
        {"Sec-WebSocket-Version": "8"},
        {"Sec-WebSocket-Key": "short"},
        {"Sec-WebSocket-Key": ""},
    ],
    ids=str,
)
def test_a_request_that_is_no_handshake(live: Live, change: dict[str, str]) -> None:
    status, headers, body = _request(live, "GET", "/v0/channels", {**UPGRADE, **KEY, **change})
    assert (status, body) == (400, "Bad Request\n")
    assert headers["Sec-Websocket-Version"] == "13"


@pytest.mark.parametrize("path", ["/", "/frob", "/v0/channels/", "/v0", "/v0/urlpreview"])
def test_paths_that_are_not_there(live: Live, path: str) -> None:
    """Paragraph 1.4: without a web client, a {ctrl} with the text in lower case."""
    status, headers, body = _request(live, "GET", path, KEY)
    assert status == 404
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert plain(json.loads(body)["ctrl"]) == {"code": 404, "text": "not found"}


@pytest.mark.parametrize(
    "raw",
    [b"\r\n\r\n", b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"],
)
def test_bytes_that_are_no_request(live: Live, raw: bytes) -> None:
    with socket.create_connection(("127.0.0.1", live.port), timeout=20) as sock:
        sock.sendall(raw)
        sock.shutdown(socket.SHUT_WR)
        heard = _rest(sock)
        assert heard == b"" or b" 400 Bad Request\r\n" in heard[:30]
    with Talk(live.port):
        pass


def test_a_head_without_end(live: Live) -> None:
    """Paragraph 1.1: at most 16 KiB, then 431."""
    with socket.create_connection(("127.0.0.1", live.port), timeout=20) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000)
        assert sock.recv(4096).startswith(b"HTTP/1.1 431 ")
