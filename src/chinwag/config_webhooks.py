"""Settings of webhooks."""

from typing import Annotated

from msgspec import Meta, Struct


class Webhooks(Struct, forbid_unknown_fields=True, kw_only=True):
    """Webhooks, made with `chinwag hook`: programs that post to groups, or are told of messages."""

    posts_per_minute: Annotated[
        int,
        Meta(
            ge=1,
            le=60_000,
            description="Messages that may be posted to one webhook in a minute; more are refused "
            "with 429.",
        ),
    ] = 60
    timeout_s: Annotated[
        float, Meta(gt=0, le=60, description="Seconds to wait for a program that is told.")
    ] = 10.0
    give_up_h: Annotated[
        int,
        Meta(
            ge=1,
            le=24 * 30,
            description="Hours of failures after which a program is told no more, until `chinwag "
            "hook resume`.",
        ),
    ] = 72
    private_targets: Annotated[
        bool,
        Meta(
            description="Whether programs may be told that are on this machine or in its own "
            "network. Whoever makes webhooks could then reach what only this machine can reach."
        ),
    ] = False
