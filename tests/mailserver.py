"""A real SMTP server in the process of the tests."""

import asyncio
import contextlib
import email
import email.policy
import ssl
import threading
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session


class Mailbox:
    """What an SMTP server does with the mails it gets."""

    def __init__(self, *replies: str) -> None:
        self.mails: list[EmailMessage] = []
        self.replies = list(replies)
        self.encrypted: list[bool] = []
        self.logged_in: list[Any] = []

    async def handle_DATA(  # noqa: N802 - the name that the library asks for
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail, or answer otherwise."""
        if self.replies:
            return self.replies.pop(0)
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.encrypted.append(session.ssl is not None)
        self.logged_in.append(session.auth_data)
        return "250 OK"


def check_password(
    _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, data: Any
) -> AuthResult:
    """Only robot with the password right may send."""
    good = isinstance(data, LoginPassword) and data == LoginPassword(b"robot", b"right")
    return AuthResult(success=good, handled=False, auth_data=data.login if good else None)


@contextlib.asynccontextmanager
async def serving(
    box: Mailbox, *, implicit: ssl.SSLContext | None = None, **options: Any
) -> AsyncIterator[int]:
    """The port of an SMTP server that fills `box`."""
    loop = asyncio.get_running_loop()
    made: list[_Connection] = []

    def protocol() -> SMTP:
        made.append(_Connection(box, hostname="mx.example.com", loop=loop, **options))
        return made[-1]

    server = await loop.create_server(protocol, "127.0.0.1", 0, ssl=implicit)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()
        for thread in threading.enumerate():
            if thread.name == "smtp":
                await asyncio.to_thread(thread.join)
        for connection in made:
            await connection.gone.wait()


class _Connection(SMTP):
    """One that says when it is over."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.gone = asyncio.Event()
        self.gone.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It begins."""
        self.gone.clear()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """It is over."""
        super().connection_lost(error)
        self.gone.set()
