"""Settings of webhooks."""

import msgspec
import pytest

from chinwag.config import BadConfig, Config
from chinwag.config_webhooks import Webhooks
from chinwag.settings import load


def test_nothing_private_is_reached_unless_it_is_asked_for() -> None:
    assert Config().webhooks == Webhooks()
    assert Webhooks().private_targets is False
    found = load(None, {"CHINWAG_WEBHOOKS_PRIVATE_TARGETS": "true"})
    assert found.webhooks.private_targets is True


@pytest.mark.parametrize("bad", [{"posts_per_minute": 0}, {"timeout_s": 0}, {"give_up_h": 10_000}])
def test_values_out_of_bounds(bad: dict[str, int]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(bad, Webhooks)
    name, value = next(iter(bad.items()))
    with pytest.raises(BadConfig):
        load(None, {f"CHINWAG_WEBHOOKS_{name.upper()}": str(value)})
