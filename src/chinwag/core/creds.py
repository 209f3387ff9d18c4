"""Credentials: addresses at which people confirm that they are reached.

Source: specification 01, paragraph 11.3; specification 02, paragraph 11.5; specification 04, 5.1.
"""

from collections.abc import Collection, Iterable, Sequence
from enum import Enum
from typing import Final, NamedTuple

from chinwag.core.errors import Refused
from chinwag.wire import ctrl
from chinwag.wire.messages import Credential

# Known even where they are not in use: a reset or a deletion may name them.
METHODS: Final = frozenset({"email", "tel"})


class Cred(NamedTuple):
    """One credential of an account."""

    method: str
    value: str
    done: bool  # confirmed


class Verdict(Enum):
    """What became of an answer to a code."""

    RIGHT = "right"
    WRONG = "wrong"
    LOCKED = "locked"  # too many wrong ones
    MISSING = "missing"  # nothing waits for an answer
    TAKEN = "taken"  # somebody else has confirmed the address meanwhile


REFUSALS: Final = {
    Verdict.WRONG: ctrl.INVALID_RESPONSE,
    Verdict.LOCKED: ctrl.POLICY,
    Verdict.MISSING: ctrl.NOT_FOUND,
    Verdict.TAKEN: ctrl.DUPLICATE_CREDENTIAL,
}


def wanted(sent: Sequence[Credential] | None, methods: Collection[str]) -> dict[str, str]:
    """The values to attach, by method.

    Unknown methods and empty values are dropped; of several with one method the last one counts.
    """
    return {c.meth: c.val for c in sent or () if c.meth in methods and c.val}


def answers(sent: Sequence[Credential] | None, methods: Iterable[str]) -> dict[str, str]:
    """The codes that came back, by method, for those of `methods` that are waited for."""
    found = {c.meth: c.resp for c in sent or () if c.resp}
    return {method: found[method] for method in methods if method in found}


def check_new(
    sent: Sequence[Credential] | None, values: Collection[str], required: list[str]
) -> None:
    """Let an account be made with credentials of these methods. Raises Refused.

    Methods are compared, not counted (D-36, DEFECT-21); nobody can have a code yet.
    """
    lacking = [method for method in required if method not in values]
    if lacking:
        raise Refused(ctrl.POLICY, {"creds": lacking})
    if any(c.resp for c in sent or () if c.meth in values):
        raise Refused(ctrl.AUTH_FAILED)


def check_removal(held: Iterable[Cred], method: str, value: str, required: list[str]) -> None:
    """Let a credential go, unless it is the last confirmed one of a required method."""
    if method not in required:
        return
    confirmed = [cred.value for cred in held if cred.method == method and cred.done]
    if confirmed == [value]:
        raise Refused(ctrl.POLICY)


def tag(method: str, value: str) -> str:
    """The tag by which the owner of a confirmed address is found."""
    return f"{method}:{value}"
