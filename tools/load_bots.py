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
import msgspec
import picows
import uvloop

from chinwag.bots import Bot, Message, Options
from chinwag.bots.address import Address
from chinwag.wire.pbx import model_pb2 as pb

WINDOW: Final = 32  # packets under way at once
WARM: Final = 2000  # packets before it is measured
PER_ADDRESS: Final = 60  # accounts from one address: servers bound them
PEOPLE: Final = 8  # who talk to the bots: servers bound what one connection says in a second
REFUSED: Final = 400
ANSWER: Final = "hello to you"
TICK: Final = os.sysconf("SC_CLK_TCK")
Result = dict[str, Any]


class Data(msgspec.Struct):
    """A message."""

    topic: str
    content: Any = None


class Heard(msgspec.Struct):
    """What a server says, as far as it matters here."""

    data: Data | None = None
    ctrl: Result | None = None


_decode: Final = msgspec.json.Decoder(Heard).decode


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
    uvloop.run(work[chosen.what](chosen))


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


class Person(picows.WSListener):
    """Somebody who talks to bots over one connection, at little cost."""

    def __init__(self) -> None:
        self.answers = 0
        self._transport: picows.WSTransport | None = None
        self._waiting: dict[str, asyncio.Future[Result]] = {}
        self._words: dict[str, bytes] = {}  # what is said to each bot, as soon as it has answered
        self._count = 0

    @classmethod
    async def enter(cls, address: Address, number: int, name: str) -> "tuple[Person, str, str]":
        """Somebody new, with user id and token."""
        made = cls()
        await picows.ws_connect(
            lambda: made,
            address.socket,
            extra_headers={"X-Tinode-APIKey": address.api_key},
            local_addr=(f"127.0.0.{2 + number // PER_ADDRESS}", 0),
        )
        await made.ask("hi", ver="0.25")
        login = f"{name}{os.getpid()}n{number}:password"
        secret = base64.b64encode(login.encode()).decode()
        answer = await made.ask("acc", user="new", scheme="basic", secret=secret, login=True)
        return made, answer["params"]["user"], answer["params"]["token"]

    def on_ws_connected(self, transport: picows.WSTransport) -> None:
        """It may speak."""
        self._transport = transport

    def on_ws_frame(self, _: picows.WSTransport, frame: picows.WSFrame) -> None:
        """Take what comes: each answer of a bot is answered at once."""
        if frame.msg_type is not picows.WSMsgType.TEXT:
            return
        heard = _decode(frame.get_payload_as_memoryview())
        if heard.data is not None and heard.data.content == ANSWER:
            self.answers += 1
            self._say(self._words[heard.data.topic])
        elif heard.ctrl is not None and heard.ctrl.get("id") in self._waiting:
            self._waiting.pop(heard.ctrl["id"]).set_result(heard.ctrl)

    async def ask(self, kind: str, **body: Any) -> Result:
        """The {ctrl} that answers a packet."""
        self._count += 1
        ident = str(self._count)
        waiting = self._waiting[ident] = asyncio.get_running_loop().create_future()
        self._say(json.dumps({kind: {"id": ident, **body}}).encode())
        ctrl: Result = await waiting
        assert ctrl["code"] < REFUSED, ctrl
        return ctrl

    async def approach(self, uid: str) -> None:
        """Begin to talk to a bot."""
        await self.ask("sub", topic=uid)
        words = {"pub": {"topic": uid, "content": "hello", "noecho": True}}
        self._words[uid] = json.dumps(words).encode()
        self._say(self._words[uid])

    def _say(self, packet: bytes) -> None:
        assert self._transport is not None
        self._transport.send(picows.WSMsgType.TEXT, packet)

    def close(self) -> None:
        """Go."""
        assert self._transport is not None
        self._transport.disconnect()


async def bots(chosen: argparse.Namespace) -> None:
    """Measure bots."""
    address = Address.parse(chosen.url)
    accounts = [await Person.enter(address, n, "bot") for n in range(chosen.bots)]
    for account, _, _ in accounts:
        account.close()
    with beside("serve-bots", "--url", chosen.url) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps([token for _, _, token in accounts]) + "\n")
        process.stdin.flush()
        bare_kib = int(process.stdout.readline())
        assert process.stdout.readline() == "ready\n"
        people = [(await Person.enter(address, n, "ann"))[0] for n in range(PEOPLE)]
        for number, (_, uid, _) in enumerate(accounts):
            await people[number % PEOPLE].approach(uid)
        pids = {"sdk": process.pid, "server": chosen.pid, "load": os.getpid()}
        result = await count(people, chosen.seconds, pids)
        kib = memory_kib(process.pid) - bare_kib
    result |= {"scenario": "bots", "bots": chosen.bots}
    result["kib_per_bot"] = round(kib / chosen.bots, 1)
    print(json.dumps(result))


async def count(people: list[Person], seconds: float, pids: dict[str, int]) -> Result:
    """How many answers come, and what each costs the processes `pids`."""
    await asyncio.sleep(seconds / 4)
    used, begun = {name: cpu_s(pid) for name, pid in pids.items()}, time.monotonic()
    before = sum(person.answers for person in people)
    await asyncio.sleep(seconds)
    wall, answers = time.monotonic() - begun, sum(person.answers for person in people) - before
    result = {"wall_s": round(wall, 2), "answers_per_s": round(answers / wall)}
    for name, pid in pids.items():
        cpu_us = (cpu_s(pid) - used[name]) / answers * 1e6
        result[f"{name}_cpu_us_per_answer"] = round(cpu_us, 1)
    return result


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
        await message.reply(ANSWER)

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
