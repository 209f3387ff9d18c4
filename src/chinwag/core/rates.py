"""How much one client, account or address may ask for: the settings of the section `guard`.

Source: specification 01, DEFECT-07; specification 04, DEFECT D-34; specification 07, 1.4.
"""

from typing import Annotated

from msgspec import Meta, Struct


class Rates(Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """What one client, account or address may ask for; people who chat never come near."""

    packets_per_s: Annotated[
        int,
        Meta(
            ge=10,
            description="Messages a second of one connection; from a client that goes on faster "
            "than that is read more slowly.",
        ),
    ] = 1000
    bytes_per_s: Annotated[
        int, Meta(ge=65536, description="Bytes of messages a second of one connection, likewise.")
    ] = 1_048_576
    account_times: Annotated[
        int,
        Meta(
            ge=1,
            description="All connections of one account together may send as much as so many "
            "at full speed.",
        ),
    ] = 40
    greeting_s: Annotated[
        float,
        Meta(ge=1, description="Seconds after which a client that has not said {hi} is closed."),
    ] = 30.0
    address_connections_max: Annotated[
        int,
        Meta(
            ge=1,
            description="Clients from one address, and other connections from there; more are "
            "refused with 503.",
        ),
    ] = 10_000
    address_strangers_max: Annotated[
        int,
        Meta(
            ge=1,
            description="Connections from one address on which nobody has logged in; more are "
            "refused with 503.",
        ),
    ] = 1000
    strangers_max: Annotated[
        int,
        Meta(ge=1, description="Such connections in all; of more the oldest one is closed."),
    ] = 10_000
    logins_max: Annotated[
        int,
        Meta(
            ge=1,
            description="Log-ins with a password to one account in a row, right or wrong; one "
            "more each second. Five times as many from one address.",
        ),
    ] = 120
    resets_max: Annotated[
        int,
        Meta(
            ge=1,
            description="New passwords asked for from one address in a row; one more each 20 "
            "seconds. More are ignored.",
        ),
    ] = 30
    notices_max: Annotated[
        int,
        Meta(
            ge=1,
            description="Codes sent to one person or address in a row; one more each minute.",
        ),
    ] = 5
    searches_max: Annotated[
        int, Meta(ge=1, description="Searches of one account in a row; one more each second.")
    ] = 120
    typing_max: Annotated[
        int,
        Meta(
            ge=1,
            description="Notes that somebody types, of one account in a row; two more each second. "
            "More are dropped.",
        ),
    ] = 120
    uploads_max: Annotated[
        int, Meta(ge=1, description="Uploads of one account in a row; one more each two seconds.")
    ] = 200
    guest_uploads_max: Annotated[
        int,
        Meta(
            ge=1,
            description="Uploads by people without an account, from one address in a row; one "
            "more each minute.",
        ),
    ] = 100
    previews_max: Annotated[
        int,
        Meta(ge=1, description="Previews for one account in a row; one more each two seconds."),
    ] = 30
