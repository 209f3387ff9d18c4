"""What is measured, on which databases, and what it should come to.

Goals are those of a machine on which one bare delivery costs `REFERENCE_US`; where a figure is a
time or a rate, what it should be here follows from what a bare delivery costs here.
"""

import resource
from typing import Any, Final, NamedTuple

Result = dict[str, Any]

SQLITE: Final = "sqlite"
TITLES: Final = {SQLITE: "SQLite", "postgres": "PostgreSQL", "mysql": "MariaDB"}
ALL: Final = tuple(TITLES)
_OTHERS: Final = ALL[1:]
REFERENCE_US: Final = 5.2  # of a bare delivery, on the machine of the goals
UNIT: Final = "bare_delivery_us"
_SMALL: Final = 100  # what has a digit behind its point
_SPARE_FILES: Final = 200  # that the server has open besides its connections


class Scenario(NamedTuple):
    """One run of the load generator."""

    words: tuple[str, ...]
    on: tuple[str, ...] = ALL
    beside: tuple[str, ...] = ()  # another load that goes on before, meanwhile and after
    programs: bool = False  # it is run by tools/load_bots.py, and the server offers gRPC


def _scenario(line: str, *, on: tuple[str, ...] = ALL, beside: str = "") -> Scenario:
    return Scenario(tuple(line.split()), on, tuple(beside.split()))


def _sessions(wanted: int) -> int:
    """As many as `wanted`, or as this machine lets one process have."""
    return min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[1] - _SPARE_FILES)


# What only passes through the server, or only lies there, is measured on one database.
SCENARIOS: Final = {
    "fanout-20": _scenario("fanout --sessions 500 --rate 20 --seconds 8", on=(SQLITE,)),
    "fanout-100": _scenario("fanout --sessions 500 --rate 100 --seconds 8"),
    "fanout-5000": _scenario("fanout --sessions 5000 --rate 20 --seconds 8", on=(SQLITE,)),
    "hot-16": _scenario("hot --publishers 16 --window 4 --seconds 8"),
    "hot-64": _scenario("hot --publishers 64 --window 8 --seconds 8"),
    "spread": _scenario("spread --publishers 16 --window 4 --seconds 8"),
    "pairs": _scenario("pairs --pairs 20 --seconds 8"),
    "quiet-pair": _scenario(
        "pairs --pairs 1 --seconds 6", beside="hot --publishers 64 --window 8 --seconds 12"
    ),
    "login": _scenario("login --publishers 16 --seconds 8"),
    "history-24": _scenario("history --publishers 16 --limit 24 --seconds 8"),
    "history-100": _scenario("history --publishers 16 --limit 100 --seconds 8"),
    "bots": Scenario(("bots", "--bots", "200", "--seconds", "8"), (SQLITE,), programs=True),
    "grpc": Scenario(("grpc", "--seconds", "5"), (SQLITE,), programs=True),
    "idle-2000": _scenario("idle --sessions 2000", on=(SQLITE,)),
    # One address has ports enough for so many: `--spread-addresses` is for more.
    "idle-20000": _scenario(f"idle --sessions {_sessions(20_000)}", on=(SQLITE,)),
}


class Goal(NamedTuple):
    """What one measurement should come to."""

    scenario: str
    title: str
    figure: str  # in the result of the scenario
    unit: str
    least: float | None = None
    most: float | None = None
    on: tuple[str, ...] = ALL

    def met(self, result: Result) -> bool:
        """Whether the measured figure is good enough."""
        value = result[self.figure]
        least, most = self.limits(result)
        return (least is None or value >= least) and (most is None or value <= most)

    def limits(self, result: Result) -> tuple[float | None, float | None]:
        """The least and the most that will do on the machine of `result`."""
        ratio = result.get(UNIT, REFERENCE_US) / REFERENCE_US
        if self.unit == "/s":
            return self.least and self.least / ratio, self.most
        if self.unit in ("µs", "ms"):
            return self.least, self.most and self.most * ratio
        return self.least, self.most

    def wanted(self, result: Result) -> str:
        """The goal in words, and what it means on the machine of `result`."""
        if self.least is None and not self.most:
            return "none"
        word, limit = ("at least", self.least) if self.least is not None else ("at most", self.most)
        told = f"{word} {limit:,g} {self.unit}".rstrip()
        here = next(x for x in self.limits(result) if x is not None)
        return told if here == limit else f"{told}; here {_rounded(here)}"


