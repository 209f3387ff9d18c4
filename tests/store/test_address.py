"""Addresses of databases, and why one cannot be used."""

import pytest
from sqlalchemy import exc

from chinwag.store.address import connect_args, parsed, refusal, shown
from chinwag.store.db import CannotOpen

SECRET = "Geheimnis/ä@1"
ESCAPED = "Geheimnis%2F%C3%A4%401"
POSTGRES = parsed(f"postgresql://chat:{ESCAPED}@db.example:5433/chinwag")
MYSQL = parsed(f"mysql://chat:{ESCAPED}@db.example/chinwag?unix_socket=/run/mysqld.sock")


class Postgres(Exception):
    """As asyncpg's adapter makes them."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("what happened")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("text", "driver"),
    [
        ("sqlite:///a.db", "sqlite"),
        ("sqlite:////var/lib/a.db", "sqlite"),
        ("postgresql://h/a", "postgresql+asyncpg"),
        ("postgres://h/a", "postgresql+asyncpg"),
        ("mysql://h/a", "mysql+asyncmy"),
        ("mariadb://h/a", "mysql+asyncmy"),
    ],
)
def test_addresses_name_their_database(text: str, driver: str) -> None:
    assert parsed(text).drivername == driver


@pytest.mark.parametrize(
    "text",
    [
        "a.db",
        "sqlite://",
        f"oracle://chat:{ESCAPED}@h/a",
        f"postgresql://chat:{ESCAPED}@h",
        f"mysql://chat:{ESCAPED}@h/",
        f"postgresql://chat:{ESCAPED}@h:port/a",
        f"postgresql+psycopg://chat:{ESCAPED}@h/a",
        f"://chat:{ESCAPED}@h",
        "",
    ],
)
def test_what_is_no_address_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(CannotOpen, match=r"write sqlite:///FILE, postgresql://") as caught:
        parsed(text)
    assert "Geheimnis" not in str(caught.value)


def test_passwords_are_decoded_and_never_shown() -> None:
    """D-12: they were pasted into a URL."""
    assert POSTGRES.password == MYSQL.password == SECRET
    assert connect_args(MYSQL, 5)["password"] == SECRET.encode()
    assert shown(POSTGRES) == "postgresql://chat:***@db.example:5433/chinwag"
    assert shown(MYSQL) == "mysql://chat:***@db.example/chinwag"


def test_tls_is_asked_for_as_elsewhere() -> None:
    url = parsed("postgresql://h/a?sslmode=verify-full&application_name=x")
    assert url.query == {"ssl": "verify-full", "application_name": "x"}


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        (Postgres("28P01"), "refuses the user chat: check the name and the password."),
        (Postgres("3D000"), "is not there: make it (CREATE DATABASE), or check its name."),
        (Postgres("42501"), "does not let the user chat do this (what happened): grant all"),
        (Postgres("25006"), "can only be read: give the address of the server that is written"),
        (Postgres("53300"), "has no connection left: raise its limit"),
        (Postgres("XX000"), "cannot be used (what happened): check it and start again."),
        (Exception(1045, "denied"), "refuses the user chat"),
        (Exception(1049, "unknown"), "is not there"),
        (Exception(1044, "denied"), "does not let the user chat do this"),
        (Exception(2003, "refused"), "does not answer"),
    ],
    ids=str,
)
def test_errors_become_one_sentence_each(error: Exception, sentence: str) -> None:
    said = refusal(POSTGRES, exc.OperationalError("secret", {}, error))
    assert said.startswith("The database postgresql://chat:***@db.example:5433/chinwag ")
    assert sentence in said


@pytest.mark.parametrize("error", [ConnectionRefusedError(111, "refused"), TimeoutError()])
def test_nobody_there_is_told(error: Exception) -> None:
    assert "check the address, and that the database server runs." in refusal(MYSQL, error)
