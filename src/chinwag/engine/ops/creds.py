"""Credentials of the own account: listing, adding, confirming and deleting them.

Source: specification 02, paragraphs 8.4, 9.4 and 11.5; specification 04, paragraph 5.1.
"""

from typing import TYPE_CHECKING

from chinwag.core import creds as rules
from chinwag.core.creds import Verdict
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.state import TopicState
from chinwag.engine import credentials, deliver
from chinwag.engine.deliver import Event
from chinwag.wire import ctrl
from chinwag.wire.messages import Credential, CredRow, Del, Meta

if TYPE_CHECKING:
    from chinwag.engine.ops.get import Question
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic


async def show(question: "Question") -> None:
    """Serve {get what="cred"}."""
    topic = question.topic
    if topic.kind is not Kind.ME:
        raise Refused(ctrl.NOT_ALLOWED)
    held = await credentials.held(topic.services, topic.name)
    if not held:
        question.nothing("creds")
        return
    rows = [CredRow(cred.method, cred.value, cred.done) for cred in held]
    question.request.meta(Meta(topic=question.view, cred=rows))


async def change(topic: "Topic", state: TopicState, request: "Request", part: Credential) -> None:
    """Serve {set cred}: of a method that is not in use it succeeds idly (QUIRK)."""
    if topic.kind is not Kind.ME:
        raise Refused(ctrl.NOT_ALLOWED)
    if part.meth not in topic.services.validators:
        request.reply(ctrl.OK)
    elif part.resp:
        await _confirm(topic, state, request, part)
    else:
        await _add(topic, request, part)
        request.reply(ctrl.OK)


async def _add(topic: "Topic", request: "Request", part: Credential) -> None:
    """Send a code to an address; what is none is taken as well (QUIRK)."""
    services, client = topic.services, request.client
    values = {part.meth: part.val}
    try:
        await credentials.attach(
            services, topic.name, values, country=client.country, lang=client.lang
        )
    except Refused as refused:
        if refused.reply is not ctrl.MALFORMED:
            raise
        await credentials.hold(services, topic.name, part.meth, part.val)


async def _confirm(topic: "Topic", state: TopicState, request: "Request", part: Credential) -> None:
    confirmed = await credentials.answer(topic.services, topic.name, part.meth, part.resp)
    if confirmed.verdict is not Verdict.RIGHT:
        raise Refused(rules.REFUSALS[confirmed.verdict])
    request.reply(ctrl.OK)
    _retagged(topic, state, confirmed.tags)


async def remove(topic: "Topic", state: TopicState, request: "Request") -> None:
    """Serve {del what="cred"}; "no action" stands for "no other tags" too, as clients know it.

    Source: specification 01, QUIRK-25; specification 02, transcript T-S37.
    """
    packet = request.packet
    assert isinstance(packet, Del)
    if topic.kind is not Kind.ME:
        raise Refused(ctrl.PERMISSION_DENIED)
    cred = packet.cred or Credential()
    if cred.meth not in rules.METHODS | topic.services.validators.keys() or not cred.val:
        raise Refused(ctrl.MALFORMED)
    tags = await credentials.remove(topic.services, topic.name, request.level, cred.meth, cred.val)
    request.reply(ctrl.NO_ACTION if tags is None else ctrl.OK)
    _retagged(topic, state, tags)


def _retagged(topic: "Topic", state: TopicState, tags: list[str] | None) -> None:
    """All devices of the user learn of other tags, the one that has caused them too."""
    if tags is None:
        return
    state.tags = tags
    deliver.on_topic(topic, Event(what="tags"), single=topic.name)
