"""What a seed draws: how big the world is, which faults there are and how often."""

from dataclasses import dataclass, field
from random import Random

from chinwag.core.limits import Limits
from chinwag.core.rates import Rates
from chinwag.testing.db import StoreFaults
from chinwag.testing.network import NetFaults


@dataclass(slots=True)
class Bounds:
    """Bounds of queues, small enough to be reached."""

    mailbox: int = 4096
    news: int = 65536
    batch: int = 256
    waiting: int = 64
    writes: int = 10_000
    backlog_bytes: int = 1 << 20


@dataclass(slots=True)
class Plan:
    """One run."""

    seed: int
    people: int = 3
    devices: int = 2  # of each person, at most
    groups: int = 2
    channel: bool = False  # the first group is one
    office: bool = False  # there is an administrator, who also acts for others
    busy_s: float = 12.0  # how long the faults last
    pace_s: float = 0.5  # mean pause of a device between two acts
    burst: int = 1  # acts at once, at most
    cut_s: float = 0.0  # mean time until a connection breaks; 0: never
    store: StoreFaults = field(default_factory=StoreFaults)
    net: NetFaults = field(default_factory=NetFaults)
    ends: list[tuple[float, str]] = field(default_factory=list)  # when the server ends, and how
    bounds: Bounds = field(default_factory=Bounds)
    limits: Limits = field(default_factory=Limits)
    rates: Rates = field(default_factory=Rates)
    phones: bool = False  # everybody has one
    push_fails: float = 0.0  # chance that it is not reached
    ear: bool = False  # a program is told of all messages
    ear_fails: float = 0.0  # chance that it is not reached

    def random(self, purpose: str) -> Random:
        """Randomness for one purpose; others do not disturb it."""
        return Random(f"{self.seed}/{purpose}")


def draw(seed: int) -> Plan:
    """The plan of a seed."""
    plan = Plan(seed)
    random = plan.random("plan")
    plan.people = random.randint(2, 4)
    plan.devices = random.randint(1, 2)
    plan.groups = random.randint(1, 2)
    plan.channel = random.random() < 0.5
    plan.busy_s = random.uniform(6.0, 14.0)
    plan.pace_s = random.choice([0.15, 0.3, 0.6])
    plan.burst = random.choice([1, 1, 3, 8])
    plan.cut_s = random.choice([0.0, 3.0, 10.0])
    slow = plan.random("rates").random() < 0.3  # clients that talk much are made to wait
    plan.rates = Rates(packets_per_s=15, account_times=1) if slow else Rates()
    plan.store = _store(random)
    plan.net = _net(random)
    if random.random() < 0.15:
        _storm(plan)
    plan.bounds = _bounds(random)
    ends = random.choice([0, 0, 1, 1, 2])
    for at_s in sorted(random.uniform(0.0, plan.busy_s) for _ in range(ends)):
        plan.ends.append((at_s, random.choice(["crash", "crash", "stop"])))
    calls = random.random() < 0.5
    plan.limits = Limits(
        ice_servers=({"urls": "stun:stun.example.com"},) if calls else (),
        call_timeout_s=3,
        max_subscriber_count=random.choice([2, 3, 128]),
        msg_delete_age_s=random.choice([0, 5, 600]),
        p2p_delete=random.random() < 0.7,
        resend_window_s=random.choice([0, 3600, 3600, 3600]),
    )
    plan.phones = random.random() < 0.4
    plan.push_fails = random.choice([0.0, 0.2])
    plan.office = not plan.phones and plan.random("office").random() < 0.6  # a phone knows of all
    ear = plan.random("ear")
    plan.ear = ear.random() < 0.4
    plan.ear_fails = ear.choice([0.0, 0.1, 0.5])
    return plan


def _chance(random: Random) -> float:
    """0 in half of all cases, else between 0.3 and 30 per cent."""
    return 0.0 if random.random() < 0.5 else 10 ** random.uniform(-2.5, -0.5)


def _storm(plan: Plan) -> None:
    """Everything goes wrong all the time."""
    faults = plan.store
    faults.refused = faults.unsure = faults.conflict = faults.unread = 0.15
    plan.cut_s = 1.0


def _store(random: Random) -> StoreFaults:
    return StoreFaults(
        delay_s=random.choice([0.001, 0.01, 0.1]),
        stall=_chance(random) / 5,
        refused=_chance(random),
        unsure=_chance(random),
        conflict=_chance(random),
        unread=_chance(random),
    )


def _net(random: Random) -> NetFaults:
    return NetFaults(
        latency_s=random.choice([0.001, 0.02, 0.3]),
        stall=_chance(random) / 5,
        notice_s=random.choice([0.0, 0.1, 5.0]),
    )


def _bounds(random: Random) -> Bounds:
    if random.random() < 0.6:
        return Bounds()
    return Bounds(
        mailbox=random.choice([1, 4, 4096]),
        news=random.choice([2, 65536]),
        batch=random.choice([1, 2, 256]),
        waiting=random.choice([1, 3]),
        writes=random.choice([2, 10_000]),
        backlog_bytes=random.choice([8_000, 20_000, 1 << 20]),
    )
