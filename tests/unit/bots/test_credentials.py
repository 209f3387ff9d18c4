"""Who a bot is."""

import base64

import pytest

from chinwag.bots.credentials import LOGIN, TOKEN, Credentials
from chinwag.bots.errors import CannotRun


def test_a_name_with_a_password() -> None:
    made = Credentials.basic("tino:pa:ss")
    assert (made.scheme, base64.b64decode(made.secret)) == ("basic", b"tino:pa:ss")


@pytest.mark.parametrize("login", ["tino", ":secret", "tino:"])
def test_half_a_log_in_is_refused(login: str) -> None:
    with pytest.raises(CannotRun, match="NAME:PASSWORD"):
        Credentials.basic(login)


def test_what_is_given_goes_before_the_environment() -> None:
    environ = {LOGIN: "other:secret", TOKEN: "AAAA"}
    assert Credentials.choose("tino:secret", None, environ) == Credentials.basic("tino:secret")
    assert Credentials.choose(None, "BBBB", environ) == Credentials.token("BBBB")
    assert Credentials.choose(None, None, environ) == Credentials.token("AAAA")
    assert Credentials.choose(None, None, {LOGIN: "t:s"}) == Credentials.basic("t:s")


def test_nobody_is_refused() -> None:
    with pytest.raises(CannotRun, match=LOGIN):
        Credentials.choose(None, None, {})


def test_secrets_are_not_shown() -> None:
    made = Credentials.token("c2VjcmV0")
    assert "c2VjcmV0" not in repr(made)
    assert "c2VjcmV0" not in made.fingerprint
    assert made.fingerprint != Credentials.token("other").fingerprint
