"""Mails over real SMTP, to a server in the same process. Source: specification 04, 5.2."""

import asyncio
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
import trustme

from chinwag.config import Email
from chinwag.plugins import smtp
from chinwag.plugins.persist import Temporary
from chinwag.plugins.smtp import SmtpPost
from chinwag.ports import Undelivered
from mailserver import Mailbox, check_password, serving

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def server_tls(authority: trustme.CA) -> ssl.SSLContext:
    """What the server shows."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusted(authority: trustme.CA, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine trusts the authority."""
    with authority.cert_pem.tempfile() as pem:
        monkeypatch.setenv("SSL_CERT_FILE", pem)
        yield


def mail() -> EmailMessage:
    """Something to send."""
    message = EmailMessage()
    message["From"], message["To"] = '"Chat" <chat@example.com>', "alice@example.com"
    message["Subject"] = "Hällo"
    message.set_content("Grüße\n")
    return message


def post(port: int, **settings: Any) -> SmtpPost:
    """A post to the server at `port`."""
    return SmtpPost(Email(host="127.0.0.1", port=port, **settings), "chat.example.com")


async def test_in_clear() -> None:
    box = Mailbox()
    async with serving(box) as port:
        await post(port).send(mail())
    (got,) = box.mails
    assert (got["Subject"], got["To"]) == ("Hällo", "alice@example.com")
    assert got.get_content().strip() == "Grüße"
    assert box.encrypted == [False]


@pytest.mark.usefixtures("trusted")
async def test_starttls_where_it_is_offered(server_tls: ssl.SSLContext) -> None:
    box = Mailbox()
    async with serving(box, tls_context=server_tls) as port:
        await post(port).send(mail())
        await post(port, security="none").send(mail())
    assert box.encrypted == [True, False]


async def test_starttls_that_is_not_offered_is_insisted_on() -> None:
    box = Mailbox()
    async with serving(box) as port:
        with pytest.raises(Undelivered, match="no STARTTLS"):
            await post(port, security="starttls").send(mail())
    assert box.mails == []


@pytest.mark.usefixtures("trusted")
async def test_tls_from_the_first_byte(server_tls: ssl.SSLContext) -> None:
    """DEFECT D-51: there was none."""
    box = Mailbox()
    async with serving(box, implicit=server_tls) as port:
        await post(port, security="tls").send(mail())
    assert len(box.mails) == 1


@pytest.mark.parametrize("how", ["tls", "starttls"])
async def test_a_certificate_nobody_trusts(server_tls: ssl.SSLContext, how: str) -> None:
    box = Mailbox()
    options: dict[str, Any] = (
        {"implicit": server_tls} if how == "tls" else {"tls_context": server_tls}
    )
    async with serving(box, **options) as port:
        with pytest.raises(Temporary, match="SSLCertVerificationError"):
            await post(port, security=how).send(mail())
        await post(port, security=how, verify=False).send(mail())
    assert len(box.mails) == 1


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("mechanism", ["plain", "login"])
async def test_logging_in(server_tls: ssl.SSLContext, mechanism: str) -> None:
    box = Mailbox()
    options: dict[str, Any] = {"tls_context": server_tls, "authenticator": check_password}
    async with serving(box, auth_required=True, **options) as port:
        settings = {"login": "robot", "auth_mechanism": mechanism}
        await post(port, password="right", **settings).send(mail())
        with pytest.raises(Undelivered, match="535"):
            await post(port, password="wrong", **settings).send(mail())
        with pytest.raises(Undelivered, match="530"):
            await post(port).send(mail())
    assert box.logged_in == [b"robot"]


async def test_the_password_is_told_to_nobody_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """DEFECT D-51: it was sent in clear; only to this very machine it still is."""
    box = Mailbox()
    options: dict[str, Any] = {"authenticator": check_password, "auth_require_tls": False}
    async with serving(box, **options) as port:
        settings: dict[str, Any] = {"login": "robot", "password": "right", "security": "none"}
        await post(port, **settings).send(mail())
        monkeypatch.setattr("chinwag.plugins.smtp._is_loopback", lambda _host: False)
        with pytest.raises(Undelivered, match="without TLS"):
            await post(port, **settings).send(mail())
    assert box.logged_in == [b"robot"]


@pytest.mark.parametrize(
    ("reply", "error"),
    [("451 try later", Temporary), ("554 no", Undelivered), ("550 no such box", Undelivered)],
)
async def test_what_the_server_says_against_it(reply: str, error: type[Undelivered]) -> None:
    box = Mailbox(reply)
    async with serving(box) as port:
        with pytest.raises(error) as raised:
            await post(port).send(mail())
        assert type(raised.value) is error
        await post(port).send(mail())


async def test_nobody_listens(unused_tcp_port: int) -> None:
    with pytest.raises(Temporary):
        await post(unused_tcp_port).send(mail())


async def test_a_server_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """DEFECT D-51: there were no time-outs; and nobody waits for such a server at shutdown."""
    monkeypatch.setattr("chinwag.plugins.smtp.TIMEOUT_S", 0.2)
    over = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        over.set()

    async with await asyncio.start_server(silent, "127.0.0.1", 0) as server:
        with pytest.raises(Temporary, match=r"[Tt]ime"):
            await post(server.sockets[0].getsockname()[1]).send(mail())
        await over.wait()


async def test_too_many_mails_are_refused() -> None:
    full = post(1)
    full._waiting = 1000
    with pytest.raises(Undelivered, match="too many"):
        await full.send(mail())


def test_loopback() -> None:
    hosts = ("127.0.0.1", "::1", "localhost", "10.0.0.1", "mx")
    assert [smtp._is_loopback(host) for host in hosts] == [True, True, True, False, False]
