"""{get}: descriptions, lists, history, tags, credentials, auxiliary data.

Source: specification 02, paragraph 8; specification 03, paragraphs 4.1 and 4.2.
"""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import msgspec
from msgspec import Raw

from chinwag.core import describe, ids, listing, ranges
from chinwag.core.describe import Viewer
from chinwag.core.errors import Refused
from chinwag.core.ids import Kind
from chinwag.core.modes import R
from chinwag.core.state import Contact, Member, Message, TopicState
from chinwag.engine import deliver
from chinwag.engine.marks import Unsaved
from chinwag.engine.ops import creds, find, outside
from chinwag.ports import Frames
from chinwag.store import listing as stored
from chinwag.store import messages, users
from chinwag.store.db import Unavailable
from chinwag.wire import ctrl
from chinwag.wire.ctrl import Reply
from chinwag.wire.messages import DelValues, Get, GetOpts, GetQuery, Meta, SubRow

if TYPE_CHECKING:
    from chinwag.engine.request import Request
    from chinwag.engine.topic import Topic

log = logging.getLogger(__name__)

WORDS_MAX: Final = 8
PAGE_MAX: Final = 100  # messages in one answer
_PLAIN: Final = ("desc", "sub", "data", "del", "tags", "cred", "aux")
_AFTER_SUB: Final = ("desc", "sub", "tags", "cred", "aux", "data", "del")
_AUX = msgspec.json.Decoder(dict[str, Raw])


@dataclass(frozen=True, slots=True)
class Question:
    """What an attached session asks, and the names the answers bear."""

    topic: "Topic"
    state: TopicState
    request: "Request"
    query: GetQuery
    name: str  # in `desc`, `sub` and every {ctrl}
    view: str  # in the rest: the name under which the asker knows the topic

    @property
    def member(self) -> Member | None:
        """The asker's live subscription. Raises Unavailable: nobody knows what it is by now."""
        member = describe.live_member(self.state, self.request.uid)
        if member is not None and member.doubted:
            raise Unavailable("nobody knows what the asker may see")
        return member

    def viewer(self, opts: GetOpts | None = None) -> Viewer:
        """The asker, with what is known already."""
        ims_ms = None if opts is None else opts.ims
        return Viewer(self.request.uid, self.request.level, self.member, ims_ms)

    def reply(self, reply: Reply, params: Mapping[str, object] | None = None) -> None:
        """Answer with a {ctrl}."""
        self.request.reply(reply, params, topic=self.name)

    def nothing(self, what: str) -> None:
        """Answer that there is nothing, of deletions under the name the asker should use."""
        name = self.view if what == "del" else self.name
        self.request.reply(ctrl.NO_CONTENT, {"what": what}, topic=name)

    def limit(self, opts: GetOpts) -> int:
        """How many rows to answer with."""
        most = self.topic.services.limits.max_results
        return min(opts.limit, most) if opts.limit > 0 else most


async def run(topic: "Topic", state: TopicState | None, request: "Request") -> None:
    """Serve one {get}."""
    packet = request.packet
    assert isinstance(packet, Get)
    asked = _words(packet)
    if not asked:
        raise Refused(ctrl.MALFORMED)
    if state is None or request.client not in topic.attached:
        await outside.run(topic, state, request, packet, asked)
        return
    if request.sent.startswith("chn") and not state.is_channel:
        raise Refused(ctrl.NOT_FOUND)
    member = describe.live_member(state, request.uid)
    view = ids.view(topic.name, request.uid, member is not None and member.reader)
    question = Question(topic, state, request, packet, request.sent, view)
    await _answer(question, [word for word in _PLAIN if word in asked])


async def sections(
    topic: "Topic", state: TopicState, request: "Request", query: GetQuery, view: str
) -> None:
    """Answer the `get` of a {sub} once the {sub} itself has been answered.

    Source: specification 02, paragraph 5.11.
    """
    asked = _words(query)
    question = Question(topic, state, request, query, view, view)
    await _answer(question, [word for word in _AFTER_SUB if word in asked])


def _words(query: GetQuery) -> frozenset[str]:
    """The known words of a query; the eighth is all that is left, blanks included (QUIRK-19)."""
    return frozenset(query.what.split(" ", WORDS_MAX - 1)).intersection(_PLAIN)


async def _answer(question: Question, words: list[str]) -> None:
    """Answer each of `words`; one that is refused does not stop the next."""
    for word in words:
        question.request.answered = False  # a failing store is owed an answer of its own
        try:
            await _SECTIONS[word](question)
        except Refused as refused:
            question.reply(refused.reply, refused.params)
        except Unavailable:  # what is known is not wrong for that, and the next word may be in it
            log.warning("store_unavailable", extra={"topic": question.topic.name})
            question.reply(ctrl.UNAVAILABLE)


# --- desc and sub ---------------------------------------------------------------------------


async def _desc(question: Question) -> None:
    opts = question.query.desc or GetOpts()
    if opts.user or opts.limit:
        raise Refused(ctrl.MALFORMED)
    topic, request = question.topic, question.request
    peer = None
    if topic.kind is Kind.P2P:
        other = ids.peer_of(topic.name, request.uid)
        peer = await topic.services.db.read(users.get, other)
    query = find.query_text(topic, request.client)
    viewer = question.viewer(opts)
    shown = describe.desc(question.state, topic.kind, viewer, peer=peer, query=query)
    request.meta(Meta(topic=question.name, desc=shown))


async def _sub(question: Question) -> None:
    opts = question.query.sub or GetOpts()
    if opts.since or opts.before:
        raise Refused(ctrl.MALFORMED)
    match question.topic.kind:
        case Kind.ME:
            rows = await _contacts(question, opts)
        case Kind.FND:
            rows = await find.results(question, opts)
        case Kind.SLF | Kind.SYS:
            rows = []
        case _:
            rows = await _members(question, opts)
    if not rows:
        question.nothing("sub")
        return
    question.request.meta(Meta(topic=question.name, sub=rows))


