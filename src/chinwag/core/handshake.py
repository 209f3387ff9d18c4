"""Which packet is legal when.

Source: specification 01, paragraph 5, steps 8 and 9.
"""

from chinwag.core.errors import Refused
from chinwag.wire import ctrl
from chinwag.wire.messages import Acc, Hi, Login, Packet


def check(packet: Packet, *, greeted: bool, uid: str) -> None:
    """Let `packet` pass or raise Refused.

    `greeted`: the session has said {hi}; `uid`: the acting user, empty before log-in. The caller
    drops a refused {note} silently. A reply to {hi}, {login} and {acc} bears no topic (QUIRK-28).
    """
    if isinstance(packet, Hi):
        return
    if not greeted:
        raise Refused(ctrl.OUT_OF_SEQUENCE)
    if not uid and not isinstance(packet, Acc | Login):
        raise Refused(ctrl.AUTH_REQUIRED)
