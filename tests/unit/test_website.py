"""The HTTP side as settings want it."""

from pathlib import Path

import pytest

from chinwag import website
from chinwag.config import Config, LinkPreview, Media
from chinwag.core.limits import Limits
from chinwag.engine.orders import Orders
from chinwag.engine.uploads import FileDesk
from chinwag.plugins.media_fs import FolderMedia
from stage import Open


@pytest.mark.parametrize("on", [True, False])
async def test_what_is_served(open_stage: Open, tmp_path: Path, on: bool) -> None:
    """Previews are off and files on unless the settings say otherwise."""
    stage = await open_stage(Limits(max_file_size=100 if on else 0))
    desk = FileDesk(stage.services, FolderMedia(tmp_path / "uploads"))
    config = Config(preview=LinkPreview(enabled=on), media=Media(cors_origins=["https://a.b"]))
    orders = Orders(stage.hub)
    made = website.make(config, None, stage.hub, desk, lambda _outbox, _peer: None, orders)
    assert made.polling is not None
    made.polling.stop()
    assert (made.preview is not None, made.files is not None) == (on, on)
    assert Config().preview.enabled is False
    if made.files is not None:
        assert made.files.cors.allows("https://a.b")
        assert not made.files.cors.allows("https://b.a")
