"""Telephone numbers. Source: specification 04, paragraph 5.3."""

import logging

import pytest

from chinwag.core.errors import Refused
from chinwag.plugins.letters import Letters
from chinwag.plugins.persist import Temporary
from chinwag.plugins.validate_tel import TelValidator
from chinwag.ports import Notice, Undelivered
from chinwag.wire import ctrl


class Phone:
    """Gets text messages."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.texts: list[tuple[str, str]] = []
        self.closed = False

    async def send(self, to: str, text: str) -> None:
        """Keep it, or fail."""
        if self.failures:
            raise self.failures.pop(0)
        self.texts.append((to, text))

    async def close(self) -> None:
        """Remember that."""
        self.closed = True


def validator(phone: Phone) -> TelValidator:
    """A validator that sends to `phone`."""
    made = TelValidator(phone, Letters("https://chat.example.com/"), "US")
    made.pauses_s = (0, 0, 0)
    return made


@pytest.mark.parametrize(
    ("value", "country", "normal"),
    [
        ("+17025550001", "", "+17025550001"),
        ("(702) 555-0001", "US", "+17025550001"),
        ("702.555.0001", "", "+17025550001"),
        ("0151 12345678", "DE", "+4915112345678"),
        ("+49 151 12345678", "US", "+4915112345678"),
        ("13812345678", "CN", "+8613812345678"),
    ],
)
def test_numbers_have_one_form(value: str, country: str, normal: str) -> None:
    assert validator(Phone()).normalise(value, country) == normal


@pytest.mark.parametrize(
    "value",
    [
        "",
        "call me",
        "call +17025550001",
        "+1702555000",
        "+17025550001 ext. 5",
        "+49 30 1234567",  # a fixed line gets no text messages
        "1" * 65,
        "+",
    ],
)
def test_what_gets_no_text_messages(value: str) -> None:
    with pytest.raises(Refused) as refused:
        validator(Phone()).normalise(value, "US")
    assert refused.value.reply == ctrl.MALFORMED


@pytest.mark.parametrize("kind", ["confirm", "reset"])
async def test_a_text_message(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """DEFECT D-53: codes were written to the log."""
    caplog.set_level(logging.DEBUG)
    phone = Phone(Temporary("busy"))
    notice = Notice(kind, "+17025550001", "012345", 900, lang="fr")  # type: ignore[arg-type]
    await validator(phone).send(notice)
    text = "012345 est votre code pour chat.example.com. Ne le donnez à personne."
    assert phone.texts == [("+17025550001", text)]
    assert "012345" not in caplog.text


async def test_a_gateway_that_refuses() -> None:
    phone = Phone(Undelivered("no"))
    with pytest.raises(Undelivered):
        await validator(phone).send(Notice("confirm", "+17025550001", "012345", 900))
    await validator(phone).close()
    assert phone.closed
