"""Files that go up to a real server and come down again, and disks that are too small for them."""

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from live import API_KEY, Live


def form(content: bytes) -> bytes:
    """A form with one file in it, between boundaries called `b`."""
    head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    return head + content + b"\r\n--b--\r\n"


def upload(live: Live, token: str, content: bytes) -> str:
    """Upload a file; its path on the server."""
    headers = {
        "X-Tinode-APIKey": API_KEY,
        "X-Tinode-Auth": f"token {token}",
        "Content-Type": "multipart/form-data; boundary=b",
    }
    request = urllib.request.Request(live.address + "/v0/file/u/", form(content), headers)
    with urllib.request.urlopen(request) as response:
        return str(json.load(response)["ctrl"]["params"]["url"])


def download(live: Live, token: str, path: str) -> bytes:
    """The bytes of a file."""
    headers = {"X-Tinode-APIKey": API_KEY, "X-Tinode-Auth": f"token {token}"}
    with urllib.request.urlopen(urllib.request.Request(live.address + path, None, headers)) as got:
        return bytes(got.read())


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of `size`, such as 4m, at `folder`."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or not shutil.which("mount") or subprocess.call(mount):
        pytest.skip("only an administrator can mount a small disk")
    yield folder
    subprocess.check_call(["umount", str(folder)])
