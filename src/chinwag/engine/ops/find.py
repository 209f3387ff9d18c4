"""`fnd`: what a session looks for, and who is found.

Source: specification 02, paragraphs 12.3 and 12.4; specification 04, paragraph 7.
"""

from typing import TYPE_CHECKING

from chinwag.core import listing, merge, search
from chinwag.core.errors import Refused
from chinwag.core.query import Query
from chinwag.core.state import Level, Member, TopicState
from chinwag.engine import credentials
from chinwag.ports_hooks import HookFailed, SearchRuling, Verdict
from chinwag.store import search as index
from chinwag.store import subs, users
from chinwag.wire import codec, ctrl
from chinwag.wire.messages import GetOpts, SetDesc, SubRow

if TYPE_CHECKING:
    from chinwag.engine.ops.get import Question
    from chinwag.engine.request import Client, Request
    from chinwag.engine.topic import Topic


def query_text(topic: "Topic", client: "Client") -> bytes | None:
    """What the session looks for, as JSON; None: nothing."""
    text = search.text_of(topic.queries.get(client))
    return codec.encode_value(text) if text else None


async def set_query(topic: "Topic", state: TopicState, request: "Request", part: SetDesc) -> None:
    """Serve a {set desc} of `fnd`: the session's own query, and the stored one.

    Whoever does not give a query of the session clears it (QUIRK).
    """
    if merge.present(part.trusted):
        raise Refused(ctrl.PERMISSION_DENIED)
    public, asked = merge.merge(topic.queries.pop(request.client, None), bytes(part.public))
    if asked and public is not None:
        topic.queries[request.client] = public
    stored = await _set_stored(topic, state.members.get(request.uid), part)
    if not asked and not stored:
        raise Refused(ctrl.NOT_MODIFIED)
    request.reply(ctrl.OK)


async def _set_stored(topic: "Topic", member: Member | None, part: SetDesc) -> bool:
    if member is None:
        return False
    private, changed = merge.merge(member.private or None, bytes(part.private))
    if changed:
        services = topic.services
        now_ms = services.clock.now_ms()
        await services.db.run(subs.set_private, topic.name, member.uid, private, now_ms)
        member.private, member.updated_ms = private, now_ms
    return changed


async def results(question: "Question", opts: GetOpts) -> list[SubRow]:
    """Who bears the tags that are looked for."""
    topic, request, member = question.topic, question.request, question.member
    stored = None if member is None else member.private
    rewrites = credentials.rewrites(topic.services, request.client.country)
    own = topic.queries.get(request.client)
    ruling = await _ruling(topic, request, search.text_of(own) or search.text_of(stored))
    match ruling.verdict:
        case Verdict.DROP:
            return []
        case Verdict.RESPOND:
            return ruling.found
        case Verdict.REPLACE:
            own, stored = codec.encode_value(ruling.query), None
    asked = search.decide(own, stored, rewrites)
    if asked is None:
        return []
    await _check_masked(topic, request, asked)
    limits = topic.services.limits
    found = await topic.services.db.read(
        index.find,
        asked.required,
        asked.optional,
        uid=request.uid,
        any_state=request.level is Level.ROOT,
        alias_ns=limits.alias_ns,
        limit=limits.max_results,
    )
    return listing.found(found, question.viewer(opts), limits)


async def _check_masked(topic: "Topic", request: "Request", asked: Query) -> None:
    """Let nobody learn who bears a masked tag but those who bear it too. Raises Refused."""
    limits = topic.services.limits
    if limits.masked_ns:
        searcher = await topic.services.db.read(users.get, request.uid)
        search.check_masked(asked, searcher.tags if searcher else (), limits)


async def _ruling(topic: "Topic", request: "Request", query: str) -> SearchRuling:
    """What plug-ins say to a search, if it is not one too many. Raises Refused.

    Source: specification 06, paragraph 6.4.
    """
    if query:
        topic.services.guard.check_search(request.uid, request.at_ms)
    try:
        return await topic.services.hooks.find(request.uid, query)
    except HookFailed:
        raise Refused(ctrl.INTERNAL) from None


async def bearers(question: "Question") -> list[str]:
    """Who bears the one full tag that the session looks for."""
    topic, request = question.topic, question.request
    own = topic.queries.get(request.client)
    ruling = await _ruling(topic, request, search.text_of(own))
    match ruling.verdict:
        case Verdict.DROP:
            return []
        case Verdict.RESPOND:
            return [row.topic for row in ruling.found[:1]]
        case Verdict.REPLACE:
            own = codec.encode_value(ruling.query)
    tag = search.full_tag(own)
    if tag is None:
        return []
    await _check_masked(topic, request, Query([[tag]]))
    bearer = await topic.services.db.read(index.bearer, tag)
    return [] if bearer is None else [bearer]
