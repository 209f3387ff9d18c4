"""What simulated clients do, by chance and in the protocol's words."""

import base64
from collections.abc import Callable
from typing import Final

from sim.device import Device

MODES: Final = ("JRWPS", "JRWPAS", "JRWPASD", "JRWPASDO", "JRPS", "JWPS", "JRW", "N", "JRWP", "RWP")
OFFICE_SHARE: Final = 0.4  # of what the administrator does
Act = Callable[[Device], object]


def act(device: Device) -> None:
    """Do something."""
    if device.person.is_root and device.random.random() < OFFICE_SHARE:
        device.random.choices(_OFFICE_ACTS, _OFFICE_WEIGHTS)[0](device)
    else:
        device.random.choices(_ACTS, _WEIGHTS)[0](device)


def _stay(device: Device) -> str:
    """A topic that the device believes to be attached to; mostly one where people talk."""
    here = [t for t in device.stays if t not in ("me", "fnd")]
    return device.random.choice(here or ["me"])


def _place(device: Device) -> str:
    """Any topic that the device may have heard of."""
    world = device.world
    others = [p.uid for p in world.people if p is not device.person]
    groups = world.places + ["chn" + name[3:] for name in world.places]
    return device.random.choice([*others, *groups, *groups, "slf", "me", "fnd", *device.wanted])


def _somebody(device: Device) -> str:
    return device.random.choice(device.world.people).uid


def _topic(device: Device) -> str:
    return _stay(device) if device.random.random() < 0.85 else _place(device)


# --- messages -------------------------------------------------------------------------------


def _pub(device: Device) -> None:
    world = device.world
    world.words += 1
    packet: dict[str, object] = {"topic": _topic(device)}
    packet["content"] = f"{device.name} says {world.words}"
    head: dict[str, str] = {}
    if device.random.random() < 0.1:
        head |= {"mime": "text/x-sim", "sender": "usrForged"}
    if device.random.random() < 0.2 or not world.plan.limits.resend_window_s:
        head["x-once"] = f"once {world.words}"
    if head:
        packet["head"] = head
    if device.random.random() < 0.1:
        device.whisper("pub", **packet)
    else:
        device.say("pub", noecho=device.random.random() < 0.3, **packet)


def _insist(device: Device) -> None:
    device.insist()


def _mark(device: Device) -> None:
    topic = _topic(device)
    newest = device.stays[topic].newest if topic in device.stays else 3
    seq = max(newest + device.random.randint(-3, 1), 1)
    device.whisper("note", topic=topic, what=device.random.choice(["read", "recv"]), seq=seq)


def _type(device: Device) -> None:
    device.whisper("note", topic=_topic(device), what="kp")


def _ring(device: Device) -> None:
    world = device.world
    world.words += 1
    content = f"{device.name} calls {world.words}"
    head = {"webrtc": "started", "mime": "application/x-tinode-webrtc"}
    if not world.plan.limits.resend_window_s:
        head["x-once"] = f"once {world.words}"
    device.say("pub", topic=_topic(device), content=content, head=head)


def _signal(device: Device) -> None:
    if device.ringing:
        topic = device.random.choice(sorted(device.ringing))
        event = device.random.choice(["ringing", "accept", "accept", "offer", "hang-up"])
        device.whisper("note", topic=topic, what="call", seq=device.ringing[topic], event=event)


def _get(device: Device) -> None:
    words = device.random.sample(["desc", "sub", "data", "del", "tags", "aux"], 2)
    device.say("get", topic=_topic(device), what=" ".join(words), data=_window(device))


def _window(device: Device) -> dict[str, int]:
    low = device.random.randint(0, 6)
    return device.random.choice(
        [{}, {"limit": 3}, {"since": low}, {"since": low, "before": low + 4}, {"before": low + 2}]
    )


def _erase(device: Device) -> None:
    topic = _topic(device)
    newest = device.stays[topic].newest if topic in device.stays else 3
    low = max(newest - device.random.randint(0, 4), 1)
    ranges = [{"low": low}, {"low": low, "hi": low + 2}]
    hard = device.random.random() < 0.5
    device.say("del", topic=topic, what="msg", delseq=[device.random.choice(ranges)], hard=hard)


# --- coming and going -----------------------------------------------------------------------


