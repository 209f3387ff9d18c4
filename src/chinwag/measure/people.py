"""The people of a load: accounts that are made for it, and removed after it."""

import asyncio
import base64
import secrets
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, NamedTuple, TypeVar

from chinwag.measure.client import CannotMeasure, Client, Refusal

AT_ONCE: Final = 32  # connections that are made at the same time
R = TypeVar("R")
Watch = Callable[[int, int], None]


class Person(NamedTuple):
    """An account."""

    uid: str
    token: str


class People:
    """Accounts and connections of one measurement."""

    def __init__(self, socket_url: str, api_key: str, watch: Watch) -> None:
        self._where = socket_url, api_key
        self._watch = watch
        self._made: list[Person] = []
        self._clients: list[Client] = []

    async def register(self) -> Person:
        """A new account. Raises CannotMeasure where the server makes none for everybody."""
        client = await Client.open(*self._where)
        secret = f"bench{secrets.token_hex(8)}:{secrets.token_hex(8)}"
        try:
            answer = await client.ask(
                "acc",
                user="new",
                scheme="basic",
                secret=base64.b64encode(secret.encode()).decode(),
                login=True,
                desc={"public": {"fn": "Load"}},
            )
        except Refusal as refusal:
            raise CannotMeasure(
                f"The server makes no account for the measurement ({refusal}): it has to let "
                "people register, without a confirmed address."
            ) from None
        finally:
            await client.close()
        if not answer.param("token"):
            raise CannotMeasure("The server wants new accounts confirmed: none can be used.")
        person = Person(answer.param("user"), answer.param("token"))
        self._made.append(person)
        return person

    async def connect(self, person: Person) -> Client:
        """A connection on which `person` has logged in; it is closed in the end."""
        client = await Client.open(*self._where)
        self._clients.append(client)
        await client.ask("login", scheme="token", secret=person.token)
        return client

    async def dismiss(self, client: Client) -> None:
        """End one connection."""
        self._clients.remove(client)
        await client.close()

    async def many(self, count: int, make: Callable[[int], Awaitable[R]]) -> list[R]:
        """What `make` makes of each of `count` numbers, some of them at the same time."""
        gate, done, found = asyncio.Semaphore(AT_ONCE), 0, []

        async def one(number: int) -> R:
            nonlocal done
            async with gate:
                made = await make(number)
            done += 1
            self._watch(done, count)
            return made

        for start in range(0, count, AT_ONCE):
            part = range(start, min(start + AT_ONCE, count))
            found += await asyncio.gather(*(one(number) for number in part))
        return found

    async def leave(self) -> int:
        """Close the connections and remove the accounts; how many could not be removed."""
        await asyncio.gather(*(client.close() for client in self._clients))
        self._clients.clear()
        left = sum([not await self._remove(person) for person in self._made])
        self._made.clear()
        return left

    async def _remove(self, person: Person) -> bool:
        try:
            client = await self.connect(person)
            await client.ask("del", what="user", hard=True)
        except (CannotMeasure, Refusal):
            return False
        await self.dismiss(client)
        return True


async def new_group(client: Client) -> str:
    """A new group that everybody may join."""
    desc: dict[str, Any] = {"defacs": {"auth": "JRWPS", "anon": "N"}, "public": {"fn": "Load"}}
    return (await client.ask("sub", topic="new", set={"desc": desc})).topic


async def attach_all(clients: Iterable[Client], topic: str) -> None:
    """Attach clients to a topic."""
    for client in clients:
        await client.ask("sub", topic=topic)
