"""Two people who chat while all this goes on, and whose secrets nobody else may see."""

import asyncio
import json
from typing import Any

from websockets.asyncio.client import ClientConnection

from fuzz.attackers import HI, ask, new_account, session
from fuzz.oracle import VICTIM, Oracle
from fuzz.packets import Pools


class Victims:
    """Vera and Viktor, in a closed group and in a conversation."""

    def __init__(self, port: int, oracle: Oracle) -> None:
        self.port, self.oracle = port, oracle
        self.ws: list[ClientConnection] = []
        self.uids: list[str] = []
        self.group = ""
        self.said: list[str] = []

    async def settle(self, pools: Pools) -> None:
        """Register, make the group, and let attackers know all names."""
        for number, name in enumerate(("vera", "viktor")):
            ws = await session(self.port)
            await ask(ws, HI)
            private = {"private": {"comment": f"{VICTIM}me"}, "public": {"fn": name}}
            login = f"{name}{self.port}x{number}"
            found = await ask(ws, new_account(login, f"{VICTIM}password", desc=private))
            assert found["code"] == 200, found
            self.ws.append(ws)
            self.uids.append(found["params"]["user"])
        closed = {
            "defacs": {"auth": "N", "anon": "N"},
            "public": {"fn": "closed"},
            "private": {"comment": f"{VICTIM}sub"},
        }
        made = await ask(
            self.ws[0], {"sub": {"id": "grp", "topic": "newv", "set": {"desc": closed}}}
        )
        self.group = made["topic"]
        invite = {"id": "inv", "topic": self.group, "sub": {"user": self.uids[1], "mode": "JRWPS"}}
        assert (await ask(self.ws[0], {"set": invite}))["code"] == 200
        for ws, peer in zip(self.ws, reversed(self.uids), strict=True):
            await ask(ws, {"sub": {"id": "g", "topic": self.group}})
            await ask(ws, {"sub": {"id": "p", "topic": peer}})
        for name in (self.group, self.group.replace("grp", "chn"), *self.uids):
            pools.topics.append(name)
        pools.uids += self.uids

    async def chat(self) -> None:
        """Say something every second, in turn and in both places; each word must be accepted."""
        while True:
            number = len(self.said)
            text = f"{VICTIM}{number}"
            peer = self.uids[1 - number % 2]
            for topic in (self.group, peer):
                pub = {"id": f"w{number}{topic}", "topic": topic, "content": text}
                try:
                    answer = await ask(self.ws[number % 2], {"pub": pub})
                except TimeoutError:
                    self.oracle.fault("a victim was not answered within 20 seconds")
                    return
                if answer["code"] != 202:
                    self.oracle.fault(f"a victim was refused: {answer}")
            self.said.append(text)
            await asyncio.sleep(1)

    async def leave(self) -> None:
        """Close the connections."""
        for ws in self.ws:
            await ws.close()

    async def check(self) -> None:
        """Everything that was said is there, in order, and nothing has been changed."""
        unheard = [*self.said, f"{VICTIM}{len(self.said)}"]  # the end came before its answer
        for topic in (self.group, self.uids[1]):
            stored = await self._history(self.ws[0], topic)
            if stored not in (self.said, unheard):
                self.oracle.fault(f"the history of {topic} differs: {stored} is not {self.said}")
        who = await self._meta(self.ws[0], self.group, "sub")
        if sorted(row["user"] for row in who) != sorted(self.uids):
            self.oracle.fault(f"strangers in the closed group: {who}")
        desc = await self._meta(self.ws[0], self.group, "desc")
        if desc["public"] != {"fn": "closed"} or desc["private"] != {"comment": f"{VICTIM}sub"}:
            self.oracle.fault(f"the closed group was changed: {desc}")

    async def _meta(self, ws: ClientConnection, topic: str, what: str) -> Any:
        await ws.send(json.dumps({"get": {"id": f"m{what}", "topic": topic, "what": what}}))
        async with asyncio.timeout(20):
            while True:
                heard = json.loads(await ws.recv())
                if heard.get("meta", {}).get("id") == f"m{what}":
                    return heard["meta"][what]

    async def _history(self, ws: ClientConnection, topic: str) -> list[str]:
        found: dict[int, str] = {}
        before = 0
        while True:
            options = {"limit": 100, **({"before": before} if before else {})}
            get = {"id": f"h{before}", "topic": topic, "what": "data", "data": options}
            await ws.send(json.dumps({"get": get}))
            size = len(found)
            async with asyncio.timeout(20):
                while True:
                    heard = json.loads(await ws.recv())
                    if "data" in heard and heard["data"]["topic"] == topic:
                        found[heard["data"]["seq"]] = heard["data"]["content"]
                    if heard.get("ctrl", {}).get("id") == f"h{before}":
                        break
            before = min(found, default=0)
            if len(found) == size or before <= 1:
                return [found[seq] for seq in sorted(found)]
