"""Tags of people and groups in the search index; aliases are unique over both.

Source: specification 04, paragraph 6; DEFECT D-62.
"""

import sqlalchemy as sa

from chinwag.store import schema
from chinwag.store.db import Tx

_T, _A = schema.tags, schema.aliases
_DROP = sa.delete(_T).where(_T.c.holder == sa.bindparam("h"))
_DROP_ALIASES = sa.delete(_A).where(_A.c.holder == sa.bindparam("h"))
_ADD = sa.insert(_T)
_ADD_ALIAS = sa.insert(_A)


def set_tags(tx: Tx, holder: str, tags: list[str], alias_ns: str = "") -> None:
    """Index `tags` and nothing else for `holder`. Raises Duplicate where an alias is taken."""
    tx.execute(_DROP, {"h": holder})
    tx.execute(_DROP_ALIASES, {"h": holder})
    if tags:
        tx.execute(_ADD, [{"tag": tag, "holder": holder} for tag in sorted(set(tags))])
    unique = [tag for tag in dict.fromkeys(tags) if alias_ns and tag.startswith(alias_ns + ":")]
    if unique:
        tx.execute(_ADD_ALIAS, [{"tag": tag, "holder": holder} for tag in unique])


def drop(tx: Tx, holder: str) -> None:
    """Take `holder` out of the index."""
    tx.execute(_DROP, {"h": holder})
    tx.execute(_DROP_ALIASES, {"h": holder})
