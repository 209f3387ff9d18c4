"""Faults to plant: each must be found by simulation within a bounded number of seeds.

Some are faults that the server has had.
"""

from collections import deque
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from chinwag.core import ids, modes, notes, notify, publish, repeats, unread
from chinwag.core.state import Draft, Member, Message, TopicState
from chinwag.engine import deliver, ops, removal
from chinwag.engine import topic as topics
from chinwag.engine.courier import Courier
from chinwag.engine.feeds import Feed
from chinwag.engine.marks import Unsaved
from chinwag.engine.ops import attach, call, leave, post, pub, push, reload, subscription
from chinwag.engine.pushes import Pushes
from chinwag.engine.session import Session
from chinwag.engine.sessions import Sessions
from chinwag.engine.tokens import Tokens
from chinwag.engine.topic import Topic
from chinwag.ports import Carried, Frame
from chinwag.ports_webhooks import Fate, Told
from chinwag.store import messages, pushes, quick, subs
from chinwag.store.db import Unavailable
from chinwag.store.pushes import Job
from chinwag.wire import codec, ctrl
from sim.faults import Patch, fault, where
from sim.plan import Plan


def nothing(*_args: Any, **_kwargs: Any) -> None:
    """Do nothing."""


async def nothing_later(*_args: Any, **_kwargs: Any) -> None:
    """Do nothing, and wait for nothing."""


def no(*_args: Any, **_kwargs: Any) -> bool:
    """Disagree."""
    return False


def yes(*_args: Any, **_kwargs: Any) -> bool:
    """Agree."""
    return True


def _crashes(plan: Plan) -> bool:
    return any(how == "crash" for _, how in plan.ends)


# --- the store --------------------------------------------------------------------------------


@fault
def a_message_is_accepted_before_it_is_stored(patch: Patch) -> None:
    real = post.store

    async def store(topic: Topic, drafts: list[Draft]) -> None:
        async def later() -> None:
            try:
                await real(topic, drafts)
            except Unavailable:
                return

        topic.services.tasks.spawn("later", later())

    patch.setattr(post, "store", store)


@fault
@where(lambda plan: plan.phones and _crashes(plan) and plan.store.delay_s + plan.store.stall > 0.01)
def a_crash_keeps_messages_from_phones(patch: Patch) -> None:
    patch.setattr(push, "_see_to", nothing)


@fault
@where(lambda plan: plan.phones and plan.push_fails > 0)
def a_push_that_fails_is_dropped(patch: Patch) -> None:
    real = Courier._landed

    def landed(self: Courier, job: Job, _carried: Carried) -> None:
        real(self, job, Carried())

    patch.setattr(Courier, "_landed", landed)


@fault
@where(lambda plan: plan.phones and plan.store.refused + plan.store.conflict > 0)
def alerts_are_lost_when_the_store_is_away(patch: Patch) -> None:
    async def write(self: Pushes) -> None:
        assert self._ready is not None
        (jobs, newest), self._ready = self._ready, None
        await self._services.db.run(pushes.put, jobs, newest)
        self.courier.wake()

    patch.setattr(Pushes, "_write", write)


@fault
def what_a_program_has_not_taken_is_passed_over(patch: Patch) -> None:
    real = Feed._tell

    async def tell(self: Feed, topic: str, message: Message) -> Told:
        await real(self, topic, message)
        return Told(Fate.TOLD)

    patch.setattr(Feed, "_tell", tell)


@fault
def phones_know_conversations_by_inner_names(patch: Patch) -> None:
    patch.setattr(notify, "_by_view", lambda name, people: (notify.Audience(name, people),))


@fault
def what_is_deleted_stays_unread(patch: Patch) -> None:
    patch.setattr(unread, "count", lambda read, seq, _deleted: max(0, seq - read))


@fault
def a_commit_without_an_answer_is_believed_in(patch: Patch) -> None:
    async def store(topic: Topic, drafts: list[Draft]) -> None:
        try:
            await topic.services.db.run(messages.append, drafts)
        except Unavailable:
            return

    patch.setattr(post, "store", store)


