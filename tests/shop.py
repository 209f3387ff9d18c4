"""A server of files on a real store and a real folder, and a client of it."""

import base64
import io
from pathlib import Path
from typing import Any

from aiohttp import FormData
from aiohttp.test_utils import TestClient

from chinwag.core.state import Level, User
from chinwag.engine.uploads import FileDesk
from chinwag.plugins.media_fs import FolderMedia
from chinwag.transports import cors
from chinwag.transports.credentials import Gate
from chinwag.transports.files import Files
from chinwag.transports.http import Site
from live import API_KEY
from stage import ALICE, Stage

SALT = base64.b64decode("T713/rYYgW7g4m3vG6zGRh7+FM1t0T8j13koXScOAj4=")
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
KEY = {"X-Tinode-APIKey": API_KEY}
SIZE_MAX = 2_000_000
UP, DOWN = "/v0/file/u/", "/v0/file/s/"
Client = TestClient[Any, Any]


class Shop:
    """A server of files, and a client of it."""

    def __init__(self, stage: Stage, folder: Path, client: Client | None = None) -> None:
        self.stage = stage
        self.desk = FileDesk(stage.services, FolderMedia(folder / "uploads"), self.whose)
        self.sids: dict[str, str | None] = {}
        self._client = client

    def whose(self, sid: str) -> str | None:
        """Whose session it is."""
        return self.sids.get(sid)

    @property
    def client(self) -> Client:
        """The client."""
        assert self._client is not None
        return self._client

    def token(self, uid: str = ALICE, features: int = 1, level: Level = Level.AUTH) -> str:
        """A token of `uid`."""
        return self.stage.services.tokens.issue(User(uid, 0, 0), level, features).text

    def known(self, **how: Any) -> dict[str, str]:
        """Headers of somebody who is logged in."""
        return {**KEY, "X-Tinode-Auth": "Token " + self.token(**how)}

    async def upload(
        self, data: bytes = PNG, mime: str = "image/png", **more: Any
    ) -> tuple[int, dict[str, Any]]:
        """Upload a file as the stock web client does; status and {ctrl}."""
        form = FormData()
        form.add_field("file", io.BytesIO(data), filename="f", content_type=mime)
        for name, value in {"id": "77", **more.pop("fields", {})}.items():
            form.add_field(name, value)
        more.setdefault("headers", self.known())
        async with self.client.post(more.pop("path", UP), data=form, **more) as answer:
            return answer.status, (await answer.json())["ctrl"]

    async def url(self, *args: Any, **more: Any) -> str:
        """Where an uploaded file is."""
        status, answer = await self.upload(*args, **more)
        assert status == 200, answer
        url: str = answer["params"]["url"]
        return url

    async def get(self, url: str, headers: dict[str, str] | None = None, **more: Any) -> Any:
        """What comes back: status, headers, body."""
        headers = self.known() if headers is None else headers
        method = more.pop("method", "GET")
        async with self.client.request(method, url, headers=headers, **more) as answer:
            return answer.status, answer.headers, await answer.read()

    async def text(self, *args: Any, **more: Any) -> tuple[int, str]:
        """Status, and text of the {ctrl}."""
        status, _, body = await self.get(*args, **more)
        return status, body.decode().partition('"text":"')[2].partition('"')[0]


def site(shop: Shop, *origins: str, proxies: frozenset[str] = frozenset()) -> Site:
    """What is served."""
    now_ms = shop.stage.clock.now_ms
    served = Files(
        shop.desk,
        Gate(shop.desk, SALT, proxies),
        size_max=SIZE_MAX,
        serve_prefix=DOWN,
        now_ms=now_ms,
        cors=cors.make(origins or ("*",)),
    )
    return Site(web=None, ready=shop.stage.db.ping, files=served, now_ms=now_ms)