async def _contacts(question: Question, opts: GetOpts) -> list[SubRow]:
    topic, viewer = question.topic, question.viewer(opts)
    name = ""
    if opts.topic:
        name = _contact_name(opts.topic, viewer.uid)
        if not name:
            return []
    unsaved = topic.hub.marks.of_user(viewer.uid)
    found = await topic.services.db.read(
        stored.of_user,
        viewer.uid,
        ims_ms=viewer.ims_ms,
        name=name or None,
        limit=question.limit(opts),
    )
    only = ids.view(name, viewer.uid) if name else ""
    found = [_newest(contact, unsaved.get(contact.name)) for contact in found]
    return listing.contacts(found, viewer, topic.contacts, only=only)


def _newest(contact: Contact, unsaved: Unsaved | None) -> Contact:
    """`contact` with numbers that the store does not know yet."""
    if unsaved is None:
        return contact
    read, recv = max(contact.read, unsaved.read), max(contact.recv, unsaved.recv)
    return contact._replace(read=read, recv=recv)


def _contact_name(sent: str, uid: str) -> str:
    """The name of the subscription behind what the user calls `sent`; empty: there is none."""
    try:
        name = ids.route(sent, uid)
    except Refused:
        return ""
    return sent if sent.startswith("chn") else name


async def _members(question: Question, opts: GetOpts) -> list[SubRow]:
    """A reader sees only the own row (T21)."""
    topic, viewer = question.topic, question.viewer(opts)
    found = await topic.services.db.read(
        stored.of_topic,
        ids.chn_of(topic.name) if viewer.reader else topic.name,
        ims_ms=viewer.ims_ms,
        uid=viewer.uid if viewer.reader else ids.canonical_uid(opts.user),
        limit=question.limit(opts),
    )
    return listing.members(found, topic.kind, viewer, question.state.members)


# --- data and del ---------------------------------------------------------------------------


def _seqs(opts: GetOpts | None) -> GetOpts:
    """Options that speak of numbers only, or Refused."""
    opts = opts or GetOpts()
    if opts.ims is not None or opts.user or opts.topic:
        raise Refused(ctrl.MALFORMED)
    return opts


def _reader(question: Question) -> Member | None:
    """Who asks for history, as the store knows it: what was known before may be true no more.

    Raises Unavailable.
    """
    if not question.topic.loaded:
        raise Unavailable("it is not known who may read")
    return question.member


async def _data(question: Question) -> None:
    opts = _seqs(question.query.data)
    member = _reader(question)
    if member is None or not member.eff & R:
        raise Refused(ctrl.PERMISSION_DENIED)
    found = await _page(question, opts)
    if not found:
        question.nothing("data")
        return
    view, reader = question.view, member.reader
    frames = [deliver.stored_frame(m, view, reader=reader) for m in found]
    if not question.request.client.send_all(Frames(frames)):
        return  # never confirm a page that was not taken (D03)
    question.reply(ctrl.DELIVERED, {"what": "data", "count": len(found)})


async def _page(question: Question, opts: GetOpts) -> list[Message]:
    """The messages asked for, newest first."""
    wanted = None
    if opts.ranges:
        wanted = ranges.wanted(opts.ranges, question.state.seq)
    if wanted == [] or (wanted is None and opts.before == 1):
        return []
    return await question.topic.services.db.read(
        messages.page,
        question.state.name,
        question.request.uid,
        since=0 if wanted else max(opts.since, 0),
        before=0 if wanted else max(opts.before, 0),
        limit=min(opts.limit, PAGE_MAX) if opts.limit > 0 else PAGE_MAX,
        ranges=wanted,
    )


async def _del(question: Question) -> None:
    opts = _seqs(question.query.deletions)
    member = _reader(question)
    if member is None or not member.eff & R or opts.before == 1:
        question.nothing("del")
        return
    found = await question.topic.services.db.read(
        messages.deletions,
        question.state.name,
        question.request.uid,
        since=max(opts.since, 0),
        before=max(opts.before, 0),
        limit=question.limit(opts),
    )
    if not found.ranges:
        question.nothing("del")
        return
    values = DelValues(clear=found.clear, delseq=ranges.to_wire(found.ranges))
    question.request.meta(Meta(topic=question.view, deletions=values))


# --- tags, cred and aux ---------------------------------------------------------------------


async def _tags(question: Question) -> None:
    match question.topic.kind:
        case Kind.ME:
            shown = question.state.tags
        case Kind.FND:
            shown = await find.bearers(question)
        case Kind.GRP:
            if question.request.uid != question.state.owner:
                raise Refused(ctrl.PERMISSION_DENIED)
            shown = question.state.tags
        case _:
            raise Refused(ctrl.NOT_ALLOWED)
    if not shown:
        question.nothing("tags")
        return
    question.request.meta(Meta(topic=question.view, tags=shown))


async def _aux(question: Question) -> None:
    if question.topic.kind not in (Kind.P2P, Kind.GRP, Kind.SLF):
        raise Refused(ctrl.NOT_ALLOWED)
    stored = question.state.aux
    aux = {} if stored is None else _AUX.decode(stored)
    if not aux:
        question.nothing("aux")
        return
    question.request.meta(Meta(topic=question.view, aux=aux))


_SECTIONS: Final[dict[str, Callable[[Question], Awaitable[None]]]] = {
    "desc": _desc,
    "sub": _sub,
    "data": _data,
    "del": _del,
    "tags": _tags,
    "cred": creds.show,
    "aux": _aux,
}
