"""{get} as clients see it. Source: specification 02, paragraph 8; specification 03, paragraph 4."""

import pytest

from chinwag.ports import Frame
from stage import ALICE, BOB, Actor, Stage, new_group


async def test_sections_come_in_their_order_and_a_refused_one_stops_nothing(alice: Actor) -> None:
    """Specification 02, paragraph 8, with golden a-me-get-words."""
    await alice.say(sub={"topic": "me"})
    answer = await alice.say(get={"topic": "me", "what": "aux del cred tags data sub desc"})
    codes = [m["ctrl"]["code"] if "ctrl" in m else min(m["meta"]) for m in answer]
    assert codes == ["desc", 204, 403, 204, "tags", 204, 405]


async def test_after_a_sub_they_come_in_another_order(alice: Actor) -> None:
    answer = await alice.say(sub={"topic": "new1", "get": {"what": "data del sub desc tags"}})
    said = [m.get("ctrl", {}).get("params", {}).get("what") or min(m) for m in answer]
    assert said == ["ctrl", "meta", "meta", "tags", "data", "del"]
    assert all(next(iter(m.values()))["topic"].startswith("grp") for m in answer)


async def test_wrong_options_and_no_known_word_are_malformed(alice: Actor) -> None:
    """Golden a-me-get-words, steps 6 to 13."""
    await alice.say(sub={"topic": "me"})
    for get in (
        {"what": "desc,tags"},
        {},
        {"what": "desc", "desc": {"user": ALICE}},
        {"what": "desc", "desc": {"limit": 1}},
        {"what": "sub", "sub": {"since": 2}},
        {"what": "data", "data": {"ims": "2030-01-01T00:00:00Z"}},
        {"what": "del", "del": {"topic": "me"}},
    ):
        assert await alice.ask(get={"topic": "me", **get}) == (400, None)


async def test_history_comes_newest_first_and_is_counted(alice: Actor) -> None:
    """Specification 03, paragraph 4.1, with golden b-history-pages."""
    name = await new_group(alice)
    for n in range(1, 6):
        await alice.say(pub={"id": "1", "topic": name, "noecho": True, "content": f"m{n}"})

    async def seqs(**opts: object) -> list[int]:
        answer = await alice.say(get={"topic": name, "what": "data", "data": opts})
        last = answer[-1]["ctrl"]
        assert last["params"].get("count", 0) == len(answer) - 1
        return [m["data"]["seq"] for m in answer[:-1]]

    assert await seqs() == [5, 4, 3, 2, 1]
    assert await seqs(before=5, limit=2) == [4, 3]
    assert await seqs(since=4) == [5, 4]
    assert await seqs(before=1) == []
    assert await seqs(ranges=[{"low": 1, "hi": 3}, {"low": 5}], since=9) == [5, 2, 1]
    assert await seqs(ranges=[{"low": 30, "hi": 40}]) == []


async def test_a_page_that_does_not_get_through_is_not_confirmed(
    alice: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DEFECT D03: it was lost and called delivered."""
    name = await new_group(alice)
    for n in range(3):
        await alice.say(pub={"topic": name, "noecho": True, "content": n})
    sent: list[bytes] = []

    def full_at_the_second(frame: Frame) -> bool:
        sent.append(frame.body[:7])
        return len(sent) < 2

    monkeypatch.setattr(alice, "send", full_at_the_second)
    await alice.say(get={"topic": name, "what": "data"})
    assert sent == [b'{"data"'] * 2


async def test_who_may_not_read_gets_no_history(alice: Actor, bob: Actor) -> None:
    name = await new_group(alice, desc={"defacs": {"auth": "JWP"}})
    await bob.say(sub={"topic": name})
    answer = await bob.say(get={"topic": name, "what": "data del"})
    assert [m["ctrl"]["code"] for m in answer] == [403, 204]


async def test_a_conversation_shows_the_peer_as_he_is_now(
    stage: Stage, alice: Actor, bob: Actor
) -> None:
    """DEFECT T30."""
    await alice.say(sub={"topic": BOB})
    await bob.say(sub={"topic": "me"})
    await bob.say(set={"topic": "me", "desc": {"public": {"fn": "Robert"}}})
    shown = await alice.meta("desc", topic=BOB)
    assert shown["public"] == {"fn": "Robert"}
    assert "defacs" not in shown
    old = {"ims": shown["updated"]}
    assert "public" not in await alice.meta("desc", topic=BOB, desc=old)


async def test_the_contact_list_names_who_is_online(alice: Actor, bob: Actor) -> None:
    """Specification 02, paragraph 8.2."""
    await alice.say(sub={"topic": "me"})
    await bob.say(sub={"topic": "me"})
    await alice.say(sub={"topic": BOB})
    rows = await alice.meta("sub", topic="me")
    assert [(r["topic"], r.get("online"), r["public"]) for r in rows] == [
        (BOB, True, {"fn": "Bob"})
    ]
    late = {"ims": "2120-01-01T00:00:00Z"}
    assert await alice.meta("sub", topic="me", sub=late) == [
        {"topic": BOB, "online": True, "acs": {}}
    ]
    assert await alice.ask(get={"topic": "me", "what": "sub", "sub": {"topic": "grpX"}}) == (
        204,
        {"what": "sub"},
    )


async def test_a_reader_sees_only_himself_and_no_author(alice: Actor, bob: Actor) -> None:
    """DEFECT T21, also where the reader says `grp`."""
    name = await new_group(alice, topic="nch1")
    chn = "chn" + name[3:]
    await alice.say(pub={"id": "1", "topic": name, "content": "news"})
    await bob.say(sub={"topic": chn})
    for spelling in (chn, name):
        rows = await bob.meta("sub", topic=spelling)
        assert [r["user"] for r in rows] == [BOB]
        data = (await bob.say(get={"topic": spelling, "what": "data"}))[0]["data"]
        assert data["topic"] == chn
        assert "from" not in data
    shown = await bob.meta("desc", topic=chn)
    assert (shown["subcnt"], shown["acs"]["mode"]) == (2, "JRP")


async def test_a_plain_group_has_no_reader_name(alice: Actor) -> None:
    name = await new_group(alice)
    answer = await alice.say(get={"topic": "chn" + name[3:], "what": "desc tags"})
    assert [m["ctrl"]["text"] for m in answer] == ["not found"]
