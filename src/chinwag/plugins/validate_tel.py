"""Telephone numbers: their form, and text messages that carry a code.

Source: specification 04, paragraph 5.3, DEFECT D-53: codes are never logged.
"""

from typing import Final

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from chinwag.core.errors import Refused
from chinwag.plugins.letters import Letters
from chinwag.plugins.persist import PAUSES_S, persist
from chinwag.ports import Notice, Sms
from chinwag.wire import ctrl

LENGTH_MAX: Final = 64
_MOBILE: Final = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


class TelValidator:
    """Confirms that somebody reads text messages at a telephone number."""

    name: Final = "tel"

    def __init__(self, sms: Sms, letters: Letters, country: str) -> None:
        self._sms = sms
        self._letters = letters
        self._country = country
        self.pauses_s = PAUSES_S

    def normalise(self, value: str, country: str) -> str:
        """The number in the form E.164, such as +4915112345678. Raises Refused.

        Only numbers that can get text messages; one without a prefix is of `country`.
        """
        if len(value) > LENGTH_MAX or not _looks_like_one(value):
            raise Refused(ctrl.MALFORMED)
        try:
            number = phonenumbers.parse(value, country or self._country)
        except NumberParseException:
            raise Refused(ctrl.MALFORMED) from None
        if not phonenumbers.is_valid_number(number) or number.extension:
            raise Refused(ctrl.MALFORMED)
        if phonenumbers.number_type(number) not in _MOBILE:
            raise Refused(ctrl.MALFORMED)
        return phonenumbers.format_number(number, PhoneNumberFormat.E164)

    async def send(self, notice: Notice) -> None:
        """Send a text message, or Undelivered."""
        text = self._letters.text(notice)
        await persist(lambda: self._sms.send(notice.to, text), self.pauses_s)

    async def close(self) -> None:
        """Close the way to the gateway."""
        await self._sms.close()


def _looks_like_one(value: str) -> bool:
    """Digits with the usual punctuation, as a whole: nothing is dug out of other text."""
    return any(c.isdecimal() for c in value) and all(c.isdecimal() or c in "+-(). /" for c in value)
