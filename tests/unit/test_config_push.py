"""Settings of notifications: nothing is sent unless it is asked for."""

from pathlib import Path

import pytest

from chinwag import settings
from chinwag.config import BadConfig, Config


def test_nothing_is_sent_by_itself() -> None:
    assert Config().push.adapters == []
    assert Config().to_limits().push_life_s == 3600


@pytest.mark.parametrize("text", ["[push]\nlife_s = 0\n", "[push_webhook]\ntimeout_s = 0\n"])
def test_bounds(tmp_path: Path, text: str) -> None:
    path = tmp_path / "chinwag.toml"
    path.write_text(text)
    with pytest.raises(BadConfig):
        settings.load(path, {})
