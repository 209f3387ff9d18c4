"""Uploaded files between their bytes and their records; who may have them.

Source: specification 04, paragraph 8.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Final

from chinwag.core.errors import Refused
from chinwag.core.state import Level
from chinwag.engine import credentials, proof
from chinwag.engine.services import Services
from chinwag.ports import Identity, MediaStore, Served
from chinwag.store import files
from chinwag.wire import ctrl

UNUSED_MS: Final = 3_600_000  # after which an upload that nothing uses may be forgotten
TOUCH_MS: Final = 600_000  # a long upload says so often that it goes on


def nobody(_sid: str) -> None:
    """There are no sessions that can be named."""


@dataclass(frozen=True, slots=True)
class FileDesk:
    """Takes files in and gives them out."""

    services: Services
    media: MediaStore
    user_of_session: Callable[[str], str | None] = nobody  # by a session id that clients know

    async def user(self, scheme: str, secret: bytes, address: str = "") -> str:
        """The user that `secret` proves; the checks are those of a log-in (DEFECT-05, D-33)."""
        return (await self._identified(scheme, secret, address)).uid

    async def root(self, scheme: str, secret: bytes, address: str = "") -> str:
        """The administrator that `secret` proves; no token of a bot will do."""
        identity = await self._identified(scheme, secret, address)
        if identity.level is not Level.ROOT or identity.scope is not None:
            raise Refused(ctrl.PERMISSION_DENIED)
        return identity.uid

    async def _identified(self, scheme: str, secret: bytes, address: str) -> Identity:
        services = self.services
        authenticator = proof.scheme_of(services, scheme)
        if authenticator is None:
            raise Refused(ctrl.MALFORMED)
        identity = await proof.identify(services, authenticator, secret, address)
        user = await proof.account_of(services, identity)
        lacking = await credentials.lacking(services, user.uid, identity.level)
        if identity.no_login or (lacking and not identity.validated):
            raise Refused(ctrl.AUTH_FAILED)
        return identity

    def admit(self, uid: str | None, address: str) -> None:
        """Let one more upload begin. Raises Refused where there are too many (DEFECT-32)."""
        self.services.guard.check_upload(uid, address, self.services.clock.now_ms())

    async def save(
        self, uid: str | None, mime: str, chunks: AsyncIterator[bytes], limit: int
    ) -> str:
        """Keep a new file; its id, which cannot be guessed."""
        services = self.services
        fid = services.entropy.token()
        await services.db.run(files.begin, fid, uid, mime, services.clock.now_ms())
        try:
            stored = await self.media.save(fid, self._touching(fid, chunks), limit)
        except BaseException:
            await services.db.run(files.remove, fid)
            raise
        await services.db.run(
            files.finish,
            fid,
            size=stored.size,
            etag=stored.etag,
            location=stored.location,
            now_ms=services.clock.now_ms(),
        )
        return fid

    async def _touching(self, fid: str, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """`chunks`; meanwhile the file is not taken for one that nobody uses (D-74)."""
        services = self.services
        touched_ms = services.clock.now_ms()
        async for chunk in chunks:
            yield chunk
            now_ms = services.clock.now_ms()
            if now_ms - touched_ms > TOUCH_MS:
                touched_ms = now_ms
                await services.db.run(files.touch, fid, now_ms)

    async def own(self, fid: str, uid: str) -> None:
        """Note who has uploaded a file, where that is known only now."""
        await self.services.db.run(files.own, fid, uid)

    async def discard(self, fid: str) -> None:
        """Forget a file that was just uploaded."""
        found = await self.services.db.read(files.find, fid)
        if found is not None:
            await self.media.remove(found.location)
            await self.services.db.run(files.remove, fid)

    async def find(self, fid: str) -> Served | None:
        """The file `fid` if all its bytes are there."""
        found = await self.services.db.read(files.find, fid)
        if found is None:
            return None
        return Served(self.media.path(found.location), found.mime, found.etag)

    async def is_picture(self, fid: str) -> bool:
        """Whether `fid` is the picture of a user or group."""
        return await self.services.db.read(files.is_picture, fid)

    # --- what nobody uses ------------------------------------------------------------------

    async def collect(self, limit: int) -> int:
        """Forget uploads that nothing has used for an hour, `limit` at most; how many it were.

        First the record, as long as still nothing uses it, then the bytes: what is left of an
        interruption has no record, and is found by `sweep` (D-74).
        """
        db = self.services.db
        before_ms = self.services.clock.now_ms() - UNUSED_MS
        count = 0
        for fid, location in await db.read(files.unused, before_ms, limit):
            if not await db.run(files.forget_unused, fid, before_ms):
                continue
            count += 1
            if location:
                await self.media.remove(location)
        return count

    async def sweep(self) -> int:
        """Remove bytes without a record; how many files that were."""
        count = 0
        async for portion in self.media.listed():
            known = await self.services.db.read(files.known, [name for name, _ in portion])
            for name, location in portion:
                if name not in known:
                    await self.media.remove(location)
                    count += 1
        return count
