"""Load for what speaks to programs: bots made with the SDK, and gRPC beside bare grpcio.

    load_bots.py --url ws://HOST:PORT --pid PID bots [--bots 200] [--seconds 8]
    load_bots.py --grpc HOST:PORT --pid PID grpc [--seconds 8]

Each prints one JSON object. `bots`: that many bots in one process, each answering in a conversation
of its own, as fast as it is spoken to. `grpc`: a packet that is answered by one packet, over one
stream, many at a time, by the server and by a bare grpcio server that returns the same bytes.
CPU time and memory are those of the process that is measured, from /proc.
"""

import argparse
import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import Any, Final, cast

import grpc
import grpc.aio
from websockets.asyncio.client import ClientConnection, connect

from chinwag.bots import Bot, Message, Options
from chinwag.bots.address import Address
from chinwag.wire.pbx import model_pb2 as pb

WINDOW: Final = 32  # packets under way at once
WARM: Final = 2000  # packets before it is measured
PER_ADDRESS: Final = 60  # accounts from one address: servers bound them
REFUSED: Final = 400
TICK: Final = os.sysconf("SC_CLK_TCK")
Result = dict[str, Any]


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("bots", "grpc", "serve-bots", "serve-echo"))
    parser.add_argument("--url", default="ws://127.0.0.1:6060")
    parser.add_argument("--grpc", default="")
    parser.add_argument("--pid", type=int, default=0)
    parser.add_argument("--bots", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=8.0)
    chosen = parser.parse_args()
    work = {"bots": bots, "grpc": echoes, "serve-bots": serve_bots, "serve-echo": serve_echo}
    asyncio.run(work[chosen.what](chosen))


def cpu_s(pid: int) -> float:
    """CPU time that a process has used."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_kib(pid: int) -> int:
    """The memory of a process, its share of what is shared."""
    with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:"))


@contextmanager
def beside(*words: str) -> Iterator["subprocess.Popen[str]"]:
    """Another process of this program, with `words`."""
    command = [sys.executable, __file__, *words]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


# --- bots -----------------------------------------------------------------------------------


class Person:
    """Somebody who talks to all bots over one connection."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._count = 0

    @classmethod
    async def enter(cls, address: Address, number: int, name: str) -> "tuple[Person, str, str]":
        """Somebody new, with user id and token."""
        host = f"127.0.0.{2 + number // PER_ADDRESS}"
        key = {"X-Tinode-APIKey": address.api_key}
        socket = await connect(
            address.socket,
            additional_headers=key,
            compression=None,
            max_size=None,
            local_addr=(host, 0),
        )
        made = cls(socket)
        await made.ask("hi", ver="0.25")
        login = f"{name}{os.getpid()}n{number}:password"
        secret = base64.b64encode(login.encode()).decode()
        params = (await made.ask("acc", user="new", scheme="basic", secret=secret, login=True))[
            "params"
        ]
        return made, params["user"], params["token"]

    async def ask(self, kind: str, **body: Any) -> Result:
        """The {ctrl} that answers a packet."""
        self._count += 1
        ident = str(self._count)
        await self.say({kind: {"id": ident, **body}})
        while True:
            ctrl: Result = (await self.hear()).get("ctrl", {})
            if ctrl.get("id") == ident:
                assert ctrl["code"] < REFUSED, ctrl
                return ctrl

    async def say(self, packet: Result) -> None:
        """Send a packet."""
        await self._socket.send(json.dumps(packet))

    async def hear(self) -> Result:
        """The next packet."""
        heard: Result = json.loads(await self._socket.recv())
        return heard

    async def close(self) -> None:
        """Go."""
        await self._socket.close()


async def bots(chosen: argparse.Namespace) -> None:
    """Measure bots."""
    address = Address.parse(chosen.url)
    people = [await Person.enter(address, n, "bot") for n in range(chosen.bots)]
    for person, _, _ in people:
        await person.close()
    with beside("serve-bots", "--url", chosen.url) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([token for _, _, token in people]) + "\n")
        process.stdin.flush()
        bare_kib = int(process.stdout.readline())
        assert process.stdout.readline() == "ready\n"
        ann, _, _ = await Person.enter(address, chosen.bots, "ann")
        uids = [uid for _, uid, _ in people]
        result = await talk(ann, uids, chosen.seconds, (process.pid, chosen.pid))
        kib = memory_kib(process.pid) - bare_kib
    result |= {"scenario": "bots", "bots": chosen.bots}
    result["kib_per_bot"] = round(kib / chosen.bots, 1)
    print(json.dumps(result))


