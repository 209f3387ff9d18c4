"""Config in, running server out: what keeps it from starting is said in a sentence."""

import importlib.resources
import socket
from pathlib import Path

import pytest

from chinwag import app
from chinwag.config import CannotStart, Config, Server


def test_another_web_client_is_taken_from_its_folder(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine")
    assert app.web_client(tmp_path) == tmp_path


def test_a_folder_without_a_web_client_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match=f"no web client in {tmp_path}: it should hold an index"):
        app.web_client(tmp_path)


def test_without_the_web_client_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.resources, "files", lambda _package: tmp_path)
    with pytest.raises(CannotStart, match="not installed: run `make setup`, give its folder with"):
        app.web_client(None)
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "index.html").write_text("built")
    assert app.web_client(None) == tmp_path / "web"


def test_the_data_folder_is_for_its_owner_only(tmp_path: Path) -> None:
    app.prepare_folder(tmp_path / "a" / "data")
    assert (tmp_path / "a" / "data").stat().st_mode & 0o777 == 0o700
    app.prepare_folder(tmp_path / "a" / "data")


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotStart, match=r"file/data cannot be made \(Not a directory\)"):
        app.prepare_folder(tmp_path / "file" / "data")


def test_a_secret_is_made_once_and_kept_for_its_owner(tmp_path: Path) -> None:
    """DEFECT-06."""
    secret = app.secret_file(tmp_path / "token.key")
    assert len(secret) == app.SECRET_BYTES
    assert app.secret_file(tmp_path / "token.key") == secret
    assert (tmp_path / "token.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["token.key"]
    assert app.secret_file(tmp_path / "other.key") != secret


@pytest.mark.parametrize("content", ["", "not base64 !", "c2hvcnQ="])
def test_a_spoilt_secret_is_not_replaced(tmp_path: Path, content: str) -> None:
    """A new one would end all log-ins without anybody having asked for it."""
    (tmp_path / "token.key").write_text(content)
    with pytest.raises(CannotStart, match="cannot be used: restore it, or remove it"):
        app.secret_file(tmp_path / "token.key")
    assert (tmp_path / "token.key").read_text() == content


async def test_a_port_in_use_is_said_in_a_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        config = Config()
        config.grpc.listen = ""
        config.server.listen = f"127.0.0.1:{taken.getsockname()[1]}"
        place = app.Place(tmp_path)
        db = await app.open_database(Config(), tmp_path)
        server = app.Server(config, place, app.make_services(config, place, db, config.to_limits()))
        with pytest.raises(CannotStart, match="another program uses the port: stop it, or choose"):
            await server.start()
        await server.stop()


async def test_a_second_server_on_the_same_data_is_refused(tmp_path: Path) -> None:
    db = await app.open_database(Config(), tmp_path)
    with pytest.raises(CannotStart):
        await app.open_database(Config(), tmp_path)
    await db.close()


def test_the_stock_client_looks_for_port_6060() -> None:
    """07-09: on localhost it does not look at the port of the page."""
    assert Server().listen == "127.0.0.1:6060"
