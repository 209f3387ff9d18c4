"""Which invitations a bot accepts."""

import logging
from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import NamedTuple

from chinwag.bots.messages import Topic

log = logging.getLogger("chinwag.bots")


class Invitation(NamedTuple):
    """Somebody has added the bot to a group, or begins a conversation with it."""

    topic: Topic
    by: str  # the user id of who it was; empty: it was while the bot was away


Policy = Callable[[Invitation], bool | Awaitable[bool]]


def everybody(_: Invitation) -> bool:
    """Go wherever one is asked."""
    return True


def nobody(_: Invitation) -> bool:
    """Stay where one is."""
    return False


def only(*uids: str) -> Policy:
    """Follow these people; nobody else may even begin a conversation."""
    return lambda invitation: invitation.by in uids


def conversations(invitation: Invitation) -> bool:
    """Talk to everybody, and join no group."""
    return invitation.topic.kind == "p2p"


async def allowed(policy: Policy, invitation: Invitation) -> bool:
    """What `policy` says; one that fails says no."""
    try:
        said = policy(invitation)
        return await said if isawaitable(said) else bool(said)
    except Exception:  # boundary: a bot survives whatever a policy does
        log.exception("bot_policy_failed", extra={"topic": invitation.topic.name})
        return False
