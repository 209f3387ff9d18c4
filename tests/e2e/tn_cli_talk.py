"""What tn-cli sends, packet by packet, through the PyPI package `tinode-grpc`.

Run by test_tools.py in a process of its own: the package's descriptors and ours have the same
names. Prints what was heard, one JSON value a line.
Source: specification 06, paragraphs 8.3, 8.6, 18.2 and 18.3.
"""

import itertools
import json
import sys
from typing import Any

from tinode_grpc import pb  # type: ignore[import-untyped]

from e2e.grpc_talk import Program, tell

ids = itertools.count(23456)


def ask(cli: Program, kind: str, extra: Any = None, **body: Any) -> Any:
    """The {ctrl} that answers a packet; every packet but {hi} and {login} has `extra`."""
    return _answer(cli, "ctrl", kind, extra, body)


def get(cli: Program, extra: Any, topic: str, what: str) -> Any:
    """The {meta} that answers a {get}."""
    body = {"topic": topic, "query": pb.GetQuery(what=what)}
    return _answer(cli, "meta", "get", extra, body)


def _answer(cli: Program, kind: str, asked: str, extra: Any, body: dict[str, Any]) -> Any:
    ident = str(next(ids))
    more = {} if asked in ("hi", "login") else {"extra": extra or pb.ClientExtra()}
    cli.say(**{asked: {"id": ident, **body}}, **more)
    return cli.wait(kind, id=ident)


def values(ctrl: Any) -> dict[str, Any]:
    """All params: each is JSON, as the tool relies on."""
    return {key: json.loads(value) for key, value in ctrl.params.items()}


def description(**members: Any) -> Any:
    """A description as the tool makes it: with access modes, empty as they may be."""
    return pb.SetDesc(default_acs=pb.DefaultAcsMode(), **members)


def main(address: str, tina: str) -> None:
    """Talk."""
    cli = Program(address)
    start(cli)
    zoe = make_account(cli, tina)
    act_for(cli, zoe)
    administer(cli, zoe)
    cli.sent.put(None)
    while cli.heard.get(timeout=20) is not None:
        pass
    tell("end", True)
    cli.channel.close()


def start(cli: Program) -> None:
    """Greet and log in."""
    agent = "tn-cli/3.0.1 (Linux/6.1); gRPC-python/0.22.3+1.66.0"
    hi = ask(cli, "hi", user_agent=agent, ver="0.22.3", lang="EN", background=True)
    tell("hi", [hi.code, {"ver", "build", "maxMessageSize", "reqCred"} <= set(values(hi))])
    login = ask(cli, "login", scheme="basic", secret=b"xena:xena1234")
    params = values(login)
    tell("login", [login.code, params["authlvl"], bool(params["token"] and params["expires"])])


def make_account(cli: Program, tina: str) -> str:
    """Make Zoe, talk to Tina; Zoe's user id."""
    acc = ask(
        cli,
        "acc",
        user_id="new",
        scheme="basic",
        secret=b"zoe12:zoe12345",
        tags=["zoetag"],
        desc=description(public=b'{"fn":"Zoe"}', trusted=b'{"staff":true}'),
    )
    params = values(acc)
    desc = params["desc"]
    tell("acc", [acc.code, params["authlvl"], desc["public"], desc.get("trusted")])
    query = pb.SetQuery(desc=description(), sub=pb.SetSub())
    sub = ask(cli, "sub", topic=tina, set_query=query)
    tell("sub", [sub.code, "acs" in values(sub)])
    pub = ask(cli, "pub", topic=tina, no_echo=True, content=b'"Hi there"')
    tell("pub", [pub.code, values(pub)["seq"]])
    login = ask(cli, "acc", user_id="new", scheme="basic", secret=b"joe12:joe12345", login=True)
    tell("do-login", login.code)
    return str(params["user"])


def act_for(cli: Program, zoe: str) -> None:
    """`chacs` and `thecard`: on behalf of Zoe."""
    extra = pb.ClientExtra(on_behalf_of=zoe)
    empty = pb.SetQuery(desc=description(), sub=pb.SetSub())
    tell("sub as Zoe", ask(cli, "sub", extra, topic="me", set_query=empty).code)
    modes = pb.SetDesc(default_acs=pb.DefaultAcsMode(anon="JR"))
    query = pb.SetQuery(desc=modes, sub=pb.SetSub())
    tell("set as Zoe", ask(cli, "set", extra, topic="me", query=query).code)
    desc = get(cli, extra, "me", "desc").desc
    tell("get as Zoe", desc.defacs.anon)
    tell("thecard", json.loads(desc.public))
    tell("leave as Zoe", ask(cli, "leave", extra, topic="me").code)


def administer(cli: Program, zoe: str) -> None:
    """`resolve`, `usermod -L`, `-U`, `passwd`, `userdel`; and what is wrong."""
    root = pb.ClientExtra(auth_level=pb.ROOT)
    ask(cli, "sub", topic="fnd")
    find = pb.SetQuery(desc=description(public=b'"zoetag"'), sub=pb.SetSub())
    ask(cli, "set", topic="fnd", query=find)
    tell("resolve", get(cli, None, "fnd", "sub").sub[0].topic == zoe)
    ask(cli, "leave", topic="fnd")
    for name, state in (("lock", "susp"), ("unlock", "ok")):
        made = ask(cli, "acc", root, user_id=zoe, state=state, desc=description())
        tell(name, made.code)
    secret = {"scheme": "basic", "secret": b":secret99"}
    tell("passwd", ask(cli, "acc", root, user_id=zoe, desc=description(), **secret).code)
    gone = ask(cli, "del", root, what=pb.ClientDel.USER, user_id=zoe, hard=True)
    tell("userdel", gone.code)
    tell("empty get", ask(cli, "get", topic="me", query=pb.GetQuery()).code)
    tell("nobody", ask(cli, "sub", pb.ClientExtra(on_behalf_of="zoe"), topic="me").code)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
