"""Plug-ins over gRPC, against a real service. Source: specification 06, paragraph 6."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import grpc
import grpc.aio
import pytest

from chinwag.config_hooks import Filters, Plugin
from chinwag.core.state import Level, Member, Message, TopicState, User
from chinwag.plugins.hook_grpc import GrpcHook
from chinwag.ports_hooks import (
    AccountEvent,
    Action,
    Asked,
    Event,
    HookFailed,
    MessageEvent,
    SubscriptionEvent,
    TopicEvent,
    Verdict,
)
from chinwag.wire import codec
from chinwag.wire.messages import Hi, Note, Pub
from chinwag.wire.pbx import model_pb2 as pb

ALL = Filters(fire_hose="", find=True, account="", topic="", subscription="", message="")
NOW_MS = 1_767_600_000_123
REQUESTS: dict[str, Any] = {
    "FireHose": pb.ClientReq,
    "Find": pb.SearchQuery,
    "Account": pb.AccountEvent,
    "Topic": pb.TopicEvent,
    "Subscription": pb.SubscriptionEvent,
    "Message": pb.MessageEvent,
}


class Program:
    """A plug-in: a gRPC service that remembers what it hears."""

    def __init__(self, target: str) -> None:
        self.target = target
        self.heard: list[tuple[str, Any]] = []
        self.answer: Any = pb.Unused()
        self.gate = asyncio.Event()
        self.gate.set()
        self.server = self._make()

    def _make(self) -> grpc.aio.Server:
        methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            name: grpc.unary_unary_rpc_method_handler(
                self._hear(name),
                request_deserializer=kind.FromString,
                response_serializer=lambda answer: answer.SerializeToString(),
            )
            for name, kind in REQUESTS.items()
        }
        server = grpc.aio.server()
        server.add_generic_rpc_handlers(
            [grpc.method_handlers_generic_handler("pbx.Plugin", methods)]
        )
        server.add_insecure_port(self.target)
        return server

    def _hear(self, name: str) -> Any:
        async def hear(message: Any, _context: Any) -> Any:
            self.heard.append((name, message))
            await self.gate.wait()
            return self.answer

        return hear


def plugin(target: str, timeout_ms: int = 5000, filters: Filters = ALL) -> GrpcHook:
    """The plug-in at `target`."""
    network, _, path = target.partition(":")
    settings = Plugin(
        service_addr=f"{network}://{path}", timeout_ms=timeout_ms, filters=filters, failure_code=503
    )
    return GrpcHook("censor", settings, lambda: NOW_MS)


@pytest.fixture
async def program(tmp_path: Path) -> AsyncIterator[Program]:
    """A plug-in that runs."""
    program = Program(f"unix:{tmp_path}/plugin.sock")
    await program.server.start()
    yield program
    await program.server.stop(0)


@pytest.fixture
async def hook(program: Program) -> AsyncIterator[GrpcHook]:
    """The way to it."""
    hook = plugin(program.target)
    await hook.open()
    yield hook
    await hook.close()


def asked(packet: str) -> Asked:
    """A packet of Alice."""
    decoded = codec.decode(packet.encode())
    return Asked(decoded, "s1", "usrA", Level.AUTH, "192.0.2.1", "ua", "dev", "en")


PUB = '{"pub":{"id":"7","topic":"grpX","content":"badword"}}'


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (pb.ServerResp(), Verdict.CONTINUE),
        (pb.ServerResp(status=pb.DROP), Verdict.DROP),
        (pb.ServerResp(status=pb.RESPOND), Verdict.RESPOND),
        (pb.ServerResp(status=17), Verdict.RESPOND),  # type: ignore[arg-type]
        (pb.ServerResp(status=pb.REPLACE), Verdict.REPLACE),
    ],
)
async def test_verdicts(
    program: Program, hook: GrpcHook, answer: pb.ServerResp, verdict: Verdict
) -> None:
    """06 §6.3; what is unknown is an answer."""
    program.answer = answer
    assert (await hook.judge(asked(PUB))).verdict is verdict
    ((method, heard),) = program.heard
    assert method == "FireHose"
    assert (heard.msg.pub.id, heard.msg.pub.content) == ("7", b'"badword"')
    assert (heard.sess.session_id, heard.sess.user_id) == ("s1", "usrA")
    assert heard.sess.auth_level == pb.AUTH
    assert (heard.sess.user_agent, heard.sess.device_id, heard.sess.language) == ("ua", "dev", "en")


async def test_an_answer_in_place_of_the_servers(program: Program, hook: GrpcHook) -> None:
    said = pb.ServerMsg(ctrl=pb.ServerCtrl(id="7", topic="grpX", code=403, text="language!"))
    program.answer = pb.ServerResp(status=pb.RESPOND, srvmsg=said)
    ruling = await hook.judge(asked(PUB))
    assert ruling.frame is not None
    ctrl = json.loads(ruling.frame.body)["ctrl"]
    assert (ctrl["code"], ctrl["text"], ctrl["ts"]) == (
        403,
        "language!",
        "2026-01-05T08:00:00.123Z",
    )


async def test_another_packet_in_its_place(program: Program, hook: GrpcHook) -> None:
    pub = pb.ClientPub(id="7", topic="grpX", content=b'"***"')
    program.answer = pb.ServerResp(status=pb.REPLACE, clmsg=pb.ClientMsg(pub=pub))
    ruling = await hook.judge(asked(PUB))
    assert ruling.decoded is not None
    assert isinstance(ruling.decoded.packet, Pub)
    assert bytes(ruling.decoded.packet.content) == b'"***"'
    program.answer = pb.ServerResp(
        status=pb.REPLACE, clmsg=pb.ClientMsg(pub=pb.ClientPub(content=b"{"))
    )
    assert (await hook.judge(asked(PUB))).decoded is None


async def test_what_has_no_words_in_protobuf_is_not_asked(program: Program, hook: GrpcHook) -> None:
    ruling = await hook.judge(asked('{"note":{"topic":"grpX","what":"kpv"}}'))
    assert ruling.verdict is Verdict.CONTINUE
    assert program.heard == []


async def test_a_plugin_that_hangs_or_is_not_there(program: Program, tmp_path: Path) -> None:
    program.gate.clear()
    slow, absent = plugin(program.target, timeout_ms=20), plugin(f"unix:{tmp_path}/nothing")
    for hook, why in ((slow, "DEADLINE_EXCEEDED"), (absent, "UNAVAILABLE")):
        await hook.open()
        with pytest.raises(HookFailed, match=f"FireHose: {why}"):
            await hook.judge(asked(PUB))
        await hook.close()


async def test_a_plugin_that_comes_later_is_found(tmp_path: Path) -> None:
    target = f"unix:{tmp_path}/later.sock"
    hook = plugin(target)
    await hook.open()
    with pytest.raises(HookFailed):
        await hook.judge(asked(PUB))
    program = Program(target)
    program.answer = pb.ServerResp(status=pb.DROP)
    await program.server.start()
    assert hook._channel is not None
    async with asyncio.timeout(60):
        await hook._channel.channel_ready()
    assert (await hook.judge(asked(PUB))).verdict is Verdict.DROP
    await hook.close()
    await program.server.stop(0)


async def test_nonsense_is_a_failure(program: Program, hook: GrpcHook) -> None:
    broken = pb.ServerMsg(data=pb.ServerData(content=b"{"))
    program.answer = pb.ServerResp(status=pb.RESPOND, srvmsg=broken)
    with pytest.raises(HookFailed, match="no JSON"):
        await hook.judge(asked(PUB))
    pres = pb.ServerMsg(pres=pb.ServerPres(what=99))  # type: ignore[arg-type]
    program.answer = pb.ServerResp(status=pb.RESPOND, srvmsg=pres)
    with pytest.raises(HookFailed, match="99"):
        await hook.judge(asked(PUB))
    program.answer = pb.SearchFound(status=pb.RESPOND, result=[pb.TopicSub(public=b"x")])
    with pytest.raises(HookFailed, match="Find"):
        await hook.find("usrA", "bob")


async def test_searches(program: Program, hook: GrpcHook) -> None:
    """06 §6.4; DEFECT 06-14: a result without a time."""
    program.answer = pb.SearchFound(status=pb.CONTINUE)
    assert (await hook.find("usrA", "bob")).verdict is Verdict.CONTINUE
    program.answer = pb.SearchFound(status=pb.DROP)
    assert (await hook.find("usrA", "bob")).verdict is Verdict.DROP
    program.answer = pb.SearchFound(status=pb.REPLACE, query="robert")
    assert (await hook.find("usrA", "bob")).query == "robert"
    program.answer = pb.SearchFound(status=pb.RESPOND, result=[pb.TopicSub(user_id="usrB")])
    assert [row.user for row in (await hook.find("usrA", "bob")).found] == ["usrB"]
    assert program.heard[0][1] == pb.SearchQuery(user_id="usrA", query="bob")


MEMBER = Member("usrB", want=0b111, given=0b11, read=3, recv=4, clear=5, private=b'"p"')
EVENTS: list[tuple[Event, str, Any]] = [
    (
        AccountEvent(Action.CREATE, User("usrA", 1, 1, auth=0b111, public=b"{}", tags=["basic:a"])),
        "Account",
        pb.AccountEvent(
            action=pb.CREATE,
            user_id="usrA",
            default_acs=pb.DefaultAcsMode(auth="JRW", anon="N"),
            public=b"{}",
            tags=["basic:a"],
        ),
    ),
    (
        TopicEvent(Action.UPDATE, "grpX", TopicState("grpX", 1, 2, 3, seq=7, clear=1, public=b"1")),
        "Topic",
        pb.TopicEvent(
            action=pb.UPDATE,
            name="grpX",
            desc=pb.TopicDesc(
                created_at=1,
                updated_at=2,
                defacs=pb.DefaultAcsMode(auth="N", anon="N"),
                seq_id=7,
                del_id=1,
                public=b"1",
            ),
        ),
    ),
    (
        TopicEvent(Action.DELETE, "grpX"),
        "Topic",
        pb.TopicEvent(action=pb.DELETE, name="grpX"),
    ),
    (
        SubscriptionEvent(Action.UPDATE, "grpX", MEMBER, want_changed=False),
        "Subscription",
        pb.SubscriptionEvent(
            action=pb.UPDATE,
            topic="grpX",
            user_id="B",
            del_id=5,
            read_id=3,
            recv_id=4,
            mode=pb.AccessMode(given="JR"),
            private=b'"p"',
        ),
    ),
    (
        MessageEvent("grpX", Message(9, "usrA", 5, b'{"mime":"m"}', b'"x"')),
        "Message",
        pb.MessageEvent(
            action=pb.CREATE,
            msg=pb.ServerData(
                topic="grpX",
                from_user_id="usrA",
                timestamp=5,
                seq_id=9,
                head={"mime": b'"m"'},
                content=b'"x"',
            ),
        ),
    ),
]


@pytest.mark.parametrize(("event", "method", "message"), EVENTS)
async def test_events(
    program: Program, hook: GrpcHook, event: Event, method: str, message: Any
) -> None:
    """06 §6.5; the bare id of a subscription's user is a QUIRK."""
    assert hook.wants(event)
    await hook.tell(event)
    assert program.heard == [(method, message)]


async def test_only_what_the_filters_let_through(tmp_path: Path) -> None:
    hook = plugin("unix:nowhere", filters=Filters(fire_hose="pub;grp", account="D"))
    assert hook.watches(Pub(topic="grpX"))
    assert not hook.watches(Pub(topic="usrX"))
    assert not hook.watches(Note(topic="grpX"))
    assert not hook.wants(EVENTS[0][0])
    assert hook.wants(AccountEvent(Action.DELETE, User("usrA", 1, 1)))
    assert not hook.wants(EVENTS[-1][0])
    assert not hook.finds
    assert hook.failure == (503, "")
    assert plugin("unix:nowhere").watches(Hi())
    assert GrpcHook("x", Plugin(service_addr="tcp://h:1"), lambda: 0).failure is None
