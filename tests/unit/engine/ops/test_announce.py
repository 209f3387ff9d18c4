"""Who hears of changed subscriptions. Source: specification 03, paragraphs 7.5 and 13."""

from cast import A, B, Cast, E, pres, same
from chinwag.engine.topic import IDLE_S

NOBODY = {"want": "N", "given": "N"}
FULL = {"want": "JRWPS", "given": "JRWPS"}


async def test_an_invitation(cast: Cast) -> None:
    """S26: E22, E25 and E30."""
    await cast.group("a1 a3 b2 c1 d1 e2")
    group = cast.topic
    heard = await cast.say("a1", set={"topic": group, "sub": {"user": E}})
    told = pres(group, "acs", src=E, act=A, dacs=FULL)
    acs = {"want": "JRWPS", "given": "JRWPS", "mode": "JRWPS"}
    same(
        heard,
        {
            "a1": [(200, {"acs": acs, "user": E})],
            "a3": [told],
            "c1": [told],
            "e2": [pres("me", "acs", src=group, act=A, dacs=FULL), pres("me", "on", src=group)],
        },
    )


async def test_somebody_joins_an_open_group(cast: Cast) -> None:
    """S27: E22, E23 (which reaches everybody, QUIRK), E25, E26, E30 and E13."""
    await cast.group("a1 a2 b1 b2 c1 c2 d1 d2")
    group = cast.topic
    await cast.enter("e2 e4")
    await cast["e4"].say(sub={"topic": "me"})
    cast.heard()
    heard = await cast.say("e4", sub={"topic": group})
    acs = {"want": "JRWPS", "given": "JRWPS", "mode": "JRWPS"}
    on_topic = pres(group, "acs", src=E, dacs=FULL)
    on_me = pres("me", "acs", src=group, tgt=E, act=E, dacs=FULL)
    on = pres(group, "on", src=E)
    own = pres("me", "acs", src=group, dacs=FULL)
    awake = pres("me", "on", src=group)
    same(
        heard,
        {
            **{name: [on_topic, on] for name in ("a1", "b1", "c1")},
            "d1": [on],
            **{name: [on_me] for name in ("a2", "b2", "c2", "d2")},
            "e2": [own, own, awake],
            "e4": [(200, {"acs": acs}), awake],
        },
    )


async def test_a_member_mutes_the_group_and_listens_again(cast: Cast) -> None:
    """S28: E22, E24, E25, E29 and E30."""
    await cast.group("a1 b1 b2 b3 c1 d1 d2")
    group = cast.topic
    for mode, change, presence in (("JRWS", "-P", "off"), ("JRWPS", "+P", "on")):
        heard = await cast.cause("b1", set={"topic": group, "sub": {"mode": mode}})
        dacs = {"want": change}
        others = [pres(group, "acs", src=B, dacs=dacs)]
        group_is = pres("me", presence, src=group)
        same(
            heard,
            {
                "a1": others,
                "c1": others,
                "b1": [group_is],
                "b2": [group_is, pres("me", "acs", src=group, dacs=dacs)],
                "b3": [pres(group, "acs", dacs=dacs)],
            },
        )


async def test_a_party_hides_from_the_other_one(cast: Cast) -> None:
    """S29: E22 to E25 and E29; DEFECT D16: the way back restores presence at once."""
    await cast.pair("a1 a2 a3 b1 b2")
    for mode, change, presence in (("JRWAD", "-P", "off"), ("JRWPAD", "+P", "on")):
        heard = await cast.cause("a1", set={"topic": B, "sub": {"user": B, "mode": mode}})
        dacs = {"given": change}
        own = pres("me", "acs", src=A, act=A, dacs=dacs)
        asks = [pres("me", "acs", src=B, tgt=B, dacs=dacs)] if change == "-P" else []
        a_is = pres("me", presence, src=A)
        same(
            heard,
            {
                "a3": [pres(B, "acs", src=B, act=A, dacs=dacs)],
                "b1": [pres(A, "acs", dacs=dacs), a_is],
                "b2": [own, a_is],
                **({"a2": asks} if asks else {}),
            },
        )


