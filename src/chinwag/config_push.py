"""Settings of notifications."""

from typing import Annotated

from msgspec import Meta, Struct


class Push(Struct, forbid_unknown_fields=True, kw_only=True):
    """Notifications of devices whose users are away."""

    adapters: Annotated[
        list[str],
        Meta(
            description="What carries them: `log`, `webhook` or an installed plugin; empty: "
            "there are none."
        ),
    ] = []
    life_s: Annotated[
        int,
        Meta(ge=30, le=2_419_200, description="Seconds after which nobody is notified any more."),
    ] = 3600


class PushWebhook(Struct, forbid_unknown_fields=True, kw_only=True):
    """Notifications by way of a service of yours, which knows the makers of devices."""

    url: Annotated[str, Meta(description="Where they are posted as JSON; see operations.")] = ""
    secret: Annotated[
        str, Meta(description="With which they are signed; 16 characters at least.")
    ] = ""
    timeout_s: Annotated[
        float, Meta(gt=0, le=60, description="Seconds to wait for the service.")
    ] = 5.0