@fault
def a_commit_without_an_answer_is_simply_repeated(patch: Patch) -> None:
    """Messages with an id are known when they come again (D01), the others are not."""

    async def store(topic: Topic, drafts: list[Draft]) -> None:
        try:
            await topic.services.db.run(messages.append, drafts)
        except Unavailable:
            await topic.services.db.run(messages.append, drafts)

    patch.setattr(post, "store", store)


@fault
def nothing_is_forgotten_when_the_store_does_not_answer(patch: Patch) -> None:
    patch.setattr(Topic, "forget_state", nothing)


@fault
def the_number_of_the_newest_message_stays_as_it_is(patch: Patch) -> None:
    real = publish.apply

    def apply(state: TopicState, draft: Draft) -> None:
        real(state, draft)
        state.seq -= draft.seq == 3

    patch.setattr(publish, "apply", apply)


@fault
def a_message_that_comes_again_is_a_new_one(patch: Patch) -> None:
    patch.setattr(repeats, "digest", nothing)


@fault
def a_name_does_not_make_messages_the_same(patch: Patch) -> None:
    patch.setattr(repeats, "is_once", no)


@fault
def names_are_forgotten_by_a_restart(patch: Patch) -> None:
    """Found where nothing else is known of what was said lately."""
    patch.setattr(messages, "_name", nothing)


@fault
@where(lambda plan: not plan.limits.resend_window_s and plan.bounds.batch > 1)
def names_are_not_known_within_a_commit(patch: Patch) -> None:
    """Two copies that were committed together were refused both."""

    def note(draft: Draft, recent: Any, _named: Any) -> None:
        if draft.digest is not None:
            recent.note(draft.digest, repeats.Known(draft.seq, draft.ts_ms))

    patch.setattr(pub, "_note", note)


@fault
@where(
    lambda plan: plan.burst > 1 and plan.store.refused > 0.05 and plan.limits.resend_window_s > 0
)
def the_same_words_are_said_anew_though_nothing_was_heard(patch: Patch) -> None:
    def is_anew(said: Any, digest: int | None, *_rest: object) -> bool:
        return said is not None and said.digest == digest

    patch.setattr(repeats, "is_anew", is_anew)


@fault
def marks_go_back_in_memory(patch: Patch) -> None:
    def mark(member: Member, note: Any) -> notes.Mark:
        read = note.seq if note.what == "read" else member.read
        return notes.Mark(member.uid, read, note.seq)

    patch.setattr(notes, "mark", mark)


@fault
def marks_go_back_everywhere(patch: Patch) -> None:
    marks_go_back_in_memory(patch)
    keys = subs._S.c.topic == sa.bindparam("t"), subs._S.c.uid == sa.bindparam("u")
    change = sa.update(subs._S).where(*keys)
    change = change.values(seq_read=sa.bindparam("r"), seq_recv=sa.bindparam("v"))
    patch.setattr(subs, "_MARK", change)
    patch.setattr(subs, "_MARK_SINCE", change)
    patch.setattr(Unsaved, "newer", lambda self, _other: self)


@fault
def new_rights_are_stored_but_not_known(patch: Patch) -> None:
    real = subscription.store_own

    async def store_own(topic: Topic, state: TopicState, change: Any, **options: Any) -> None:
        before = state.members[change.member.uid]
        await real(topic, state, change, **options)
        state.members[change.member.uid] = before

    patch.setattr(subscription, "store_own", store_own)


@fault
@where(lambda plan: plan.store.unsure > 0)
def what_was_stored_unseen_is_never_told(patch: Patch) -> None:
    async def missed(*_args: Any) -> list[Draft]:
        return []

    patch.setattr(ops, "missed", missed)


@fault
def who_has_left_unseen_stays(patch: Patch) -> None:
    patch.setattr(reload, "_may_stay", yes)