async def test_an_admin_removes_a_member(cast: Cast) -> None:
    """S30: E22, E32, E33; DEFECT D19: ordinary members learn that he is gone, too."""
    await cast.group("a1 b1 b2 b3 c1 d1 d2")
    group = cast.topic
    heard = await cast.say("a1", **{"del": {"topic": group, "what": "sub", "user": B}})
    off = pres(group, "off", src=B)
    gone = pres("me", "gone", src=group)
    same(
        heard,
        {
            "a1": [200],
            "b1": [(205, {"unsub": True}), gone],
            "b2": [gone],
            "b3": [(205, {"unsub": True})],
            "c1": [pres(group, "acs", src=B, act=A, dacs=NOBODY), off],
            "d1": [off],
        },
    )


async def test_a_member_goes(cast: Cast) -> None:
    """S31: E22, E32, E33; DEFECT D19."""
    await cast.group("a1 b1 b2 b3 c1 d1")
    group = cast.topic
    heard = await cast.say("b1", leave={"topic": group, "unsub": True})
    acs, off = pres(group, "acs", src=B, dacs=NOBODY), pres(group, "off", src=B)
    same(
        heard,
        {
            "a1": [acs, off],
            "b1": [200],
            "b2": [pres("me", "gone", src=group)],
            "b3": [(205, {"unsub": True})],
            "c1": [acs, off],
            "d1": [off],
        },
    )


async def test_a_member_goes_who_had_shut_himself_out(cast: Cast) -> None:
    """02 §13: then those who are elsewhere are told, too, but not if the group sleeps (QUIRK)."""
    await cast.group("a1 a2 b2 c2 d1")
    group = cast.topic
    await cast["b2"].say(set={"topic": group, "sub": {"mode": "N"}})
    cast.heard()
    heard = await cast.cause("b2", **{"del": {"topic": group, "what": "topic"}})
    elsewhere = pres("me", "acs", src=group, act=B, tgt=B, dacs=NOBODY)
    on_topic, off = pres(group, "acs", src=B, dacs=NOBODY), pres(group, "off", src=B)
    same(heard, {"a1": [on_topic, off], "a2": [elsewhere], "c2": [elsewhere], "d1": [off]})
    await cast["c2"].say(set={"topic": group, "sub": {"mode": "N"}})
    for name in ("a1", "d1"):
        await cast[name].say(leave={"topic": group})
    await cast.stage.elapse(IDLE_S)
    cast.heard()
    assert await cast.cause("c2", **{"del": {"topic": group, "what": "topic"}}) == {}


async def test_a_party_goes(cast: Cast) -> None:
    """S32: E22, E34 and E35."""
    await cast.pair("a1 a2 b1 b2")
    heard = await cast.say("a1", leave={"topic": B, "unsub": True})
    off = pres("me", "off", src=A)
    same(
        heard,
        {
            "a1": [200],
            "a2": [pres("me", "gone", src=B)],
            "b1": [pres(A, "acs", src=A, dacs=NOBODY), off],
            "b2": [off],
        },
    )


async def test_a_new_conversation(cast: Cast) -> None:
    """S25: E26, E27, E28 and the handshake that follows."""
    await cast.enter("a2 b2")
    cast.topic = "new"
    opener = cast.stage.actor(A)
    cast.sessions["a1"] = opener
    await opener.say(sub={"topic": "me"})
    cast.heard()
    heard = await cast.say("a1", sub={"topic": B, "set": {"sub": {"mode": "JRWPA"}}})
    acs = heard["a1"].pop(0)[1]["acs"]
    told = {"want": acs["want"], "given": acs["given"]}
    on = pres("me", "on", src=B)
    peer = heard["b2"][0][1]
    assert (peer["what"], peer["src"], peer["act"]) == ("acs", A, A)
    same(
        {name: said for name, said in heard.items() if name != "b2"},
        {"a1": [on], "a2": [pres("me", "acs", src=B, dacs=told), on]},
    )
    assert heard["b2"][1:] == [pres("me", "on", src=A)]


