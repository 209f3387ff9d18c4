"""Routers: which handler is for what happens.

Handlers are tried in the order in which they were written; the first whose filters all let an
event pass serves it. Handlers get what they name.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from chinwag.bots import events, filters
from chinwag.bots.errors import CannotRun
from chinwag.bots.events import Event
from chinwag.bots.filters import Filter
from chinwag.bots.forms import Form

Handler = Callable[..., Awaitable[object]]
H = TypeVar("H", bound=Callable[..., Awaitable[object]])
Next = Callable[[Event], Awaitable[object]]
Middleware = Callable[[Next, Event], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Route:
    """A handler, and what it is for."""

    kind: str
    handler: Handler
    filters: tuple[Filter, ...]
    wants: frozenset[str]

    def find(self, event: Event) -> Mapping[str, Any] | None:
        """What the filters find for the handler; None: the event is not for it."""
        if event.kind != self.kind:
            return None
        found: dict[str, Any] = {}
        for one in self.filters:
            more = one.find(event)
            if more is None:
                return None
            found |= more
        return found

    async def serve(self, event: Event) -> object:
        """Call the handler with what it names. Raises CannotRun where nobody provides that."""
        words = event.words()
        if missing := sorted(self.wants - words.keys()):
            raise CannotRun(
                f"The handler {self.handler.__name__} wants {', '.join(missing)}, which neither a "
                f"filter nor a middleware provides. There are {', '.join(sorted(words))}."
            )
        return await self.handler(**{name: words[name] for name in self.wants})


def checked(handler: Handler) -> Handler:
    """`handler`, if it can be one. Raises CannotRun."""
    if not inspect.iscoroutinefunction(handler):
        raise CannotRun(f"The handler {handler.__name__} must be an `async def`.")
    return handler


def wants_of(handler: Handler) -> frozenset[str]:
    """The parameters that `handler` must be given."""
    given = inspect.signature(handler).parameters.values()
    return frozenset(p.name for p in given if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY))


class Router:
    """A collection of handlers; routers can be included in others."""

    def __init__(self) -> None:
        self._parts: list[Route | Router] = []
        self._middlewares: list[Middleware] = []

    def on(self, kind: str, *conditions: Filter) -> Callable[[H], H]:
        """Have what happens of this `kind` served by the function below."""

        def register(handler: H) -> H:
            self._parts.append(Route(kind, checked(handler), conditions, wants_of(handler)))
            return handler

        return register

    def message(self, *conditions: Filter) -> Callable[[H], H]:
        """Serve messages that pass all `conditions`."""
        return self.on(events.MESSAGE, *conditions)

    def command(self, *names: str) -> Callable[[H], H]:
        """Serve `/name`; the handler may ask for `args`."""
        return self.on(events.MESSAGE, filters.command(*names))

    def edited(self, *conditions: Filter) -> Callable[[H], H]:
        """Serve new versions of earlier messages."""
        return self.on(events.EDITED, *conditions)

    def joined(self, handler: H) -> H:
        """Serve people who join a group: `sender` is who."""
        return self.on(events.JOINED)(handler)

    def left(self, handler: H) -> H:
        """Serve people who leave a group: `sender` is who."""
        return self.on(events.LEFT)(handler)

    def invited(self, handler: H) -> H:
        """Serve invitations that were accepted: `topic` is where to, `sender` by whom."""
        return self.on(events.INVITED)(handler)

    def form(self, form: Form[Any] | str, *conditions: Filter) -> Callable[[H], H]:
        """Serve buttons of `form`: handlers get the `answer`, and `form_seq`, the message it is in.

        A name alone stands for a form whose answers are texts.
        """
        known = Form(form, str) if isinstance(form, str) else form
        return self.on(events.FORM, filters.answers(known), *conditions)

    def middleware(self, middleware: Middleware) -> Middleware:
        """Run `middleware(next, event)` around everything this router serves."""
        self._middlewares.append(middleware)
        return middleware

    def include(self, *routers: "Router") -> None:
        """Serve what these routers serve, if nothing before does."""
        self._parts.extend(routers)

    def route(self, event: Event) -> "Plan | None":
        """Who serves `event`, and through which middlewares; None: nobody does."""
        for part in self._parts:
            if isinstance(part, Router):
                plan = part.route(event)
                if plan is not None:
                    return Plan(plan.route, plan.found, (*self._middlewares, *plan.middlewares))
            elif (found := part.find(event)) is not None:
                return Plan(part, found, tuple(self._middlewares))
        return None


@dataclass(frozen=True, slots=True)
class Plan:
    """How an event is served."""

    route: Route
    found: Mapping[str, Any]
    middlewares: Sequence[Middleware]

    async def run(self, event: Event) -> object:
        """Serve the event."""
        event.found |= self.found
        serve: Next = self.route.serve
        for middleware in reversed(self.middlewares):
            serve = _around(middleware, serve)
        return await serve(event)


def _around(middleware: Middleware, inner: Next) -> Next:
    async def serve(event: Event) -> object:
        return await middleware(inner, event)

    return serve
