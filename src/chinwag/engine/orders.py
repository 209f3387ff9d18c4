"""What whoever runs the server may order: tokens of bots and webhooks, by name, in JSON.

The command line gives these orders to a data folder that no server uses, and anybody who proves to
be an administrator gives them to a running server over HTTP.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from chinwag.core import addresses
from chinwag.core.errors import Refused
from chinwag.core.scope import RATE_MAX, Topics
from chinwag.core.scope import topics as topics_of
from chinwag.engine.programs import Programs, is_bot
from chinwag.engine.webhooks import Webhooks
from chinwag.store import belongings, users
from chinwag.store.bots import BotToken
from chinwag.store.hooks_in import HookIn
from chinwag.store.hooks_out import HookOut
from chinwag.wire import codec

if TYPE_CHECKING:
    from chinwag.engine.hub import Hub
    from chinwag.engine.sessions import Sessions

NAME_MAX: Final = 100
Shown = dict[str, object]


class BadOrder(Exception):
    """An order that cannot be carried out; the message says why, in one sentence."""


class _Order(Struct, forbid_unknown_fields=True):
    """What an order needs."""


class _Nothing(_Order):
    pass


class _ById(_Order):
    id: str


class _NewToken(_Order):
    account: str  # a user id or a log-in name
    topics: list[str] = []
    rate: int = 0


class _HookIn(_Order):
    topic: str
    name: str = "Webhook"


class _HookOut(_Order):
    url: str
    topics: list[str] = []


class Orders:
    """Carries orders out."""

    def __init__(
        self, hub: "Hub", sessions: "Sessions | None" = None, *, private_targets: bool = False
    ) -> None:
        self._services = hub.services
        self._programs = Programs(hub.services, sessions)
        self._webhooks = Webhooks(hub)
        self._private = private_targets
        self._known: dict[str, tuple[type[_Order], Callable[[Any], Awaitable[Shown]]]] = {
            "token.new": (_NewToken, self._new_token),
            "token.list": (_Nothing, self._tokens),
            "token.revoke": (_ById, self._revoke_token),
            "hook.in": (_HookIn, self._new_in),
            "hook.out": (_HookOut, self._new_out),
            "hook.list": (_Nothing, self._hooks),
            "hook.revoke": (_ById, self._revoke_hook),
            "hook.resume": (_ById, self._resume_hook),
        }

    async def run(self, name: str, body: bytes) -> Shown:
        """Carry out the order `name`; what is to be told. Raises BadOrder, StoreError."""
        if name not in self._known:
            raise BadOrder(f"There is no order {name}: there are {', '.join(self._known)}.")
        shape, work = self._known[name]
        try:
            order = msgspec.json.decode(body, type=shape)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise BadOrder(f"The order cannot be read: {error}.") from None
        return await work(order)

    # --- tokens of bots --------------------------------------------------------------------

    async def _new_token(self, order: _NewToken) -> Shown:
        if not 0 <= order.rate <= RATE_MAX:
            raise BadOrder(f"A token is good for 1 to {RATE_MAX} messages a minute.")
        topics = _topics(order.topics)
        uid = await self._services.db.read(belongings.find, order.account)
        user = None if uid is None else await self._services.db.read(users.get, uid)
        if user is None or not is_bot(user):
            raise BadOrder(f"There is no bot {order.account}: see `chinwag bot account`.")
        secret, token = await self._programs.new_token(user.uid, topics, order.rate)
        return {**_shown_token(token), "secret": secret}

    async def _tokens(self, _order: _Nothing) -> Shown:
        return {"tokens": [_shown_token(token) for token in await self._programs.tokens()]}

    async def _revoke_token(self, order: _ById) -> Shown:
        if not await self._programs.revoke_token(order.id):
            raise BadOrder(f"There is no token {order.id}: see `chinwag bot tokens`.")
        return {"id": order.id}

    # --- webhooks --------------------------------------------------------------------------

    async def _new_in(self, order: _HookIn) -> Shown:
        name = order.name.strip()
        if not 0 < len(name) <= NAME_MAX:
            raise BadOrder(f"The name of a webhook has 1 to {NAME_MAX} characters.")
        try:
            secret, hook = await self._webhooks.new_incoming(order.topic, name)
        except Refused as refused:
            raise BadOrder(f"{order.topic} takes no webhook: {refused.reply.text}.") from None
        return {**_shown_in(hook), "path": f"v1/hooks/{secret}"}

    async def _new_out(self, order: _HookOut) -> Shown:
        if fault := addresses.target_fault(order.url, private=self._private):
            raise BadOrder(f"The address {order.url} cannot be told: {fault}.")
        secret, hook = await self._webhooks.new_outgoing(order.url, _topics(order.topics))
        return {**_shown_out(hook), "secret": secret}

    async def _hooks(self, _order: _Nothing) -> Shown:
        incoming = [_shown_in(hook) for hook in await self._webhooks.incoming()]
        return {"hooks": incoming + [_shown_out(hook) for hook in await self._webhooks.outgoing()]}

    async def _revoke_hook(self, order: _ById) -> Shown:
        if not await self._webhooks.revoke(order.id):
            raise BadOrder(f"There is no webhook {order.id}: see `chinwag hook list`.")
        return {"id": order.id}

    async def _resume_hook(self, order: _ById) -> Shown:
        if not await self._webhooks.resume(order.id):
            raise BadOrder(f"No program is told by {order.id}: see `chinwag hook list`.")
        return {"id": order.id}


def _topics(words: list[str]) -> Topics:
    try:
        return topics_of(words)
    except ValueError as error:
        raise BadOrder(f"{error}.") from None


def _shown_token(token: BotToken) -> Shown:
    return {
        "id": token.id,
        "account": token.uid,
        "topics": sorted(token.scope.topics.names),
        "rate": token.scope.rate,
        "created": codec.stamp(token.created_ms),
    }


def _shown_in(hook: HookIn) -> Shown:
    return {
        "id": hook.id,
        "kind": "in",
        "topic": hook.topic,
        "name": hook.name,
        "account": hook.uid,
        "created": codec.stamp(hook.created_ms),
    }


def _shown_out(hook: HookOut) -> Shown:
    state = "failing" if hook.why else "ok"
    return {
        "id": hook.id,
        "kind": "out",
        "url": hook.url,
        "topics": sorted(hook.topics.names),
        "created": codec.stamp(hook.created_ms),
        "state": state if hook.stopped_ms is None else "given up",
        "why": hook.why,
        "refused": hook.refused,
    }
