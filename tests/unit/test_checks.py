"""Settings that do not go together."""

import pytest

from chinwag.checks import checked
from chinwag.config import (
    Auth,
    BadConfig,
    Config,
    Confirmation,
    Email,
    Server,
    Tel,
)
from chinwag.config_push import Push, PushWebhook

WEBHOOK = Push(adapters=["webhook"])


@pytest.mark.parametrize(
    ("config", "why"),
    [
        (
            Config(email=Email(enabled=True, host="a", sender="a@b", debug_response="1")),
            "confirm.development",
        ),
        (Config(email=Email(required=True, host="a", sender="a@b")), "email.enabled"),
        (Config(email=Email(enabled=True, required=True)), "email.host"),
        (Config(email=Email(enabled=True, host="a")), "email.sender"),
        (
            Config(email=Email(enabled=True, host="a", sender="a@b", required_levels=["all"])),
            "required_levels names all",
        ),
        (Config(tel=Tel(enabled=True)), "tel.url"),
        (Config(push=WEBHOOK, push_webhook=PushWebhook(secret="s" * 16)), "push_webhook.url"),
        (Config(push=WEBHOOK, push_webhook=PushWebhook(url="http://a/")), "push_webhook.secret"),
        (Config(server=Server(public_url="chat.example.com")), "public_url"),
        (Config(server=Server(public_url="https://a/#b")), "public_url"),
        (Config(auth=Auth(schemes=["basic"])), "must name token"),
        (Config(auth=Auth(logical_names=["token:"])), "must name token"),
    ],
)
def test_what_does_not_go_together(config: Config, why: str) -> None:
    """D-50: a universal code needs a flag of its own, so that none is left on by mistake."""
    with pytest.raises(BadConfig, match=why):
        checked(config)


def test_a_universal_code_for_tests() -> None:
    email = Email(enabled=True, required=True, debug_response="123456")
    config = checked(Config(email=email, confirm=Confirmation(development=True)))
    assert config.to_limits().debug_responses == {"email": "123456"}