async def talk(ann: Person, uids: list[str], seconds: float, pids: tuple[int, int]) -> Result:
    """Talk to all bots, each as soon as it has answered; `pids` are the bots' and the server's."""
    for uid in uids:
        await ann.ask("sub", topic=uid)
        await ann.say({"pub": {"topic": uid, "content": "hello", "noecho": True}})
    await _answers(ann, time.monotonic() + seconds / 4)
    used, begun = [cpu_s(pid) for pid in pids], time.monotonic()
    count = await _answers(ann, begun + seconds)
    wall = time.monotonic() - begun
    sdk, server = [(cpu_s(pid) - was) / count * 1e6 for pid, was in zip(pids, used, strict=True)]
    return {
        "wall_s": round(wall, 2),
        "answers_per_s": round(count / wall),
        "sdk_cpu_us_per_answer": round(sdk, 1),
        "server_cpu_us_per_answer": round(server, 1),
    }


async def _answers(ann: Person, until: float) -> int:
    """How many answers come until then, each followed by another message."""
    count = 0
    while time.monotonic() < until:
        data = (await ann.hear()).get("data")
        if data is not None and data["content"] == "hello to you":
            count += 1
            await ann.say({"pub": {"topic": data["topic"], "content": "hello", "noecho": True}})
    return count


async def serve_bots(chosen: argparse.Namespace) -> None:
    """The bots of the tokens that come on standard input."""
    tokens = json.loads(sys.stdin.readline())
    print(memory_kib(os.getpid()), flush=True)
    made = [_bot(chosen.url, token) for token in tokens]
    serving = [asyncio.ensure_future(bot.serve()) for bot in made]
    for bot in made:
        await bot.ready.wait()
    print("ready", flush=True)
    await asyncio.gather(*serving)


def _bot(url: str, token: str) -> Bot:
    bot = Bot(url, token=token, options=Options(answers_max=None))

    @bot.message()
    async def answer(message: Message) -> None:
        await message.reply("hello to you")

    return bot


# --- gRPC -----------------------------------------------------------------------------------


async def echoes(chosen: argparse.Namespace) -> None:
    """Measure a packet that is answered by one packet, and the same bytes at a bare server."""
    ours = await _echo(chosen.grpc, chosen.pid, chosen.seconds, greet=True)
    with beside("serve-echo") as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        bare = await _echo(address, process.pid, chosen.seconds, greet=False)
    result = {
        "scenario": "grpc",
        "server_cpu_us_per_echo": ours,
        "bare_cpu_us_per_echo": bare,
        "times_bare": round(ours / bare, 2),
    }
    print(json.dumps(result))


async def _echo(address: str, pid: int, seconds: float, *, greet: bool) -> float:
    """CPU time of an echo, in µs."""
    hi = pb.ClientMsg(hi=pb.ClientHi(id="1", ver="0.25", user_agent="load/1.0"))
    again = pb.ClientMsg(leave=pb.ClientLeave(id="2", topic="grpAAAAAAAAAAA"))  # one {ctrl}
    packet = again.SerializeToString()
    room = asyncio.Semaphore(WINDOW)
    until = float("inf")

    async def requests() -> AsyncIterator[bytes]:
        if greet:
            yield hi.SerializeToString()
            secret = f"echo{os.getpid()}:password".encode()
            acc = pb.ClientAcc(id="0", user_id="new", scheme="basic", secret=secret, login=True)
            yield pb.ClientMsg(acc=acc).SerializeToString()
        while time.monotonic() < until:
            await room.acquire()
            yield packet

    async with grpc.aio.insecure_channel(address) as channel:
        call: Any = cast("Any", channel.stream_stream("/pbx.Node/MessageLoop"))(requests())
        count, used = -WARM, 0.0
        async for _ in call:
            count += 1
            room.release()
            if count == 0:
                used, until = cpu_s(pid), time.monotonic() + seconds
    return round((cpu_s(pid) - used) / count * 1e6, 1)


async def serve_echo(_: argparse.Namespace) -> None:
    """A bare server that says what it hears."""

    async def echo(requests: AsyncIterator[bytes], context: Any) -> None:
        async for request in requests:
            await context.write(request)

    server = grpc.aio.server()
    methods: dict[str, Any] = {"MessageLoop": grpc.stream_stream_rpc_method_handler(echo)}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("pbx.Node", methods)])
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print(f"127.0.0.1:{port}", flush=True)
    await server.wait_for_termination()


if __name__ == "__main__":
    main()
