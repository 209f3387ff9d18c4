"""What every part of the engine is given: the ports of one running server."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from chinwag.core.limits import Limits
from chinwag.engine.codes import Codes
from chinwag.engine.guard import Guard
from chinwag.engine.hooks import Hooks
from chinwag.engine.tasks import Tasks
from chinwag.engine.tokens import Tokens
from chinwag.ports import Authenticator, Clock, Entropy, PushSink, Validator
from chinwag.ports_webhooks import Teller
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
    codes: Codes
    authenticators: Mapping[str, Authenticator] = field(default_factory=dict)  # by scheme
    validators: Mapping[str, Validator] = field(default_factory=dict)  # by method
    sinks: Mapping[str, PushSink] = field(default_factory=dict)  # what carries pushes, by name
    teller: Teller | None = None  # what tells programs of messages; None: nothing does
    guard: Guard = field(default_factory=Guard)
    hooks: Hooks = field(default_factory=Hooks)
    build: str = "chinwag"  # named in the reply to {hi}

    async def open(self) -> None:
        """Let plugins get ready."""
        for authenticator in self.authenticators.values():
            await authenticator.open()
        await self.hooks.open()

    async def close(self) -> None:
        """Let go of what plugins hold open, then of the database."""
        for authenticator in self.authenticators.values():
            await authenticator.close()
        for validator in self.validators.values():
            await validator.close()
        await self.hooks.close()
        for sink in self.sinks.values():
            await sink.close()
        if self.teller is not None:
            await self.teller.close()
        await self.db.close()