async def test_a_new_conversation_of_somebody_who_is_not_online(cast: Cast) -> None:
    """S25, last sentence; who comes online later is noticed (found by simulation)."""
    await cast.enter("b2")
    opener = cast.stage.actor(A)
    await opener.say(sub={"topic": B})
    assert [m[1]["what"] for m in cast.heard()["b2"]] == ["acs"]
    await opener.say(sub={"topic": "me"})
    assert [m[1]["what"] for m in cast.heard()["b2"]] == ["on"]


async def test_a_new_conversation_with_somebody_who_is_not_to_see_presence(cast: Cast) -> None:
    """T-S21: no `on` for either; whoever gets P later sees it at once (D16)."""
    await cast.enter("a2 b2")
    granted = {"desc": {"defacs": {"auth": "JRW"}}, "sub": {"mode": "JRWP"}}
    cast.sessions["a1"] = cast.stage.actor(A)
    heard = await cast.say("a1", sub={"topic": B, "set": granted})
    assert [said["what"] for _, said in heard["a2"] + heard["b2"]] == ["acs", "acs"]
    await cast["b2"].say(leave={"topic": "me"})
    await cast.stage.elapse(IDLE_S)
    await cast["b2"].say(sub={"topic": "me"})
    assert cast.heard()["a2"] == [pres("me", "on", src=B)]
    heard = await cast.say("a1", set={"topic": B, "sub": {"user": B, "mode": "JRWP"}})
    assert heard["b2"][-1] == pres("me", "on", src=A)


async def test_a_new_conversation_of_somebody_who_does_not_want_to_see(cast: Cast) -> None:
    """E28: the opener has muted it from the beginning, the other one sees the opener."""
    await cast.enter("a2 b2")
    cast.sessions["a1"] = cast.stage.actor(A)
    heard = await cast.say("a1", sub={"topic": B, "set": {"sub": {"mode": "JRW"}}})
    assert [said["what"] for _, said in heard["a2"]] == ["acs"]
    assert heard["b2"][1:] == [pres("me", "on", src=A)]


async def test_a_muted_party_comes_back_unseen_by_nobody(cast: Cast) -> None:
    """T-S23: those who may see who comes back do, the others do not."""
    await cast.pair("a1 a2 b1 b2")
    await cast["a1"].say(set={"topic": B, "sub": {"user": B, "mode": "JRW"}})
    await cast["b1"].say(leave={"topic": A, "unsub": True})
    cast.heard()
    heard = await cast.say("b1", sub={"topic": A})
    assert pres("me", "on", src=B) in heard["a2"]
    assert {said["what"] for _, said in heard["b2"]} == {"acs"}
    await cast["a1"].say(set={"topic": B, "sub": {"mode": "JRW"}})
    await cast["a1"].say(set={"topic": B, "sub": {"user": B, "mode": "JRWP"}})
    await cast["b1"].say(leave={"topic": A, "unsub": True})
    cast.heard()
    heard = await cast.say("b1", sub={"topic": A})
    assert pres("me", "on", src=A) in heard["b2"]
    assert pres("me", "on", src=B) not in heard["a2"]


async def test_a_muted_party_is_called_back(cast: Cast) -> None:
    """T07: whoever calls back sees that the other one is there; who has muted it sees nothing."""
    await cast.pair("a1 a2 b1 b2")
    await cast["b1"].say(set={"topic": A, "sub": {"mode": "JRW"}})
    await cast["b1"].say(leave={"topic": A, "unsub": True})
    cast.heard()
    heard = await cast.say("a1", set={"topic": B, "sub": {"user": B}})
    assert heard["a2"] == [pres("me", "on", src=B)]
    assert {said["what"] for _, said in heard["b2"]} == {"acs"}


