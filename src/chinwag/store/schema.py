"""The tables.

Source: specification 04, paragraph 2; specification 02, DEFECT T25 for the unique aliases.
"""

import sqlalchemy as sa

from chinwag.store.dialect import TABLE_OPTIONS
from chinwag.store.types import JSON, Instant, Name, UserId, Words

metadata = sa.MetaData()

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("key", Name(), primary_key=True),
    sa.Column("value", Name(255), nullable=False),
    **TABLE_OPTIONS,
)

users = sa.Table(
    "users",
    metadata,
    sa.Column("uid", UserId, primary_key=True, autoincrement=False),
    sa.Column("created_ms", Instant, nullable=False),
    sa.Column("updated_ms", Instant, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("auth", sa.SmallInteger, nullable=False),
    sa.Column("anon", sa.SmallInteger, nullable=False),
    sa.Column("public", JSON),
    sa.Column("trusted", JSON),
    sa.Column("tags", JSON, nullable=False),
    sa.Column("seen_ms", Instant),
    sa.Column("ua", Words(255), nullable=False, default=""),
    sa.Column("tokens_void_s", sa.BigInteger, nullable=False, default=0),
    sa.Column("tokens_kept_s", sa.BigInteger, nullable=False, default=0),
    sa.Column("secret_changed_s", sa.BigInteger, nullable=False, server_default=sa.text("0")),
    **TABLE_OPTIONS,
)

auth = sa.Table(
    "auth",
    metadata,
    sa.Column("scheme", Name(32), primary_key=True),
    sa.Column("unique_text", Name(255), primary_key=True),
    sa.Column("uid", UserId, nullable=False),
    sa.Column("level", sa.SmallInteger, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("expires_ms", Instant),
    sa.UniqueConstraint("uid", "scheme", name="auth_of_user"),
    **TABLE_OPTIONS,
)

# Addresses people are reached at: confirmed ones, the one that waits for its code, earlier ones.
creds = sa.Table(
    "creds",
    metadata,
    sa.Column("uid", UserId, primary_key=True, autoincrement=False),
    sa.Column("method", Name(16), primary_key=True),
    sa.Column("value", Name(255), primary_key=True),
    sa.Column("confirmed", Name(300)),  # method:value once it is, which only one user may have
    sa.Column("active", sa.Boolean, nullable=False),  # not superseded by a later one
    sa.Column("code", sa.LargeBinary),  # digest
    sa.Column("code_until_ms", Instant),
    sa.Column("failures", sa.Integer, nullable=False, default=0),
    sa.Column("failed_ms", Instant, nullable=False, default=0),
    sa.Column("created_ms", Instant, nullable=False),
    sa.Column("updated_ms", Instant, nullable=False),
    sa.UniqueConstraint("confirmed", name="creds_confirmed"),
    **TABLE_OPTIONS,
)

# One-off codes for a new password. `subject` is the address they were sent to, method:value.
codes = sa.Table(
    "codes",
    metadata,
    sa.Column("subject", Name(300), primary_key=True),
    sa.Column("uid", UserId, nullable=False, index=True),
    sa.Column("code", sa.LargeBinary, nullable=False),  # digest
    sa.Column("issued_ms", Instant, nullable=False),
    sa.Column("until_ms", Instant, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),  # wrong ones of this code
    sa.Column("failures", sa.Integer, nullable=False),  # … and of all since `since_ms`
    sa.Column("since_ms", Instant, nullable=False),
    **TABLE_OPTIONS,
)

topics = sa.Table(
    "topics",
    metadata,
    sa.Column("name", Name(), primary_key=True),
    sa.Column("created_ms", Instant, nullable=False),
    sa.Column("updated_ms", Instant, nullable=False),
    sa.Column("touched_ms", Instant, nullable=False),
    sa.Column("state", sa.SmallInteger, nullable=False),
    sa.Column("owner", UserId, index=True),
    sa.Column("auth", sa.SmallInteger, nullable=False),
    sa.Column("anon", sa.SmallInteger, nullable=False),
    sa.Column("is_channel", sa.Boolean, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("clear", sa.Integer, nullable=False),
    sa.Column("clear_hard", sa.Integer, nullable=False),
    sa.Column("call_seq", sa.Integer, nullable=False, default=0),  # of the call going on; 0: none
    sa.Column("public", JSON),
    sa.Column("trusted", JSON),
    sa.Column("aux", JSON),
    sa.Column("tags", JSON, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False, default=0),
    **TABLE_OPTIONS,
)

# Tags of people and groups: `holder` is a user id in text form or a topic name.
tags = sa.Table(
    "tags",
    metadata,
    sa.Column("tag", Name(100), primary_key=True),
    sa.Column("holder", Name(), primary_key=True, index=True),
    **TABLE_OPTIONS,
)

# Tags that only one holder may have.
aliases = sa.Table(
    "aliases",
    metadata,
    sa.Column("tag", Name(100), primary_key=True),
    sa.Column("holder", Name(), nullable=False, index=True),
    **TABLE_OPTIONS,
)

subs = sa.Table(
    "subs",
    metadata,
    sa.Column("topic", Name(), primary_key=True),
    sa.Column("uid", UserId, primary_key=True, index=True, autoincrement=False),
    sa.Column("want", sa.SmallInteger, nullable=False),
    sa.Column("given", sa.SmallInteger, nullable=False),
    sa.Column("seq_read", sa.Integer, nullable=False),
    sa.Column("seq_recv", sa.Integer, nullable=False),
    sa.Column("clear", sa.Integer, nullable=False),
    sa.Column("private", JSON),
    sa.Column("created_ms", Instant, nullable=False),
    sa.Column("updated_ms", Instant, nullable=False),
    sa.Column("deleted_ms", Instant),
    **TABLE_OPTIONS,
)

messages = sa.Table(
    "messages",
    metadata,
    sa.Column("topic", Name(), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sender", UserId, nullable=False),
    sa.Column("ts_ms", Instant, nullable=False),
    sa.Column("head", JSON),
    sa.Column("content", JSON),
    sa.Column("erased", sa.Integer, nullable=False, default=0),  # id of the hard deletion
    sa.Column("digest", sa.BigInteger),  # by which it is known if it comes again
    sqlite_with_rowid=False,
    **TABLE_OPTIONS,
)

# Messages whose authors named what makes them the same, for a day.
once = sa.Table(
    "once",
    metadata,
    sa.Column("topic", Name(), primary_key=True),
    sa.Column("digest", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("ts_ms", Instant, nullable=False),
    **TABLE_OPTIONS,
)

# What was deleted: for everybody (no uid) or for one user. [low, high) in deletion `del_id`.
deletions = sa.Table(
    "deletions",
    metadata,
    sa.Column("topic", Name(), primary_key=True),
    sa.Column("del_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("low", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("high", sa.Integer, nullable=False),
    sa.Column("uid", UserId),
    sa.Index("deletions_of_user", "topic", "uid"),
    **TABLE_OPTIONS,
)

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("device", Name(512), primary_key=True),
    sa.Column("uid", UserId, nullable=False, index=True),
    sa.Column("platform", Words(32), nullable=False),
    sa.Column("lang", Words(64), nullable=False),
    sa.Column("seen_ms", Instant, nullable=False),
    **TABLE_OPTIONS,
)

# Pushes that are due, until what carries them has taken them.
pushes = sa.Table(
    "pushes",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("sink", Name(32), nullable=False),
    sa.Column("due_ms", Instant, nullable=False, index=True),
    sa.Column("until_ms", Instant, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("push", JSON, nullable=False),
    **TABLE_OPTIONS,
)

# Up to which message of a topic all pushes have been written down.
pushed = sa.Table(
    "pushed",
    metadata,
    sa.Column("topic", Name(), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    **TABLE_OPTIONS,
)

files = sa.Table(
    "files",
    metadata,
    sa.Column("fid", Name(), primary_key=True),
    sa.Column("uid", UserId),
    sa.Column("created_ms", Instant, nullable=False),
    sa.Column("updated_ms", Instant, nullable=False),
    sa.Column("finished", sa.Boolean, nullable=False),
    sa.Column("mime", Words(255), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("etag", Name(128), nullable=False),
    sa.Column("location", Name(255), nullable=False),
    **TABLE_OPTIONS,
)

# What keeps a file alive: a message (topic, seq) or, with seq 0, a user's or topic's picture.
file_links = sa.Table(
    "file_links",
    metadata,
    sa.Column("fid", Name(), primary_key=True),
    sa.Column("holder", Name(), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Index("links_of_holder", "holder", "seq"),
    **TABLE_OPTIONS,
)

# Programs that act in somebody's name, within bounds. Of a secret only its digest is kept.
bot_tokens = sa.Table(
    "bot_tokens",
    metadata,
    sa.Column("id", Name(16), primary_key=True),
    sa.Column("uid", UserId, nullable=False, index=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("topics", JSON, nullable=False),
    sa.Column("rate", sa.Integer, nullable=False),  # messages a minute; 0: as everybody
    sa.Column("created_ms", Instant, nullable=False),
    **TABLE_OPTIONS,
)

# Addresses at which other programs post messages to a group, as the account `uid`.
hooks_in = sa.Table(
    "hooks_in",
    metadata,
    sa.Column("id", Name(16), primary_key=True),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("topic", Name(), nullable=False),
    sa.Column("uid", UserId, nullable=False),
    sa.Column("name", Words(100), nullable=False),
    sa.Column("created_ms", Instant, nullable=False),
    **TABLE_OPTIONS,
)

# Addresses to which messages are posted, and since when one has been given up.
hooks_out = sa.Table(
    "hooks_out",
    metadata,
    sa.Column("id", Name(16), primary_key=True),
    sa.Column("url", Name(2000), nullable=False),
    sa.Column("topics", JSON, nullable=False),
    sa.Column("created_ms", Instant, nullable=False),
    sa.Column("stopped_ms", Instant),
    sa.Column("why", Words(200), nullable=False),  # of the last failure
    sa.Column("refused", sa.Integer, nullable=False),  # messages that were not taken
    **TABLE_OPTIONS,
)

# Up to which message of a topic a hook has been told.
hook_marks = sa.Table(
    "hook_marks",
    metadata,
    sa.Column("hook", Name(16), primary_key=True),
    sa.Column("topic", Name(), primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    **TABLE_OPTIONS,
)
