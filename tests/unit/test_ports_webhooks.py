"""The seam to programs that are told of messages, and what fits into it."""

from chinwag.config_webhooks import Webhooks
from chinwag.plugins.webhook_teller import WebhookTeller
from chinwag.ports_webhooks import Fate, Teller, Told
from stage import HandClock


async def test_what_the_server_brings_fits() -> None:
    teller: Teller = WebhookTeller(Webhooks(), HandClock())
    await teller.close()


def test_what_is_told_need_not_be_explained() -> None:
    assert Told(Fate.TOLD) == Told(Fate.TOLD, why="", after_s=0.0)
