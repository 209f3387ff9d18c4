"""{set sub} on real topics and a real store. Source: specification 02, paragraph 7."""

import pytest

from chinwag.core import ids
from chinwag.core.limits import Limits
from chinwag.core.state import Level
from chinwag.store import subs
from stage import ALICE, BOB, CAROL, Actor, Open, Stage, new_group


def acs(want: str, given: str, mode: str) -> dict[str, str]:
    return {"want": want, "given": given, "mode": mode}


async def test_rights_are_granted_stored_and_told(stage: Stage, alice: Actor, bob: Actor) -> None:
    """02 §7.2, T-S06: the reply names the member concerned."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name, "set": {"sub": {"mode": "JRWPASD"}}})
    change = {"topic": name, "sub": {"user": BOB, "mode": "JRWPAS"}}
    after = {"acs": acs("JRWPASD", "JRWPAS", "JRWPAS"), "user": BOB}
    assert await alice.ask(set=change) == (200, after)
    assert await alice.ask(set=change) == (304, None)
    stored = await stage.db.read(subs.get, name, BOB)
    assert stored is not None
    assert (stored.want, stored.given) == (0x7F, 0x3F)


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ({"user": "foo", "mode": "J"}, 400),
        ({"user": CAROL, "mode": "JR"}, 403),
        ({"mode": "+A"}, 400),
        ({"mode": ""}, 304),
        ({"user": BOB}, 304),
        ({"user": BOB, "mode": "JRWPS"}, 304),
    ],
)
async def test_changes_by_a_member_that_come_to_nothing(
    alice: Actor, bob: Actor, part: dict[str, str], code: int
) -> None:
    """02 §7, T-S11: the own id is oneself; who has only S gives nobody a mode."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    assert (await bob.ask(set={"topic": name, "sub": part}))[0] == code


async def test_a_full_group_invites_nobody_not_even_somebody_unknown(open_stage: Open) -> None:
    """02 §7.2, invite table: room comes first."""
    stage = await open_stage(Limits(max_subscriber_count=2))
    alice, nobody = stage.actor(ALICE), ids.uid_text(99)
    name = await new_group(alice)
    assert (await alice.ask(set={"topic": name, "sub": {"user": nobody}}))[0] == 404
    await stage.actor(BOB).say(sub={"topic": name})
    for uid in (CAROL, nobody):
        assert (await alice.ask(set={"topic": name, "sub": {"user": uid}}))[0] == 422


