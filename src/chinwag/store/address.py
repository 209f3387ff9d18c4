"""Where a database is: addresses as people write them, and why one cannot be used.

No sentence and no log line holds a password.
"""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import exc

from chinwag.store.db import CannotOpen
from chinwag.store.translate import code, reason

_DRIVERS: Final = {
    "sqlite": "sqlite",
    "postgresql": "postgresql+asyncpg",
    "postgres": "postgresql+asyncpg",
    "mysql": "mysql+asyncmy",
    "mariadb": "mysql+asyncmy",
}
# What the databases call the same things: PostgreSQL's states, MySQL's numbers.
_NO_ENTRY: Final = frozenset({"28P01", "28000", 1045, 1698, 1251, 1130, 1862})
_NO_DATABASE: Final = frozenset({"3D000", 1049})
_NO_RIGHTS: Final = frozenset({"42501", "3F000", 1044, 1142, 1227})
_READ_ONLY: Final = frozenset({"25006", 1290, 1792, 1836})
_TOO_MANY: Final = frozenset({"53300", 1040, 1203, 1226})
_NO_ANSWER: Final = (OSError, EOFError)  # a time-out is an OSError
_NOBODY: Final = frozenset({2002, 2003, 2005, 2006, 2013})
# MySQL's default would let a text that is too long be cut, and a wrong number be another one.
_SQL_MODE: Final = "'STRICT_TRANS_TABLES,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO'"


def parsed(text: str) -> sa.URL:
    """The address that `text` spells. Raises CannotOpen."""
    try:
        url = sa.make_url(text)
    except (exc.ArgumentError, ValueError):
        url = sa.URL.create("none")
    driver = _DRIVERS.get(url.drivername)
    if driver is None or not url.database:
        raise CannotOpen(
            "The address of the database cannot be used: write sqlite:///FILE, "
            "postgresql://USER:PASSWORD@HOST/NAME or mysql://USER:PASSWORD@HOST/NAME, with % "
            "codes for special characters in the password."
        )
    if "sslmode" in url.query:  # as every other PostgreSQL program calls it
        mode = url.query["sslmode"]
        url = url.difference_update_query(["sslmode"]).update_query_dict({"ssl": mode})
    return url.set(drivername=driver)


def product(text: str) -> str:
    """Which database the address `text` leads to: sqlite, postgresql or mysql."""
    return parsed(text).get_backend_name() if text else "sqlite"


def shown(url: sa.URL) -> str:
    """The address without its password."""
    plain = url.set(drivername=url.get_backend_name(), query={})
    return plain.render_as_string(hide_password=True)


def connect_args(url: sa.URL, connect_s: float) -> dict[str, Any]:
    """What the driver has to be told besides the address."""
    if url.get_backend_name() == "postgresql":
        return {"timeout": connect_s, "server_settings": {"application_name": "chinwag"}}
    return {
        "connect_timeout": connect_s,
        "charset": "utf8mb4",
        "sql_mode": _SQL_MODE,
        "binary_prefix": True,
        "password": (url.password or "").encode(),  # a text would be taken for Latin-1
        "program_name": "chinwag",
    }


def refusal(url: sa.URL, error: Exception) -> str:
    """Why the database at `url` cannot be used, and what to do, in one sentence."""
    number = code(error)
    place = shown(url)
    if number in _NO_ENTRY:
        why, advice = f"refuses the user {url.username}", "check the name and the password"
    elif number in _NO_DATABASE:
        why, advice = "is not there", "make it (CREATE DATABASE), or check its name"
    elif number in _NO_RIGHTS:
        why = f"does not let the user {url.username} do this ({reason(error)})"
        advice = "grant all rights in this database"
    elif number in _READ_ONLY:
        why, advice = "can only be read", "give the address of the server that is written to"
    elif number in _TOO_MANY:
        why, advice = "has no connection left", "raise its limit of connections"
    elif number in _NOBODY or isinstance(error, _NO_ANSWER):
        why = f"does not answer ({reason(error)})"
        advice = "check the address, and that the database server runs"
    else:
        why, advice = f"cannot be used ({reason(error)})", "check it and start again"
    return f"The database {place} {why}: {advice}."
