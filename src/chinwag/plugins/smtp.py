"""Mails on their way: the standard library's SMTP client in threads of its own.

Source: specification 04, paragraph 5.2, DEFECT D-51.
"""

import asyncio
import contextlib
import ipaddress
import smtplib
import ssl
import threading
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Final

from chinwag.config import Email
from chinwag.plugins.persist import Temporary
from chinwag.ports import Undelivered

TIMEOUT_S: Final = 10.0  # for the connection, and for each answer
SENDING_MAX: Final = 4  # mails at once
WAITING_MAX: Final = 1000  # mails; beyond it they are refused, people ask again
_TLS_PORT: Final = 465


@dataclass(slots=True)
class SmtpPost:
    """Hands mails to the server named in the settings."""

    settings: Email
    helo: str
    _slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SENDING_MAX))
    _waiting: int = 0

    async def send(self, mail: EmailMessage) -> None:
        """Hand over one mail. Raises Undelivered, Temporary where it may work later."""
        if self._waiting >= WAITING_MAX:
            raise Undelivered("too many mails are waiting")
        self._waiting += 1
        try:
            async with self._slots:
                await self._in_thread(mail)
        finally:
            self._waiting -= 1

    async def _in_thread(self, mail: EmailMessage) -> None:
        """A daemon thread, so that a server that does not answer holds up no shutdown."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()

        def work() -> None:
            error = self._attempt(mail)
            with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
                loop.call_soon_threadsafe(_settle, done, error)

        threading.Thread(target=work, name="smtp", daemon=True).start()
        await done

    def _attempt(self, mail: EmailMessage) -> Undelivered | None:
        try:
            self._deliver(mail)
        except Undelivered as error:
            return error
        except smtplib.SMTPRecipientsRefused as refused:
            codes = [code for code, _ in refused.recipients.values()]
            return _by_code(min(codes, default=0), str(codes))
        except smtplib.SMTPResponseException as error:
            return _by_code(error.smtp_code, f"{error.smtp_code} {type(error).__name__}")
        except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
            return Undelivered(str(error))
        except (OSError, smtplib.SMTPException) as error:
            return Temporary(f"{type(error).__name__}: {error}")
        return None

    def _deliver(self, mail: EmailMessage) -> None:
        settings = self.settings
        with self._connected() as smtp:
            smtp.ehlo()
            if settings.security in ("auto", "starttls") and not _is_tls(smtp):
                self._start_tls(smtp)
            if settings.login:
                self._log_in(smtp)
            smtp.send_message(mail)

    def _connected(self) -> smtplib.SMTP:
        settings = self.settings
        at_once = settings.security == "auto" and settings.port == _TLS_PORT
        if at_once or settings.security == "tls":
            return smtplib.SMTP_SSL(
                settings.host,
                settings.port,
                local_hostname=self.helo,
                timeout=TIMEOUT_S,
                context=self._trust(),
            )
        return smtplib.SMTP(
            settings.host, settings.port, local_hostname=self.helo, timeout=TIMEOUT_S
        )

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if not self.settings.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def _start_tls(self, smtp: smtplib.SMTP) -> None:
        if smtp.has_extn("starttls"):
            smtp.starttls(context=self._trust())
            smtp.ehlo()
        elif self.settings.security == "starttls":
            raise Undelivered("the mail server offers no STARTTLS")

    def _log_in(self, smtp: smtplib.SMTP) -> None:
        """Log in where the server asks for it, but tell the password to nobody on the way."""
        if not smtp.has_extn("auth"):
            return
        if not _is_tls(smtp) and not _is_loopback(self.settings.host):
            raise Undelivered("the password of the mail server is not sent without TLS")
        mechanism = self.settings.auth_mechanism
        smtp.user, smtp.password = self.settings.login, self.settings.password
        smtp.auth(mechanism.upper(), getattr(smtp, "auth_" + mechanism.replace("-", "_")))


def _settle(done: "asyncio.Future[None]", error: Undelivered | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


def _by_code(code: int, why: str) -> Undelivered:
    """Codes from 500 are final, those from 400 are not."""
    return Undelivered(why) if code >= 500 else Temporary(why)  # noqa: PLR2004 - RFC 5321


def _is_tls(smtp: smtplib.SMTP) -> bool:
    return isinstance(smtp.sock, ssl.SSLSocket)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
