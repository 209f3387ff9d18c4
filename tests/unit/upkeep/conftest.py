"""Fixtures: the folder of a server that has stopped, and a backup of it."""

import asyncio
import base64
import os
import shutil
from pathlib import Path

import pytest

import attic


@pytest.fixture(autouse=True)
def no_power_cuts(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the rest of the machine has to write takes its time."""
    monkeypatch.setattr(os, "sync", lambda: None)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a data folder and a backup of it are, which tests copy."""
    folder = tmp_path_factory.mktemp("template")
    data = folder / "data"
    data.mkdir(mode=0o700)
    asyncio.run(attic.fill(data))
    (data / "token.key").write_bytes(base64.b64encode(b"k" * 32))
    (data / "token.key").chmod(0o600)
    attic.back_up(data, folder / "b")
    return folder


@pytest.fixture
def data(template: Path, tmp_path: Path) -> Path:
    """The folder of a server that has stopped."""
    return Path(shutil.copytree(template / "data", tmp_path / "data"))


@pytest.fixture
def folder(template: Path, tmp_path: Path) -> Path:
    """A backup of it."""
    return Path(shutil.copytree(template / "b", tmp_path / "b"))
