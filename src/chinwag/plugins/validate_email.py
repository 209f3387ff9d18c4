"""Addresses of e-mail: their form, and mails that carry a code.

Source: specification 04, paragraph 5.2.
"""

import re
import unicodedata
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid
from typing import Final
from urllib.parse import urlsplit

from chinwag.config import Email
from chinwag.core.errors import Refused
from chinwag.plugins.letters import Letters
from chinwag.plugins.persist import PAUSES_S, persist
from chinwag.plugins.smtp import SmtpPost
from chinwag.ports import Clock, Notice
from chinwag.wire import ctrl

SIZE_MAX: Final = 128  # bytes
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u0080-\U0010ffff-]+"
_LITERAL: Final = r"\[[^\[\]\\\s]+\]"
_ADDRESS: Final = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:{_ATOM}(?:\.{_ATOM})*|{_LITERAL})")


class EmailValidator:
    """Confirms that somebody reads what is sent to an e-mail address."""

    name: Final = "email"

    def __init__(self, email: Email, letters: Letters, public_url: str, clock: Clock) -> None:
        host = urlsplit(public_url).hostname or "localhost"
        self._settings = email
        self._letters = letters
        self._clock = clock
        self._domain = email.sender.rpartition("@")[2].rstrip("> ") or host
        self._post = SmtpPost(email, email.helo_host or host)
        self.pauses_s = PAUSES_S

    def normalise(self, value: str, country: str) -> str:
        """A bare address in lower case. Raises Refused."""
        normal = unicodedata.normalize("NFC", value).lower()
        if len(normal.encode()) > SIZE_MAX or not _ADDRESS.fullmatch(normal):
            raise Refused(ctrl.MALFORMED)
        if any(unicodedata.category(char)[0] in "ZC" for char in normal):
            raise Refused(ctrl.MALFORMED)
        domains = self._settings.domains
        if domains and normal.rpartition("@")[2] not in domains:
            raise Refused(ctrl.POLICY)
        return normal

    async def send(self, notice: Notice) -> None:
        """Send a mail, or Undelivered; without a mail server nothing is sent."""
        if not self._settings.host:
            return
        mail = self._mail(notice)
        await persist(lambda: self._post.send(mail), self.pauses_s)

    def _mail(self, notice: Notice) -> EmailMessage:
        letter = self._letters.mail(self.name, notice)
        mail = EmailMessage(SMTP)
        mail["From"] = self._settings.sender
        mail["To"] = notice.to
        mail["Subject"] = letter.subject
        mail["Date"] = format_datetime(datetime.fromtimestamp(self._clock.now_ms() / 1000, UTC))
        mail["Message-ID"] = make_msgid(domain=self._domain)
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(letter.plain)
        mail.add_alternative(letter.html, subtype="html")
        return mail

    async def close(self) -> None:
        """There is nothing open."""