@fault
def history_shows_what_was_deleted(patch: Patch) -> None:
    rows = messages._M.c
    page = sa.select(rows.seq, rows.sender, rows.ts_ms, rows.head, rows.content)
    page = page.where(rows.topic == sa.bindparam("t"), rows.erased == 0).order_by(rows.seq.desc())
    page = page.where(rows.seq >= sa.bindparam("since"), rows.seq < sa.bindparam("before"))
    page = page.limit(sa.bindparam("l"))
    patch.setattr(messages, "_BETWEEN", quick.Quick(page))


# --- who hears what ---------------------------------------------------------------------------


@fault
def everybody_reads(patch: Patch) -> None:
    patch.setattr(deliver, "may_read", yes)


@fault
def muted_people_hear_presence(patch: Patch) -> None:
    patch.setattr(deliver, "_hears", yes)


@fault
def readers_of_a_channel_see_who_wrote(patch: Patch) -> None:
    real = deliver.data_frame

    def data_frame(message: Any, view: str, *, reader: bool) -> Frame:
        frame = real(message, view, reader=reader)
        sender = b'"from":"' + message.sender.encode() + b'",'
        return Frame(frame.body.replace(b'"seq"', sender + b'"seq"', 1)) if reader else frame

    patch.setattr(deliver, "data_frame", data_frame)
    patch.setattr(deliver, "_kept", deliver._made)  # other worlds shall not see it


@fault
def pages_show_what_another_message_said(patch: Patch) -> None:
    made, kept = deliver._made, dict[object, Frame]()
    patch.setattr(deliver, "_kept", lambda m, *by: kept.setdefault((by[0], m.seq), made(m, *by)))


@fault
def whoever_wants_no_echo_gets_one(patch: Patch) -> None:
    real = post.volley

    def volley(topic: Topic, state: TopicState, shots: Sequence[Any]) -> deliver.Volley:
        return real(topic, state, [(draft, None) for draft, _skip in shots])

    patch.setattr(post, "volley", volley)


@fault
def who_is_elsewhere_learns_of_no_message(patch: Patch) -> None:
    patch.setattr(post, "tell", nothing)


@fault
def banned_people_stay_where_they_are(patch: Patch) -> None:
    patch.setattr(attach, "evict", nothing)


@fault
def conversations_bear_their_internal_names(patch: Patch) -> None:
    real = ids.view

    def view(name: str, uid: str, reader: bool = False) -> str:
        return name if name.startswith("p2p") else real(name, uid, reader)

    patch.setattr(ids, "view", view)


# --- answers ----------------------------------------------------------------------------------


@fault
def refusals_are_not_told(patch: Patch) -> None:
    patch.setattr(Topic, "_answer", staticmethod(nothing))


@fault
def messages_are_accepted_twice(patch: Patch) -> None:
    real = pub._answer

    def answer(topic: Topic, request: Any, draft: Draft) -> None:
        if request.id and draft.seq == 2:
            request.reply(ctrl.ACCEPTED, {"seq": draft.seq})
        real(topic, request, draft)

    patch.setattr(pub, "_answer", answer)


@fault
def the_newest_message_is_served_first(patch: Patch) -> None:
    real = Topic._more_pubs

    def more(topic: Topic) -> Sequence[Any]:
        batch = real(topic)
        if len(batch) > 1:
            batch[0], batch[-1] = batch[-1], batch[0]
        return batch

    patch.setattr(Topic, "_more_pubs", more)


# --- queues, coming and going -----------------------------------------------------------------


@fault
def mailboxes_have_no_bound(patch: Patch) -> None:
    real = Topic.post

    def post_anything(topic: Topic, item: Any) -> bool:
        bound, topics.MAILBOX_MAX = topics.MAILBOX_MAX, 1 << 20  # type: ignore[misc]
        try:
            return real(topic, item)
        finally:
            topics.MAILBOX_MAX = bound  # type: ignore[misc]

    patch.setattr(Topic, "post", post_anything)