async def test_who_bans_himself_is_out_everywhere_before_he_is_answered(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """02 §5.8 C3, T-S15: every session gets 205, the asking one too, then the answer."""
    name = await new_group(alice)
    other = stage.actor(BOB)
    for session in (bob, other):
        await session.say(sub={"topic": name})
    answer = await bob.say(set={"topic": name, "sub": {"mode": "N"}})
    assert [m["ctrl"]["code"] for m in answer if "ctrl" in m] == [205, 200]
    assert other.heard[-1]["ctrl"]["params"] == {"unsub": False}
    assert not (bob.attached | other.attached)
    code, params = await bob.ask(sub={"topic": name})
    assert (code, params["acs"]["want"]) == (200, "JRWPS")


@pytest.mark.parametrize("mode", ["JRWPASDO", "JRWPS"])
async def test_ownership_is_handed_over_once(
    stage: Stage, alice: Actor, bob: Actor, mode: str
) -> None:
    """T13, 02 §7.4: the first who accepts is the owner, every other offer is void."""
    name = await new_group(alice)
    carol = stage.actor(CAROL)
    for actor, uid in ((bob, BOB), (carol, CAROL)):
        await actor.say(sub={"topic": name})
        await alice.say(set={"topic": name, "sub": {"user": uid, "mode": mode + "O"}})
    assert (await bob.ask(set={"topic": name, "sub": {"mode": "JRWPSO"}}))[0] == 200
    assert (await carol.ask(set={"topic": name, "sub": {"mode": "JRWPSO"}}))[0] == 403
    topic = stage.hub.topics[name]
    assert topic.state is not None
    assert topic.state.owner == BOB
    owners = [m.uid for m in topic.state.members.values() if m.eff & 0x80]
    assert owners == [BOB]


async def test_a_wish_for_ownership_at_joining_is_no_claim(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T13 b: granting O to somebody who had wished for it never makes two owners."""
    name = await new_group(alice)
    _, params = await bob.ask(sub={"topic": name, "set": {"sub": {"mode": "JRWPSO"}}})
    assert params["acs"]["want"] == "JRWPS"
    offer = {"topic": name, "sub": {"user": BOB, "mode": "JRWPSO"}}
    assert (await alice.ask(set=offer))[1]["acs"] == acs("JRWPS", "JRWPSO", "JRWPS")
    assert stage.hub.topics[name].state.owner == ALICE  # type: ignore[union-attr]  # it is loaded


async def test_nobody_else_enters_a_conversation(alice: Actor) -> None:
    """T04: a third person is refused, the peer is not."""
    await alice.say(sub={"topic": BOB})
    assert await alice.ask(set={"topic": BOB, "sub": {"user": CAROL}}) == (403, None)
    assert await alice.ask(set={"topic": BOB, "sub": {"user": BOB}}) == (304, None)


@pytest.mark.parametrize("topic", ["me", "fnd", "slf"])
async def test_nobody_is_invited_into_ones_own_topics(
    stage: Stage, alice: Actor, topic: str
) -> None:
    """T08: nothing is stored and the other one hears nothing."""
    carol = stage.actor(CAROL)
    await carol.say(sub={"topic": "me"})
    carol.news()
    await alice.say(sub={"topic": topic})
    assert await alice.ask(set={"topic": topic, "sub": {"user": CAROL}}) == (403, None)
    assert await stage.db.read(subs.record, ids.route(topic, ALICE), CAROL) is None
    assert carol.news() == []


async def test_a_peer_who_left_is_invited_back_and_sees_the_usual_name(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T07, T06: everything is as before, his own rights too."""
    await alice.say(sub={"topic": BOB})
    await bob.say(sub={"topic": ALICE, "set": {"sub": {"mode": "JRWA"}}})
    await bob.say(leave={"topic": ALICE, "unsub": True})
    again = await alice.ask(set={"topic": BOB, "sub": {"user": BOB}})
    assert again == (200, {"acs": acs("JRWA", "JRWPAD", "JRWA"), "user": BOB})
    assert await bob.ask(sub={"topic": ALICE}) == (200, None)
    bob.heard.clear()
    await alice.say(pub={"topic": BOB, "content": "welcome"})
    assert [m["data"]["topic"] for m in bob.heard if "data" in m] == [ALICE]


async def test_every_change_of_somebody_elses_rights_is_answered(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T27: also when the store fails; nothing has changed then."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    stage.db.moods = ["lost"]
    change = {"topic": name, "sub": {"user": BOB, "mode": "JR"}}
    assert (await alice.ask(set=change))[0] in (500, 503)
    assert (await alice.meta("sub", topic=name))[1]["acs"]["given"] == "JRWPS"


async def test_a_failing_hand_over_is_answered_and_leaves_one_owner(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T27, T13 c: one transaction, done or not done."""
    name = await new_group(alice)
    await bob.say(sub={"topic": name})
    await alice.say(set={"topic": name, "sub": {"user": BOB, "mode": "JRWPSO"}})
    stage.db.moods = ["lost"]
    accept = {"topic": name, "sub": {"mode": "JRWPSO"}}
    assert (await bob.ask(set=accept))[0] in (500, 503)
    assert (await alice.meta("sub", topic=name))[0]["acs"]["mode"] == "JRWPASDO"
    assert (await bob.ask(set=accept))[0] == 200


async def test_a_reader_who_is_invited_stops_being_one(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T22: the reader's subscription is gone, and his session is told so."""
    name = await new_group(alice, topic="nch1")
    await bob.say(sub={"topic": ids.chn_of(name)})
    bob.heard.clear()
    assert (await alice.ask(set={"topic": name, "sub": {"user": BOB}}))[0] == 200
    (evicted,) = [m["ctrl"] for m in bob.heard if "ctrl" in m]
    assert (evicted["code"], evicted["topic"], evicted["params"]) == (
        205,
        ids.chn_of(name),
        {"unsub": True},
    )
    assert await stage.db.read(subs.get, ids.chn_of(name), BOB) is None
    assert (await bob.ask(sub={"topic": ids.chn_of(name)}))[0] == 303
    assert (await bob.ask(sub={"topic": name}))[0] == 200
    assert (await alice.meta("desc", topic=name))["subcnt"] == 2


async def test_who_is_no_reader_any_more_loses_the_contact(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T22: the contact list of the other devices shows the channel once, invited or come alone."""
    for invited in (True, False):
        name = await new_group(alice, topic="nch1")
        await alice.say(set={"topic": name, "desc": {"defacs": {"auth": "JRWPS"}}})
        await bob.say(sub={"topic": ids.chn_of(name)})
        await bob.say(leave={"topic": ids.chn_of(name)})
        phone = stage.actor(BOB)
        await phone.say(sub={"topic": "me"})
        phone.news()
        if invited:
            await alice.say(set={"topic": name, "sub": {"user": BOB}})
        else:
            await bob.say(sub={"topic": name})
        news = [(pres["src"], pres["what"]) for pres in phone.news()]
        assert (ids.chn_of(name), "gone") in news
        assert (name, "acs") in news


async def test_a_reader_mutes_and_only_own_devices_know(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """T21, T22: the change is stored, cut down to what readers may change, and shown to nobody."""
    name = await new_group(alice, topic="nch1")
    phone = stage.actor(BOB)
    await phone.say(sub={"topic": "me"})
    await bob.say(sub={"topic": ids.chn_of(name)})
    alice.news()
    phone.news()
    after = {"acs": acs("JR", "JRP", "JR")}
    muted = await bob.ask(set={"topic": ids.chn_of(name), "sub": {"mode": "RWADO"}})
    assert muted == (200, after)
    assert phone.news() == [
        {"topic": "me", "src": ids.chn_of(name), "what": "acs", "dacs": {"want": "-P"}}
    ]
    assert alice.news() == []
    await bob.say(leave={"topic": ids.chn_of(name)})
    assert (await bob.ask(sub={"topic": ids.chn_of(name)}))[1] == after


async def test_a_reader_who_mutes_is_told_on_other_devices_in_the_channel(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """E24 and E25: a session in the channel is told there, and there only."""
    name = ids.chn_of(await new_group(alice, topic="nch1"))
    tablet = stage.actor(BOB)
    await bob.say(sub={"topic": name})
    for topic in ("me", name):
        await tablet.say(sub={"topic": topic})
    for actor, mode, change in ((bob, "JR", "-P"), (stage.actor(BOB), "JRP", "+P")):
        tablet.news()
        await actor.say(set={"topic": name, "sub": {"mode": mode}})
        assert tablet.news() == [{"topic": name, "what": "acs", "dacs": {"want": change}}]


async def test_root_acts_by_the_rights_of_whom_he_acts_for(stage: Stage, alice: Actor) -> None:
    """01 §5.1: not by those of the user whose name the session was attached in."""
    name = await new_group(alice)
    root = stage.actor(BOB, Level.ROOT)
    attach = root.request(sub={"topic": name})
    attach.uid, attach.level = ALICE, Level.AUTH
    stage.hub.post(attach)
    await stage.quiet()
    invite = {"topic": name, "sub": {"user": CAROL}}
    assert await root.ask(set=invite) == (403, None)
