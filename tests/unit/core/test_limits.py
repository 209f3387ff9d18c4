"""Defaults of what rules need to know. Source: specification 01, paragraph 10."""

import dataclasses

import pytest

from chinwag.core.limits import Limits


def test_defaults_are_those_of_the_stock_configuration() -> None:
    found = Limits()
    assert (found.max_subscriber_count, found.max_tag_count, found.max_results) == (128, 16, 1024)
    assert (found.min_tag_length, found.max_tag_length) == (2, 96)
    assert (found.max_file_size, found.msg_delete_age_s) == (8388608, 600)
    assert (found.p2p_delete, found.permanent_accounts) == (True, False)
    assert (found.alias_ns, found.country, found.call_timeout_s) == ("alias", "US", 30)
    assert found.token_life_s == 1209600


def test_limits_do_not_change_while_the_server_runs() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Limits().max_results = 1  # type: ignore[misc]
