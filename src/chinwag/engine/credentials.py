"""Credentials of accounts: asking for a confirmation, taking the answer, what is still lacking.

Source: specification 04, paragraph 5.1; specification 01, paragraphs 6.2 and 6.3.
"""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from chinwag.core import creds as rules
from chinwag.core.accounts import LEVEL_NAMES
from chinwag.core.creds import Cred, Verdict
from chinwag.core.errors import Refused
from chinwag.core.query import Rewrite
from chinwag.core.state import Level
from chinwag.ports import Notice, Undelivered, Validator
from chinwag.store import creds
from chinwag.store.creds import Answer, Confirmed, Pending
from chinwag.wire import ctrl

if TYPE_CHECKING:
    from chinwag.engine.services import Services

log = logging.getLogger(__name__)

HELD_MAX: Final = 128  # characters of what is no address


def required(services: "Services", level: Level) -> list[str]:
    """The methods of which an account of this level must confirm an address."""
    return services.limits.required_creds.get(LEVEL_NAMES[level], [])


async def lacking(services: "Services", uid: str, level: Level) -> list[str]:
    """The required methods of which `uid` has confirmed no address yet."""
    methods = required(services, level)
    return await services.db.read(creds.lacking, uid, methods) if methods else []


def prepare(
    services: "Services", uid: str, values: dict[str, str], country: str
) -> list[tuple[Pending, str]]:
    """What is to be stored for new addresses, by method, and the codes to send. Raises Refused."""
    prepared = []
    for method, value in sorted(values.items()):
        try:
            normal = services.validators[method].normalise(value, country)
        except Refused as refused:
            raise Refused(refused.reply, {"what": method}) from None
        prepared.append(_pending(services, uid, method, normal))
    return prepared


def _pending(services: "Services", uid: str, method: str, value: str) -> tuple[Pending, str]:
    code, digest = services.codes.fresh(_subject(uid, method, value))
    until_ms = services.clock.now_ms() + services.limits.confirm_life_s * 1000
    return Pending(uid, method, value, digest, until_ms), code


async def attach(
    services: "Services", uid: str, values: dict[str, str], *, country: str, lang: str
) -> None:
    """Let new addresses of `uid` wait for their codes, and send the codes. Raises Refused."""
    for pending, code in prepare(services, uid, values, country):
        await _store(services, pending)
        send_code(services, pending, code, lang=lang)


async def hold(services: "Services", uid: str, method: str, value: str) -> None:
    """Let what is no address wait like one, though no code can be sent to it. Raises Refused."""
    value = value.strip()
    if not 0 < len(value) <= HELD_MAX or not value.isprintable():
        raise Refused(ctrl.MALFORMED, {"what": method})
    await _store(services, _pending(services, uid, method, value)[0])


async def _store(services: "Services", pending: Pending) -> None:
    now_ms = services.clock.now_ms()
    services.guard.check_notice(pending.uid, pending.value, now_ms)
    try:
        await services.db.run(creds.request, pending, now_ms)
    except creds.Taken:
        raise Refused(ctrl.DUPLICATE_CREDENTIAL) from None


def send_code(
    services: "Services", pending: Pending, code: str, *, lang: str, token: str = ""
) -> None:
    """Send a code on its way; nobody waits for it."""
    notice = Notice(
        "confirm",
        pending.value,
        code,
        services.limits.confirm_life_s,
        lang=lang,
        token=token,
    )
    post(services, services.validators[pending.method], notice)


def post(services: "Services", validator: Validator, notice: Notice) -> None:
    """Give a notice to its validator, which sees to it that it arrives."""
    services.tasks.spawn(f"post {validator.name}", _deliver(validator, notice))


async def _deliver(validator: Validator, notice: Notice) -> None:
    try:
        await validator.send(notice)
    except Undelivered as why:
        log.warning("notice_undelivered", extra={"method": validator.name, "why": str(why)})


async def answer(services: "Services", uid: str, method: str, response: str) -> Confirmed:
    """What becomes of the code that `uid` gives back."""
    limits = services.limits
    waiting = await services.db.read(creds.waiting, uid, method)
    if waiting is None:
        return Confirmed(Verdict.MISSING)
    always = response == limits.debug_responses.get(method)
    digest = None if always else services.codes.digest(_subject(uid, method, waiting), response)
    return await services.db.run(
        creds.answer,
        Answer(uid, method, digest, limits.failures_max),
        services.clock.now_ms(),
        tagged=method in limits.tagged_methods,
        alias_ns=limits.alias_ns,
    )


async def held(services: "Services", uid: str) -> list[Cred]:
    """The credentials of `uid`."""
    return await services.db.read(creds.of_user, uid)


async def remove(
    services: "Services", uid: str, level: Level, method: str, value: str
) -> list[str] | None:
    """Forget an address; all tags of the account if they have changed. Raises Refused."""
    validator = services.validators.get(method)
    if validator is not None:
        value = _normal(validator, value)
    rules.check_removal(await held(services, uid), method, value, required(services, level))
    found, tags = await services.db.run(
        creds.remove, uid, method, value, alias_ns=services.limits.alias_ns
    )
    if not found:
        raise Refused(ctrl.NO_ACTION)
    return tags


def rewrites(services: "Services", country: str) -> list[Rewrite]:
    """What a search term may stand for as well: an address of a method that makes tags, or a name.

    Source: specification 04, paragraphs 4.5 and 7.2.
    """
    tagged = services.limits.tagged_methods
    found = [_rewrite(v, country) for v in services.validators.values() if v.name in tagged]
    return [*found, *(a.tag_of for a in services.authenticators.values())]


def _rewrite(validator: Validator, country: str) -> Rewrite:
    def rewrite(term: str) -> str | None:
        try:
            return rules.tag(validator.name, validator.normalise(term, country))
        except Refused:
            return None

    return rewrite


def normal_subject(validators: Mapping[str, Validator], subject: str) -> str:
    """The one form of a method:value that somebody gives together with a code.

    The stock web client puts `email:` before what the link in a letter says, method and all: the
    second method is the one that counts.
    """
    method, _, value = subject.partition(":")
    inner, _, rest = value.partition(":")
    if inner in validators:
        method, value = inner, rest
    if method not in validators:
        return subject
    return rules.tag(method, _normal(validators[method], value))


def _normal(validator: Validator, value: str) -> str:
    try:
        return validator.normalise(value, "")
    except Refused:
        return value


def _subject(uid: str, method: str, value: str) -> str:
    return f"{uid}:{method}:{value}"
