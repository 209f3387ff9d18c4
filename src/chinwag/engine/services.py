"""What every part of the engine is given: the ports of one running server."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chinwag.core.limits import Limits
from chinwag.engine.guard import Guard
from chinwag.engine.tasks import Tasks
from chinwag.engine.tokens import Tokens
from chinwag.ports import Authenticator, Clock, Entropy
from chinwag.store.db import Db


@dataclass(frozen=True, slots=True)
class Services:
    """The ports and limits of one running server."""

    db: Db
    clock: Clock
    entropy: Entropy
    tasks: Tasks
    limits: Limits
    tokens: Tokens
    authenticators: Mapping[str, Authenticator] = field(default_factory=dict)  # by scheme
    guard: Guard = field(default_factory=Guard)
    build: str = "chinwag"  # named in the reply to {hi}
