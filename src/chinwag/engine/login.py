"""{login}: who is it, and may they come in.

Source: specification 01, paragraphs 6.3 and 6.4; specification 04, paragraph 3.4.
"""

from typing import TYPE_CHECKING

from chinwag.core import creds
from chinwag.core.creds import Verdict
from chinwag.core.errors import Refused
from chinwag.core.state import User
from chinwag.engine import admit, credentials, enrol, proof, removal, reset
from chinwag.ports import Identity
from chinwag.wire import ctrl
from chinwag.wire.messages import Login

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.session import Session


async def login(session: "Session", request: "Request") -> None:
    """Serve one {login}."""
    packet = request.packet
    assert isinstance(packet, Login)
    if packet.scheme == "reset":
        reset.ask(session, packet.secret)
        request.reply(ctrl.AUTH_RESET)
        return
    services = session.services
    if session.uid:
        raise Refused(ctrl.ALREADY_AUTHENTICATED)
    scheme = proof.scheme_of(services, packet.scheme)
    if scheme is None:  # also one that this server does not use (DEFECT-36)
        raise Refused(ctrl.UNKNOWN_SCHEME)
    moment = session.sessions.moment
    identity = await proof.identify(services, scheme, packet.secret, session.peer.remote_addr)
    if identity.newcomer is None:
        user = await proof.account_of(services, identity)
    else:
        user = proof.in_good_standing(await enrol.first_login(session, identity))
    lacking = await _lacking(session, user, identity, packet)
    reply, params = await admit.let_in(session, user, identity, lacking, moment)
    if identity.newcomer is None and identity.settle is not None:
        await identity.settle(user.uid)
    request.reply(reply, params)


async def _lacking(session: "Session", user: User, identity: Identity, packet: Login) -> list[str]:
    """The credentials `user` still has to confirm, once the codes that came along are examined.

    Source: specification 01, paragraph 6.3, L7.
    """
    if identity.validated:
        return []
    lacking = await credentials.lacking(session.services, user.uid, identity.level)
    for method, code in creds.answers(packet.cred, lacking).items():
        confirmed = await credentials.answer(session.services, user.uid, method, code)
        match confirmed.verdict:
            case Verdict.RIGHT:
                lacking.remove(method)
                if confirmed.tags is not None:
                    user.tags = confirmed.tags
                    removal.tags_changed(session.hub, user.uid, confirmed.tags)
            case Verdict.WRONG | Verdict.TAKEN:
                pass  # still lacking
            case refused:
                raise Refused(creds.REFUSALS[refused])
    return lacking
