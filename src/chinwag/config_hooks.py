"""Settings of plug-ins outside. Source: specification 06, paragraphs 6.1 and 6.2."""

from typing import Annotated

import msgspec
from msgspec import Meta, Struct


class Filters(Struct, forbid_unknown_fields=True, kw_only=True):
    """What a plug-in is asked and told; a call without a filter is never made.

    A filter names packets (`pub,sub`), kinds of topics (`grp,p2p`) or actions (`CUD`), separated by
    `;`. The empty one lets everything through.
    """

    fire_hose: Annotated[
        str | None, Meta(description="Packets of clients, before anything is done about them.")
    ] = None
    find: Annotated[bool, Meta(description="Searches for people and groups.")] = False
    account: Annotated[str | None, Meta(description="Accounts made, changed, deleted.")] = None
    topic: Annotated[str | None, Meta(description="Topics made, changed, deleted.")] = None
    subscription: Annotated[
        str | None, Meta(description="Subscriptions made, changed, deleted.")
    ] = None
    message: Annotated[str | None, Meta(description="Messages stored.")] = None


class Plugin(Struct, forbid_unknown_fields=True, kw_only=True):
    """A program that is asked and told over gRPC. NAME is free; they are asked in this order."""

    service_addr: Annotated[
        str, Meta(description="Where it listens: tcp://HOST:PORT or unix:///PATH.")
    ] = ""
    enabled: Annotated[bool, Meta(description="Whether it is asked and told at all.")] = True
    timeout_ms: Annotated[
        int, Meta(ge=0, le=60_000, description="Milliseconds for each call; 0: no end.")
    ] = 1000
    failure_code: Annotated[
        int,
        Meta(
            ge=0,
            le=599,
            description="What clients get when it fails to judge a packet; 0: failures do not "
            "count.",
        ),
    ] = 0
    failure_text: Annotated[str, Meta(description="The text that goes with it.")] = ""
    filters: Filters = msgspec.field(default_factory=Filters)

    @property
    def target(self) -> str:
        """The address as gRPC writes it. Raises ValueError."""
        network, separator, address = self.service_addr.partition("://")
        if not separator or not address:
            raise ValueError("write tcp://HOST:PORT or unix:///PATH")
        return f"unix:{address}" if network == "unix" else address
