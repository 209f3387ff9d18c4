"""What each upgrade of the tables does. Nothing here is ever changed, only added to.

The tables are described here once more: those of `schema` move on.
"""

import sqlalchemy as sa

from chinwag.store.db import Tx
from chinwag.store.dialect import TABLE_OPTIONS
from chinwag.store.types import JSON, Instant, Name, UserId, Words

_V3 = sa.MetaData()
sa.Table(
    "creds",
    _V3,
    sa.Column("uid", UserId, primary_key=True, autoincrement=False),
    sa.Column("method", Name(16), primary_key=True),
    sa.Column("value", Name(255), primary_key=True),
    sa.Column("confirmed", Name(300)),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("code", sa.LargeBinary),
    sa.Column("code_until_ms", Instant),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("failed_ms", Instant, nullable=False),
    sa.Column("created_ms", Instant, nullable=False),
    sa.Column("updated_ms", Instant, nullable=False),
    sa.UniqueConstraint("confirmed", name="creds_confirmed"),
    **TABLE_OPTIONS,
)
sa.Table(
    "codes",
    _V3,
    sa.Column("subject", Name(300), primary_key=True),
    sa.Column("uid", UserId, nullable=False, index=True),
    sa.Column("code", sa.LargeBinary, nullable=False),
    sa.Column("issued_ms", Instant, nullable=False),
    sa.Column("until_ms", Instant, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("since_ms", Instant, nullable=False),
    **TABLE_OPTIONS,
)


def addresses(tx: Tx) -> None:
    """Version 3: addresses people confirm, codes for a new password, when secrets changed."""
    _V3.create_all(tx)
    tx.exec_driver_sql("ALTER TABLE users ADD COLUMN secret_changed_s BIGINT DEFAULT 0 NOT NULL")


_V4 = sa.MetaData()
sa.Table(
    "pushes",
    _V4,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sink", Name(32), nullable=False),
    sa.Column("due_ms", Instant, nullable=False, index=True),
    sa.Column("until_ms", Instant, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("push", JSON, nullable=False),
    **TABLE_OPTIONS,
)
sa.Table(
    "pushed",
    _V4,
    sa.Column("topic", Name(), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    **TABLE_OPTIONS,
)


def pushes(tx: Tx) -> None:
    """Version 4: pushes that are due."""
    _V4.create_all(tx)


_V5 = sa.MetaData()
sa.Table(
    "bot_tokens",
    _V5,
    sa.Column("id", Name(16), primary_key=True),
    sa.Column("uid", UserId, nullable=False, index=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("topics", JSON, nullable=False),
    sa.Column("rate", sa.Integer, nullable=False),
    sa.Column("created_ms", Instant, nullable=False),
    **TABLE_OPTIONS,
)
sa.Table(
    "hooks_in",
    _V5,
    sa.Column("id", Name(16), primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("topic", Name(), nullable=False),
    sa.Column("uid", UserId, nullable=False),
    sa.Column("name", Words(100), nullable=False),
    sa.Column("created_ms", Instant, nullable=False),
    **TABLE_OPTIONS,
)
sa.Table(
    "hooks_out",
    _V5,
    sa.Column("id", Name(16), primary_key=True),
    sa.Column("url", Name(2000), nullable=False),
    sa.Column("topics", JSON, nullable=False),
    sa.Column("created_ms", Instant, nullable=False),
    sa.Column("stopped_ms", Instant),
    sa.Column("why", Words(200), nullable=False),
    sa.Column("refused", sa.Integer, nullable=False),
    **TABLE_OPTIONS,
)
sa.Table(
    "hook_marks",
    _V5,
    sa.Column("hook", Name(16), primary_key=True),
    sa.Column("topic", Name(), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    **TABLE_OPTIONS,
)


def hooks(tx: Tx) -> None:
    """Version 5: tokens of bots, and webhooks of both directions."""
    _V5.create_all(tx)
