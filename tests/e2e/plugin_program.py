"""A plug-in made with the PyPI package `tinode-grpc`; prints what it hears, a JSON value a line.

Run by test_plugins.py in a process of its own: the package's descriptors and ours have the same
names. It softens bad words, drops secrets, refuses shouting, and answers searches for `robot`.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from tinode_grpc import pb, pbx  # type: ignore[import-untyped]


def heard(*what: object) -> None:
    """Print what was heard."""
    print(json.dumps(what), flush=True)


class Plugin(pbx.PluginServicer):  # type: ignore[misc]
    """What the server calls."""

    def FireHose(self, request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Judge a packet."""
        pub = request.msg.pub
        text = json.loads(pub.content or b"null")
        heard("fire", request.msg.WhichOneof("Message"), text, request.sess.user_id != "")
        if text == "slow":
            time.sleep(3)
        if text == "secret":
            return pb.ServerResp(status=pb.DROP)
        if text == "LOUD":
            ctrl = pb.ServerCtrl(id=pub.id, topic=pub.topic, code=403, text="language!")
            return pb.ServerResp(status=pb.RESPOND, srvmsg=pb.ServerMsg(ctrl=ctrl))
        if text == "badword":
            other = pb.ClientPub(id=pub.id, topic=pub.topic, content=b'"***"')
            return pb.ServerResp(status=pb.REPLACE, clmsg=pb.ClientMsg(pub=other))
        return pb.ServerResp(status=pb.CONTINUE)

    def Find(self, request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Answer a search."""
        heard("find", request.query)
        if request.query != "robot":
            return pb.SearchFound(status=pb.CONTINUE)
        found = pb.TopicSub(user_id="usrAAAAAAAAAAA", public=b'{"fn":"Robot"}')
        return pb.SearchFound(status=pb.RESPOND, result=[found])

    def Account(self, event: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Hear of an account."""
        heard("account", event.action, json.loads(event.public or b"null"), list(event.tags))
        return pb.Unused()

    def Message(self, event: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's name
        """Hear of a message."""
        heard("message", event.msg.seq_id, json.loads(event.msg.content))
        return pb.Unused()


server = grpc.server(ThreadPoolExecutor(8))
pbx.add_PluginServicer_to_server(Plugin(), server)
assert server.add_insecure_port(sys.argv[1])
server.start()
heard("ready")
server.wait_for_termination()