async def test_a_new_group(cast: Cast) -> None:
    """S45: E26 and E12."""
    await cast.enter("a2")
    creator = cast.stage.actor(A)
    cast.sessions["a1"] = creator
    await creator.say(sub={"topic": "me"})
    cast.heard()
    heard = await cast.say("a1", sub={"topic": "newX1"})
    group = heard["a2"][0][1]["src"]
    full = {"want": "JRWPASDO", "given": "JRWPASDO"}
    on = pres("me", "on", src=group)
    acs = {**full, "mode": "JRWPASDO"}
    same(
        heard,
        {
            "a1": [(200, {"acs": acs, "tmpname": "newX1"}), on],
            "a2": [pres("me", "acs", src=group, dacs=full), on],
        },
    )


async def test_ownership_goes_over(cast: Cast) -> None:
    """E42: first what the old owner lost, then what the new one has."""
    await cast.group("a1 b1 c1 d1")
    group = cast.topic
    offer = {"user": B, "mode": "JRWPASDO"}
    await cast.say("a1", set={"topic": group, "sub": offer})
    heard = await cast.cause("b1", set={"topic": group, "sub": {"mode": "JRWPASDO"}})
    lost = {"want": "-O", "given": "-O"}
    took = {"want": "+ADO"}
    assert heard == {
        "a1": [pres(group, "acs", dacs=lost), pres(group, "acs", src=B, dacs=took)],
        "b1": [pres(group, "acs", src=A, act=B, dacs=lost)],
        "c1": [
            pres(group, "acs", src=A, act=B, dacs=lost),
            pres(group, "acs", src=B, dacs=took),
        ],
    }


async def test_a_ban_of_somebody_who_is_there(cast: Cast) -> None:
    """03 §7.8: the banned one is detached by 205; DEFECT D19: everybody learns that he is off."""
    await cast.group("a1 b1 b2 c1 d1")
    group = cast.topic
    ban = {"user": B, "mode": "RWPS"}
    heard = await cast.cause("a1", set={"topic": group, "sub": ban})
    dacs = {"given": "-J"}
    off = pres(group, "off", src=B)
    own = pres("me", "acs", src=group, act=A, dacs=dacs)
    same(
        heard,
        {
            "a1": [off],
            "b1": [(205, {"unsub": False}), pres(group, "acs", dacs=dacs), own],
            "b2": [own],
            "c1": [pres(group, "acs", src=B, act=A, dacs=dacs), off],
            "d1": [off],
        },
    )


async def test_somebody_shuts_himself_out(cast: Cast) -> None:
    """T-S15, 03 §7.8: the others see him go (DEFECT D19), whichever way he does it."""
    await cast.group("a1 b3 c1 d1")
    group = cast.topic
    off = pres(group, "off", src=B)
    told = pres(group, "acs", src=B, dacs={"want": "-JRWPS"})
    others = {"a1": [told, off], "c1": [told, off], "d1": [off]}
    self_ban = {"topic": group, "sub": {"mode": "N"}}
    same(await cast.cause("b3", set=self_ban), others)
    await cast["b3"].say(sub={"topic": group})
    cast.sessions["b4"] = cast.stage.actor(B)
    cast.heard()
    heard = await cast.cause("b4", sub={"topic": group, "set": {"sub": {"mode": "N"}}})
    same(heard, {**others, "b3": [(205, {"unsub": False})]})


async def test_a_ban_of_somebody_who_is_elsewhere(cast: Cast) -> None:
    """E22 and E25."""
    await cast.group("a1 b2 c1 d1")
    group = cast.topic
    ban = {"user": B, "mode": "RWPS"}
    heard = await cast.cause("a1", set={"topic": group, "sub": ban})
    dacs = {"given": "-J"}
    own = pres("me", "acs", src=group, act=A, dacs=dacs)
    same(heard, {"b2": [own], "c1": [pres(group, "acs", src=B, act=A, dacs=dacs)]})


async def test_nobody_hears_of_what_has_not_changed(cast: Cast) -> None:
    """03 §7.11: an empty delta is no news."""
    await cast.group("a1 b1 c1")
    same_mode = {"topic": cast.topic, "sub": {"mode": "JRWPS"}}
    assert await cast.cause("b1", set=same_mode) == {}