def _sub(device: Device) -> None:
    packet: dict[str, object] = {"topic": _place(device)}
    if device.random.random() < 0.4:
        packet["get"] = {"what": "desc sub data del", "data": _window(device)}
    if device.random.random() < 0.3:
        packet["set"] = {"sub": {"mode": device.random.choice(MODES)}}
    device.say("sub", **packet)


def _leave(device: Device) -> None:
    device.say("leave", topic=_topic(device), unsub=device.random.random() < 0.3)


def _found(device: Device) -> None:
    """Make a group or channel, unless there are enough."""
    world = device.world
    if len(world.places) < 8:
        world.words += 1
        name = device.random.choice(["new", "nch"]) + str(world.words)
        device.say("sub", topic=name, set={"desc": {"public": {"fn": name}}})


def _hang_up(device: Device) -> None:
    device.close()


# --- people and rights ----------------------------------------------------------------------


def _wish(device: Device) -> None:
    device.say("set", topic=_topic(device), sub={"mode": device.random.choice(MODES)})


def _grant(device: Device) -> None:
    mode = device.random.choice([*MODES, ""])
    device.say("set", topic=_topic(device), sub={"user": _somebody(device), "mode": mode})


def _describe(device: Device) -> None:
    device.world.words += 1
    part = device.random.choice(["public", "private"])
    device.say("set", topic=_topic(device), desc={part: {"note": f"n{device.world.words}"}})


def _tag(device: Device) -> None:
    tags = device.random.sample(["alias:one", "alias:two", "red", "green", "country:fr"], 2)
    device.say("set", topic=_topic(device), tags=tags)


def _aux(device: Device) -> None:
    device.world.words += 1
    device.say("set", topic=_topic(device), aux={"pins": [device.world.words]}, sub={"mode": ""})


def _eject(device: Device) -> None:
    device.say("del", topic=_topic(device), what="sub", user=_somebody(device))


def _end_topic(device: Device) -> None:
    device.say("del", topic=_topic(device), what="topic", hard=device.random.random() < 0.5)


def _search(device: Device) -> None:
    query = device.random.choice(["red", "green", "alias:one", "basic:p0", "red,green"])
    device.say("sub", topic="fnd")
    device.say("set", topic="fnd", desc={"public": query})
    device.say("get", topic="fnd", what="sub tags")


# --- accounts -------------------------------------------------------------------------------


def _suspend(device: Device) -> None:
    uid = _somebody(device)
    if uid != device.person.uid:
        device.world.ended.add(uid)
        device.say("acc", user=uid, status="susp")


def _restore(device: Device) -> None:
    uid = _somebody(device)
    device.world.office.restores(uid)
    device.say("acc", user=uid, status="ok")


def _delete(device: Device) -> None:
    """One account at most, so that somebody is left."""
    uid, world = _somebody(device), device.world
    if uid != device.person.uid and not world.deleted:
        world.deleted = uid
        world.ended.add(uid)
        device.say("del", what="user", user=uid, hard=device.random.random() < 0.5)


def _quit(device: Device) -> None:
    world = device.world
    if world.plan.office and not device.account.is_root and not world.deleted:
        world.deleted = device.person.uid
        world.ended.add(device.person.uid)
        device.say("del", what="user", hard=device.random.random() < 0.5)


def _password(device: Device) -> None:
    if device.world.plan.office:
        device.world.words += 1
        fresh = f"secret{device.world.words}"
        device.person.secrets.append(fresh)
        secret = base64.b64encode(f":{fresh}".encode()).decode()
        device.say("acc", scheme="basic", secret=secret)


def _hello(device: Device) -> None:
    device.say("hi", lang="fr")


_TABLE: Final[dict[Act, int]] = {
    _pub: 40,
    _insist: 8,
    _mark: 12,
    _type: 3,
    _ring: 1,
    _signal: 4,
    _get: 10,
    _erase: 5,
    _sub: 12,
    _leave: 5,
    _found: 1,
    _hang_up: 1,
    _wish: 3,
    _grant: 5,
    _describe: 3,
    _tag: 2,
    _aux: 1,
    _eject: 1,
    _end_topic: 1,
    _search: 1,
    _hello: 1,
    _password: 1,
    _quit: 1,
}
_OFFICE: Final[dict[Act, int]] = {_suspend: 3, _restore: 5, _delete: 1}
_ACTS: Final = list(_TABLE)
_WEIGHTS: Final = list(_TABLE.values())
_OFFICE_ACTS: Final = list(_OFFICE)
_OFFICE_WEIGHTS: Final = list(_OFFICE.values())