@fault
def clients_are_read_on_while_they_log_in(patch: Patch) -> None:
    patch.setattr(Session, "_wait", _keep)


def _keep(session: Session, message: bytes) -> None:
    if session._waiting is None:
        session._waiting = deque()
    session._waiting.append(message)


@fault
def who_has_to_rest_rests_for_ever(patch: Patch) -> None:
    patch.setattr(Session, "_rested", nothing)


@fault
def topics_never_go_to_sleep(patch: Patch) -> None:
    patch.setattr(Topic, "_settle", nothing)


@fault
def lost_clients_stay_attached(patch: Patch) -> None:
    patch.setattr(ops, "lost", nothing_later)


@fault
def a_silent_store_keeps_lost_clients(patch: Patch) -> None:
    async def lost(topic: Topic, client: Any) -> None:
        await leave.lost(topic, await topic.ensure(), client)

    patch.setattr(Topic, "_lost", lost)


@fault
@where(lambda plan: bool(plan.limits.ice_servers))
def calls_outlive_the_server(patch: Patch) -> None:
    patch.setattr(call, "settle", nothing_later)


@fault
@where(lambda plan: plan.channel)
def a_member_cannot_be_told_from_a_reader(patch: Patch) -> None:
    """An invited reader was forgotten together with the attachment as a reader."""
    real = attach._remove

    def remove(topic: Topic, client: Any) -> tuple[str, bool]:
        attachment = topic.attached[client]
        outcome = real(topic, client)
        if attachment.reader and topic.state is not None:
            topic.state.members.pop(attachment.uid, None)
        return outcome

    patch.setattr(attach, "_remove", remove)


@fault
def everybody_may_write(patch: Patch) -> None:
    """Found only where what is stored is held against what the author might do."""
    patch.setattr(modes, "W", modes.R)


# --- accounts ---------------------------------------------------------------------------------


@fault
def nobody_is_thrown_out(patch: Patch) -> None:
    patch.setattr(Sessions, "evict", nothing)


@fault
@where(lambda plan: plan.office and plan.store.delay_s + plan.store.stall >= 0.01)
def who_logs_in_meanwhile_is_let_in(patch: Patch) -> None:
    """Found where somebody is thrown out while the store takes its time with a log-in."""
    patch.setattr(Sessions, "evicted_since", lambda *_args: False)


@fault
def suspension_ends_no_tokens(patch: Patch) -> None:
    patch.setattr(Tokens, "void", lambda *_args, **_options: {"secret_changed_s": 0})


@fault
def topics_of_suspended_people_go_on(patch: Patch) -> None:
    patch.setattr(removal, "_load_again", nothing)


@fault
def nobody_is_told_that_an_account_is_gone(patch: Patch) -> None:
    patch.setattr(removal, "_tell", nothing)


@fault
@where(lambda plan: plan.office and plan.store.stall > 0 and plan.store.delay_s > 0.001)
def people_join_what_has_ended_with_its_owner(patch: Patch) -> None:
    patch.setattr(subs, "_stands", yes)


@fault
def a_deletion_without_an_answer_is_taken_for_none(patch: Patch) -> None:
    async def settled(*_args: Any) -> Any:
        raise Unavailable("nobody asks")

    patch.setattr(removal, "_settled", settled)


@fault
def what_root_writes_for_others_is_not_signed(patch: Patch) -> None:
    real = publish._head
    patch.setattr(publish, "_head", lambda head, sender, _by: real(head, sender, sender))


@fault
def anybody_may_sign_as_root(patch: Patch) -> None:
    def head(sent: dict[str, Any] | None, _sender: str, _by: str) -> bytes | None:
        return codec.encode_value(sent) if sent else None

    patch.setattr(publish, "_head", head)


@fault
def the_own_rooms_of_who_is_gone_stay(patch: Patch) -> None:
    """Root is there in the name of the deleted user."""
    patch.setattr(removal, "_own_rooms", lambda _uid: ())
