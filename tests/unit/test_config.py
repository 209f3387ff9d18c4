"""What settings mean together. Source: specification 04, paragraphs 3.3, 5.1 and 12."""

import pytest

from chinwag.config import Auth, BadConfig, Config, Email, Tel

MAIL = Email(enabled=True, host="mx.example.com", sender="a@example.com")
NEEDED = Email(enabled=True, required=True, host="mx.example.com", sender="a@example.com")


def test_a_method_is_in_use_when_something_can_be_sent() -> None:
    """04 §5.1: one that nobody needs and that cannot be used is there in name only (QUIRK)."""
    assert Config().methods() == {}
    idle = Config(email=Email(enabled=True, debug_response="123456"))
    assert idle.methods() == {}
    assert idle.to_limits().required_creds == {}
    assert set(Config(email=MAIL).methods()) == {"email"}
    assert set(Config(tel=Tel(enabled=True, url="http://a/")).methods()) == {"tel"}


def test_required_methods_by_level() -> None:
    tel = Tel(enabled=True, required=True, required_levels=["auth", "root"], url="http://a/")
    limits = Config(email=NEEDED, tel=tel).to_limits()
    assert limits.required_creds == {"auth": ["email", "tel"], "root": ["tel"]}
    assert limits.tagged_methods == {"email", "tel"}


def test_namespaces_nobody_may_use() -> None:
    """02 §12.1: without a validator `tel:` is an ordinary tag; `email:` never is."""
    assert Config().to_limits().restricted_ns == {"basic", "email"}
    tel = Config(tel=Tel(enabled=True, url="http://a/"))
    assert tel.to_limits().restricted_ns == {"basic", "email", "tel"}
    quiet = Config(auth=Auth(add_to_tags=False))
    assert quiet.to_limits().restricted_ns == {"email"}


@pytest.mark.parametrize(
    ("names", "visible"),
    [
        ([], {"basic": "basic", "token": "token"}),
        (["corp:basic", "basic:"], {"corp": "basic", "token": "token"}),
        (["basic:", "Corp:Basic"], {"corp": "basic", "token": "token"}),
        (["basic:"], {"token": "token"}),
        (["basic:basic"], {"basic": "basic", "token": "token"}),
    ],
)
def test_logical_names(names: list[str], visible: dict[str, str]) -> None:
    """04 §3.3."""
    assert Auth(schemes=["basic", "token"], logical_names=names).visible() == visible


@pytest.mark.parametrize(
    "names",
    [
        ["corp"],
        ["a:b:c"],
        [":basic"],
        ["corp:nosuch"],
        ["corp:basic"],
        ["corp:basic", "corp:token", "basic:"],
        ["corp:basic", "other:basic", "basic:"],
    ],
)
def test_logical_names_that_cannot_be_used(names: list[str]) -> None:
    with pytest.raises(BadConfig):
        Auth(schemes=["basic", "token"], logical_names=names).visible()


def test_the_tag_of_a_renamed_scheme_is_reserved() -> None:
    auth = Auth(logical_names=["corp:basic", "basic:"])
    assert Config(auth=auth).to_limits().restricted_ns == {"corp", "email"}
