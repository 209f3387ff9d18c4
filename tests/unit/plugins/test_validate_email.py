"""E-mail addresses. Source: specification 04, paragraph 5.2."""

import pytest

from chinwag.config import Email
from chinwag.core.errors import Refused
from chinwag.plugins.letters import Letters
from chinwag.plugins.validate_email import EmailValidator
from chinwag.ports import Notice, Undelivered
from chinwag.wire import ctrl
from mailserver import Mailbox, serving
from stage import HandClock

URL = "https://chat.example.com/"
SENDER = '"Chat Ünit" <noreply@example.com>'


def validator(**settings: object) -> EmailValidator:
    """A validator with these settings."""
    made = EmailValidator(Email(sender=SENDER, **settings), Letters(URL), URL, HandClock())  # type: ignore[arg-type]
    made.pauses_s = (0, 0, 0)
    return made


@pytest.mark.parametrize(
    ("value", "normal"),
    [
        ("a@b.c", "a@b.c"),
        ("A+b@X.org", "a+b@x.org"),
        ("a@localhost", "a@localhost"),
        ("a@[127.0.0.1]", "a@[127.0.0.1]"),
        ("ÅSA@example.com", "åsa@example.com"),
        ("A\u030asa@example.com", "åsa@example.com"),
    ],
)
def test_addresses(value: str, normal: str) -> None:
    assert validator().normalise(value, "US") == normal


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a",
        "@b.c",
        "a@",
        "Alice <a@b.c>",
        " a@b.c",
        "a@b.c ",
        "a@b.c\n",
        "a\n@b.c",
        "a..b@x.org",
        ".a@x.org",
        "a.@x.org",
        "a@x..org",
        '"a b"@x.org',
        "a b@x.org",
        "a@b@c",
        "a@b.c\r\nBcc: d@e.f",
        "a\u00a0b@x.org",
        "a\u200b@x.org",
        "a" * 120 + "@example.com",
    ],
)
def test_what_is_no_address(value: str) -> None:
    with pytest.raises(Refused) as refused:
        validator().normalise(value, "US")
    assert refused.value.reply == ctrl.MALFORMED


def test_only_some_domains() -> None:
    ours = validator(domains=["example.com"])
    assert ours.normalise("a@Example.com", "") == "a@example.com"
    for value in ("a@sub.example.com", "a@example.org"):
        with pytest.raises(Refused) as refused:
            ours.normalise(value, "")
        assert refused.value.reply == ctrl.POLICY


async def test_a_mail_as_it_arrives() -> None:
    """DEFECT D-51: headers were lacking, lines were too long."""
    box = Mailbox()
    notice = Notice("confirm", "alice@example.com", "012345", 86_400, lang="zh", token="A/b+c=")
    async with serving(box) as port:
        await validator(host="127.0.0.1", port=port).send(notice)
    (mail,) = box.mails
    assert (mail["To"], mail["From"]) == ("alice@example.com", "Chat Ünit <noreply@example.com>")
    assert mail["Subject"] == "请确认您的邮箱地址"
    assert mail["Date"] == "Mon, 05 Jan 2026 08:00:00 +0000"
    assert mail["Message-ID"].endswith("@example.com>")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content_type() == "multipart/alternative"
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    assert max(len(line) for line in mail.as_bytes().splitlines()) < 998
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert URL + "#cred?method=email&code=012345&token=A%2Fb%2Bc%3D" in plain.get_content()


async def test_it_is_tried_again() -> None:
    """DEFECT D-51: there was no second attempt."""
    box = Mailbox("451 later", "451 later")
    notice = Notice("confirm", "alice@example.com", "012345", 86_400)
    async with serving(box) as port:
        await validator(host="127.0.0.1", port=port).send(notice)
        box.replies = ["550 no"]
        with pytest.raises(Undelivered):
            await validator(host="127.0.0.1", port=port).send(notice)
    assert len(box.mails) == 1


async def test_without_a_mail_server_nothing_is_sent() -> None:
    await validator().send(Notice("confirm", "alice@example.com", "012345", 86_400))