def _rounded(value: float) -> str:
    return f"{value:,.1f}" if value < _SMALL else f"{value:,.0f}"


def _goals(scenarios: str, title: str, figure: str, unit: str, **limits: Any) -> list[Goal]:
    """The same goal for several scenarios; `{}` in the title is which one."""
    return [
        Goal(name, title.format(name.rpartition("-")[2]), figure, unit, **limits)
        for name in scenarios.split()
    ]


_EACH: Final = "units_per_delivery"
_CPU: Final = "server_cpu_us_per_"
_PAGE: Final = "CPU of a page of {} messages"
GOALS: Final = (
    Goal("start", "Ready from a cold start, new data folder", "new_s", "s", most=1.5, on=(SQLITE,)),
    Goal("start", "Ready again on existing data", "again_s", "s", most=1.5, on=(SQLITE,)),
    Goal("start", "CPU until it is ready", "cpu_s", "s", most=1.0, on=(SQLITE,)),
    Goal("import", "Taking over messages", "messages_per_s", "/s", least=20_000, on=(SQLITE,)),
    Goal("fanout-20", "CPU of a delivery, 500 sessions, 20/s", _EACH, "units", most=1.5),
    Goal("fanout-100", "CPU of a delivery, 500 sessions, 100/s", _EACH, "units", most=1.2),
    Goal("fanout-5000", "CPU of a delivery, 5,000 sessions, 20/s", _EACH, "units", most=1.3),
    Goal("fanout-100", "Delivery to 500 sessions, 100/s, p99", "delivery_p99_ms", "ms", most=21.5),
    *_goals("fanout-20 fanout-100 fanout-5000", "Missing deliveries, {}", "missing", "", most=0),
    *_goals("fanout-20 fanout-100 fanout-5000", "Dropped sessions, {}", "dropped", "", most=0),
    Goal("hot-16", "Acknowledged, 16 x 4", "pubs_per_s", "/s", least=8000, on=(SQLITE,)),
    Goal("hot-16", "Acknowledged, 16 x 4", "pubs_per_s", "/s", least=5000, on=_OTHERS),
    Goal("hot-64", "Acknowledged, 64 x 8", "pubs_per_s", "/s", least=10_000, on=(SQLITE,)),
    Goal("hot-64", "Acknowledged, 64 x 8", "pubs_per_s", "/s", least=6000, on=_OTHERS),
    *_goals("hot-16 hot-64", "Errors of {} publishers", "errors", "", most=0),
    *_goals("hot-16 hot-64", "Unanswered of {} publishers", "unanswered", "", most=0),
    Goal("spread", "Acknowledged, 16 groups x 4", "pubs_per_s", "/s", least=8000),
    Goal("spread", "CPU of a message, 16 groups", "cpu_us_per_pub", "µs", most=150, on=(SQLITE,)),
    Goal("spread", "CPU of a message, 16 groups", "cpu_us_per_pub", "µs", most=200, on=_OTHERS),
    Goal("pairs", "CPU of an answer", "cpu_us_per_message", "µs", most=250, on=(SQLITE,)),
    Goal("pairs", "CPU of an answer", "cpu_us_per_message", "µs", most=400, on=_OTHERS),
    Goal("pairs", "One way in 20 conversations, p50", "one_way_p50_ms", "ms", most=5),
    Goal("login", "CPU of a log-in by token", "cpu_us_per_login", "µs", most=300),
    Goal("history-24", _PAGE.format(24), "cpu_us_per_page", "µs", most=250),
    Goal("history-100", _PAGE.format(100), "cpu_us_per_page", "µs", most=500),
    Goal(
        "bots",
        "Answers of 200 bots in one process",
        "answers_per_s",
        "/s",
        least=1000,
        on=(SQLITE,),
    ),
    Goal("bots", "Memory of a bot", "kib_per_bot", "KiB", most=300, on=(SQLITE,)),
    Goal(
        "grpc", "gRPC echo, times the cost of bare grpcio", "times_bare", "", most=2, on=(SQLITE,)
    ),
    *_goals("idle-2000 idle-20000", "Memory of one of {}", "kib_per_session", "KiB", most=6),
    Goal("idle-2000", "Memory without sessions", "base_mib", "MiB", most=60),
    Goal("idle-20000", "CPU while nothing happens", "idle_cpu_percent", "%", most=3),
)
