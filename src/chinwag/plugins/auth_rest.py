"""Log-in by asking another service, in JSON over HTTP POST.

Source: specification 04, paragraph 4.5, DEFECT D-35.
"""

import base64
import logging
import re
from collections.abc import MutableSet
from typing import Any, Final

import aiohttp
import msgspec

from chinwag.config import Rest
from chinwag.core import modes, tags
from chinwag.core.accounts import LEVEL_NAMES
from chinwag.core.errors import Refused
from chinwag.core.state import Level, User
from chinwag.plugins import rest_answers
from chinwag.plugins.auth_base import WHAT
from chinwag.plugins.rest_answers import Answer
from chinwag.ports import Applicant, Clock, Enrolled, Grant, Identity, Issued
from chinwag.wire import ctrl

log = logging.getLogger(__name__)

TIMEOUT_S: Final = 10.0
OPENING_S: Final = 2.0  # at the start nobody waits longer for a service that is down
SIZE_MAX: Final = 1 << 20  # bytes of an answer


class RestAuth:
    """Lets another service know names and passwords."""

    def __init__(
        self, rest: Rest, clock: Clock, restricted_ns: MutableSet[str], name: str = "rest"
    ) -> None:
        self.name = name
        self._settings = rest
        self._clock = clock
        self._restricted_ns = restricted_ns
        self._learned = False
        self._names: re.Pattern[str] | None = None  # of bare words that are names
        self._prefix = ""  # what makes tags of them
        self._session: aiohttp.ClientSession | None = None

    # --- coming and going ------------------------------------------------------------------

    async def open(self) -> None:
        """Ask for the namespaces of tags that only the service may set; it may be down as yet."""
        await self._learn(OPENING_S)

    async def _learn(self, timeout_s: float = TIMEOUT_S) -> None:
        try:
            answer = await self._post({"endpoint": "rtagns"}, timeout_s)
        except Refused as refused:
            log.warning("rest_unreachable", extra={"reply": refused.reply.text})
            return
        self._learned = True
        prefixes = [prefix.strip().lower() for prefix in answer.strarr or ()]
        self._restricted_ns |= set(prefixes)
        if prefixes and answer.byteval:
            self._names = rest_answers.pattern(answer.byteval)
            self._prefix = prefixes[0]

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    # --- the port --------------------------------------------------------------------------

    def subject(self, secret: bytes) -> str:
        """What stands before the first colon, which is a name in the usual case."""
        return secret.decode("utf-8", "replace").partition(":")[0].lower() or "nobody"

    async def authenticate(self, secret: bytes, address: str) -> Identity:
        """Whom the service takes `secret` for; a newcomer is linked once there is an account."""
        answer = await self._ask("auth", secret=secret, address=address)
        if answer.byteval:
            return Identity("", Level.NONE, challenge=answer.byteval)
        if answer.rec is None:
            raise Refused(ctrl.INTERNAL)
        identity = rest_answers.identity(answer.rec, self._clock.now_ms())
        if identity.uid:
            return identity
        if not self._settings.allow_new_accounts or answer.newacc is None:
            raise Refused(ctrl.NOT_FOUND)
        identity.newcomer = rest_answers.newcomer(answer.rec, answer.newacc)
        known = rest_answers.as_sent(answer.rec, identity)

        async def link(uid: str) -> None:
            await self._ask("link", secret=secret, record={"uid": _bare(uid), **known})

        identity.settle = link
        return identity

    async def check_new(self, secret: bytes, address: str) -> None:
        """Let `secret` be that of a new account: one that the service does not know (D-36)."""
        try:
            answer = await self._ask("checkunique", secret=secret, address=address)
        except Refused as refused:
            raise Refused(refused.reply, WHAT) from None
        if not answer.boolval:
            raise Refused(ctrl.DUPLICATE_CREDENTIAL, WHAT)

    async def enrol(self, applicant: Applicant) -> Enrolled:
        """Tell the service of a new account; its level and tags are what the service says."""
        user = applicant.user
        record: dict[str, Any] = {"uid": _bare(user.uid), "tags": user.tags}
        record["defacs"] = {"auth": modes.text(user.auth), "anon": modes.text(user.anon)}
        for key, value in (("public", user.public), ("private", applicant.private)):
            if value is not None:
                record[key] = msgspec.Raw(value)
        answer = await self._ask(
            "add", secret=applicant.secret, address=applicant.address, record=record
        )
        if answer.rec is None:
            raise Refused(ctrl.INTERNAL)
        identity = rest_answers.identity(answer.rec, self._clock.now_ms())
        user.state = identity.state or user.state
        user.tags = user.tags if answer.rec.tags is None else rest_answers.clean(answer.rec.tags)
        return Enrolled(
            identity.level, expires_ms=identity.expires_ms, validated=identity.validated
        )

    async def change(self, user: User, secret: bytes, address: str) -> list[str] | None:
        """Tell the service of a new password."""
        record = {"uid": _bare(user.uid), "tags": user.tags}
        await self._ask("upd", secret=secret, address=address, record=record)
        return user.tags

    async def generate(self, grant: Grant) -> Issued | None:
        """A secret that the service makes, where clients know it as `token`."""
        letters = ("V" if grant.validated else "") + ("L" if grant.no_login else "")
        record = {
            "uid": _bare(grant.user.uid),
            "authlvl": LEVEL_NAMES[grant.level],
            **rest_answers.life(grant.life_s),
            "features": letters,
            "tags": grant.user.tags,
        }
        return rest_answers.issued(await self._ask("gen", record=record))

    def tag_of(self, term: str) -> str | None:
        """The tag of a name, where the service has told what names look like."""
        if self._names is None or len(term) > tags.LENGTH_MAX or not self._names.search(term):
            return None
        return f"{self._prefix}:{term}"

    async def log_in_name(self, uid: str) -> str | None:
        """Only the service knows; passwords are reset there."""
        return None

    async def forget(self, uid: str) -> None:
        """Tell the service of the end of an account; it may refuse."""
        try:
            await self._ask("del", record={"uid": _bare(uid)})
        except Refused as refused:
            if refused.reply == ctrl.NOT_IMPLEMENTED:
                raise Refused(ctrl.NOT_ALLOWED) from None
            raise

    # --- HTTP ------------------------------------------------------------------------------

    async def _ask(
        self,
        endpoint: str,
        *,
        secret: bytes = b"",
        address: str = "",
        record: dict[str, Any] | None = None,
    ) -> Answer:
        """The service's answer. Raises Refused."""
        if not self._learned:
            await self._learn()
        body: dict[str, Any] = {"endpoint": endpoint, "name": self.name}
        if record is not None:
            body["rec"] = {**{k: v for k, v in record.items() if v}, "State": "ok"}
        if secret:
            body["secret"] = base64.b64encode(secret).decode()
        if address:
            body["addr"] = address
        return await self._post(body, TIMEOUT_S)

    async def _post(self, body: dict[str, Any], timeout_s: float) -> Answer:
        settings = self._settings
        url = settings.url.rstrip("/") + "/"
        if settings.use_separate_endpoints:
            url += body["endpoint"]
        body.setdefault("name", self.name)
        try:
            async with self._opened().post(
                url,
                data=msgspec.json.encode(body),
                headers={"Content-Type": "application/json"},
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=timeout_s),
            ) as response:
                status, raw = response.status, await _bounded(response)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("rest_failed", extra={"why": type(error).__name__})
            raise Refused(ctrl.UNAVAILABLE) from None  # temporary: clients keep their log-in
        if not 200 <= status < 300 or raw is None:  # noqa: PLR2004 - success in HTTP
            log.warning("rest_answers_badly", extra={"status": status})
            raise Refused(ctrl.INTERNAL)
        return rest_answers.read(raw)

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session


async def _bounded(response: aiohttp.ClientResponse) -> bytes | None:
    """The body of an answer; None: it is too long."""
    raw = b""
    async for chunk in response.content.iter_chunked(65536):
        raw += chunk
        if len(raw) > SIZE_MAX:
            return None
    return raw


def _bare(uid: str) -> str:
    """A user id as services know it, without `usr`."""
    return uid[3:]
