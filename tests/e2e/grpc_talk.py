"""A conversation between the PyPI package `tinode-grpc` and a WebSocket session.

Run by test_grpc.py in a process of its own: the package's descriptors and ours have the same names.
Prints what was heard, one JSON value a line.
"""

import base64
import json
import queue
import sys
import threading
from collections.abc import Iterator
from typing import Any

import grpc
from tinode_grpc import pb, pbx  # type: ignore[import-untyped]
from websockets.sync.client import connect


class Program:
    """A client over gRPC, as bots are."""

    def __init__(self, address: str) -> None:
        self.sent: queue.Queue[Any] = queue.Queue()
        self.heard: queue.Queue[Any] = queue.Queue()
        self.channel = grpc.insecure_channel(address)
        stream = pbx.NodeStub(self.channel).MessageLoop(self._requests())
        threading.Thread(target=self._listen, args=[stream], daemon=True).start()

    def _requests(self) -> Iterator[Any]:
        while (message := self.sent.get()) is not None:
            yield message

    def _listen(self, stream: Any) -> None:
        for message in stream:
            self.heard.put(message)
        self.heard.put(None)

    def say(self, **packet: Any) -> None:
        """Send one packet."""
        self.sent.put(pb.ClientMsg(**packet))

    def wait(self, kind: str, **fields: Any) -> Any:
        """The next message of `kind` with these fields."""
        while True:
            message = self.heard.get(timeout=20)
            assert message is not None, f"the stream has ended before {kind} {fields}"
            found = getattr(message, kind)
            if message.WhichOneof("Message") == kind and all(
                getattr(found, name) == value for name, value in fields.items()
            ):
                return found


class Person:
    """A client over WebSocket, as browsers are."""

    def __init__(self, url: str) -> None:
        self.ws = connect(url)

    def ask(self, packet: dict[str, Any]) -> dict[str, Any]:
        """Send one packet; the {ctrl} that answers it."""
        ident = next(iter(packet.values()))["id"]
        self.ws.send(json.dumps(packet))
        return dict(self.wait(lambda m: m.get("ctrl", {}).get("id") == ident)["ctrl"])

    def wait(self, fits: Any) -> dict[str, Any]:
        """The next message that fits."""
        while True:
            message = json.loads(self.ws.recv(timeout=20))
            if fits(message):
                return dict(message)


def tell(name: str, value: object) -> None:
    """Report something to the test."""
    print(json.dumps([name, value]), flush=True)


def main(address: str, url: str) -> None:
    """Talk."""
    bot, person = Program(address), Person(url)
    bot_uid = register(bot)
    uid = greet(person, bot_uid)
    answer(bot, person, uid, bot_uid)
    be_refused(bot, uid)
    leave(bot, person, uid, bot_uid)


def register(bot: Program) -> str:
    """The bot makes its account; its user id."""
    bot.say(hi=pb.ClientHi(id="101", user_agent="Bot/1.0", ver="0.22.3", lang="EN"))
    secret = b"gbot:gbot123"
    desc = pb.SetDesc(default_acs=pb.DefaultAcsMode(), public=b'{"fn":"Bot"}')
    acc = pb.ClientAcc(
        id="102", user_id="new", scheme="basic", secret=secret, login=True, desc=desc
    )
    bot.say(acc=acc)  # at once, without waiting for the answer to {hi}
    hi = bot.wait("ctrl", id="101")
    tell("hi", {"code": hi.code, "ver": json.loads(hi.params["ver"])})
    made = bot.wait("ctrl", id="102")
    bot_uid = json.loads(made.params["user"])
    tell("acc", made.code)
    bot.say(sub=pb.ClientSub(id="103", topic="me"))
    tell("me", bot.wait("ctrl", id="103").code)
    return str(bot_uid)


def greet(person: Person, bot_uid: str) -> str:
    """A person says hello to the bot; the person's user id."""
    person.ask({"hi": {"id": "1", "ver": "0.25"}})
    login = base64.b64encode(b"zoey:zoe12345").decode()
    new = {"id": "2", "user": "new", "scheme": "basic", "secret": login, "login": True}
    uid = person.ask({"acc": new})["params"]["user"]
    person.ask({"sub": {"id": "3", "topic": "me"}})
    person.ask({"sub": {"id": "4", "topic": bot_uid}})
    person.ask({"pub": {"id": "5", "topic": bot_uid, "content": "Hello"}})
    return str(uid)


def answer(bot: Program, person: Person, uid: str, bot_uid: str) -> None:
    """The bot learns of the message, reads it and answers."""
    news = bot.wait("pres", topic="me", src=uid, what=pb.ServerPres.MSG)
    tell("pres", news.seq_id)
    get = pb.GetQuery(what="data")
    bot.say(sub=pb.ClientSub(id="104", topic=uid, get_query=get), extra=pb.ClientExtra())
    data = bot.wait("data", topic=uid)
    tell("data", [data.from_user_id == uid, data.seq_id, json.loads(data.content)])
    bot.say(note=pb.ClientNote(topic=uid, what=pb.READ, seq_id=1))
    bot.say(
        pub=pb.ClientPub(
            id="105", topic=uid, no_echo=True, head={"auto": b"true"}, content=b'"A quote."'
        )
    )
    accepted = bot.wait("ctrl", id="105")
    tell("pub", [accepted.code, json.loads(accepted.params["seq"])])
    read = person.wait(lambda m: m.get("info", {}).get("what") == "read")["info"]
    tell("read", [read["from"] == bot_uid, read["seq"]])
    said = person.wait(lambda m: "data" in m and m["data"]["seq"] == 2)["data"]
    tell("answer", [said["content"], said["head"]])


def be_refused(bot: Program, uid: str) -> None:
    """What programs do wrong."""
    bot.say(set=pb.ClientSet(id="106", topic="me"))
    tell("empty set", bot.wait("ctrl", id="106").code)
    bot.say(pub=pb.ClientPub(id="107", topic=uid, content=b"{broken"))
    tell("broken", bot.wait("ctrl", id="107").code)
    bot.say(get=pb.ClientGet(id="108", topic="me", query=pb.GetQuery(what="desc sub tags")))
    meta = bot.wait("meta", id="108", topic="me")
    tell("meta", [meta.desc.acs.want, json.loads(meta.desc.public)])
    bot.say(get=pb.ClientGet(id="109", topic="me"), extra=pb.ClientExtra(on_behalf_of=uid))
    tell("obo", bot.wait("ctrl", id="109").code)


def leave(bot: Program, person: Person, uid: str, bot_uid: str) -> None:
    """The bot says goodbye."""
    bot.say(leave=pb.ClientLeave(id="110", topic=uid))
    bot.sent.put(None)  # half-closed: what was asked is still answered
    tell("leave", bot.wait("ctrl", id="110").code)
    while bot.heard.get(timeout=20) is not None:
        pass
    tell("end", True)
    off = person.wait(lambda m: m.get("pres", {}).get("what") == "off")["pres"]
    tell("off", off["src"] == bot_uid)
    person.ws.close()
    bot.channel.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
