"""Uploaded files between their bytes and their records; who may have them.

Source: specification 04, paragraph 8.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from chinwag.core.errors import Refused
from chinwag.engine import credentials, proof
from chinwag.engine.services import Services
from chinwag.ports import MediaStore, Served
from chinwag.store import files
from chinwag.wire import ctrl


@dataclass(frozen=True, slots=True)
class FileDesk:
    """Takes files in and gives them out."""

    services: Services
    media: MediaStore

    async def user(self, scheme: str, secret: bytes) -> str:
        """The user that `secret` proves; the checks are those of a log-in (DEFECT-05)."""
        services = self.services
        authenticator = proof.scheme_of(services, scheme)
        if authenticator is None:
            raise Refused(ctrl.MALFORMED)
        identity = await proof.identify(services, authenticator, secret, address="")
        user = await proof.account_of(services, identity)
        lacking = await credentials.lacking(services, user.uid, identity.level)
        if identity.no_login or (lacking and not identity.validated):
            raise Refused(ctrl.AUTH_FAILED)
        return user.uid

    async def save(
        self, uid: str | None, mime: str, chunks: AsyncIterator[bytes], limit: int
    ) -> str:
        """Keep a new file; its id, which cannot be guessed."""
        services = self.services
        fid = services.entropy.token()
        await services.db.run(files.begin, fid, uid, mime, services.clock.now_ms())
        try:
            stored = await self.media.save(fid, chunks, limit)
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
