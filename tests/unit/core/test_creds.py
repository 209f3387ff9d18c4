"""Credentials. Source: specification 01, paragraph 11.3; specification 04, paragraph 5.1."""

import pytest

from chinwag.core import creds
from chinwag.core.creds import Cred
from chinwag.core.errors import Refused
from chinwag.wire import ctrl
from chinwag.wire.messages import Credential

EMAIL, TEL = Credential("email", "a@b.c"), Credential("tel", "+1")


def test_of_several_with_one_method_the_last_counts() -> None:
    """Unknown methods and empty values are dropped before."""
    sent = [EMAIL, Credential("fax", "1"), Credential("email", "b@b.c"), Credential("email")]
    assert creds.wanted(sent, {"email", "tel"}) == {"email": "b@b.c"}
    assert creds.wanted(None, {"email"}) == {}


def test_only_answers_that_are_waited_for_count() -> None:
    sent = [Credential("email", resp="1"), Credential("tel", resp="2"), Credential("fax")]
    assert creds.answers(sent, ["email", "fax"]) == {"email": "1"}


def test_a_required_method_is_needed_by_name() -> None:
    """DEFECT D-36, DEFECT-21: a telephone number stood in for an e-mail address."""
    creds.check_new([EMAIL], ["email"], ["email"])
    with pytest.raises(Refused) as refused:
        creds.check_new([TEL], ["tel"], ["email"])
    assert (refused.value.reply, refused.value.params) == (ctrl.POLICY, {"creds": ["email"]})


def test_nobody_has_the_code_before_it_is_sent() -> None:
    with pytest.raises(Refused) as refused:
        creds.check_new([Credential("email", "a@b.c", resp="123456")], ["email"], [])
    assert refused.value.reply == ctrl.AUTH_FAILED


@pytest.mark.parametrize(
    ("held", "value", "allowed"),
    [
        ([Cred("email", "a", True)], "a", False),
        ([Cred("email", "a", True), Cred("email", "b", False)], "a", False),
        ([Cred("email", "a", True), Cred("email", "b", False)], "b", True),
        ([Cred("email", "a", True), Cred("email", "b", True)], "a", True),
        ([Cred("email", "a", False)], "a", True),
        ([Cred("email", "a", True)], "unknown", True),
    ],
)
def test_the_last_confirmed_address_stays_where_it_is_required(
    held: list[Cred], value: str, allowed: bool
) -> None:
    creds.check_removal(held, "email", value, [])
    if allowed:
        creds.check_removal(held, "email", value, ["email"])
    else:
        with pytest.raises(Refused):
            creds.check_removal(held, "email", value, ["email"])
