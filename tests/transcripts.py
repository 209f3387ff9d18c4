"""Scenarios recorded with the reference server, played against a running Chinwag.

The scenarios, the transcripts and the player lie outside of this repository, beside it.
"""

import asyncio
import importlib.util
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from live import SHARED

FOLDER = SHARED / "conformance"
AT_ONCE = 10  # scenarios mostly wait; more of them would disturb one another
SETTLE_S = 0.25  # the silence that ends a step, as the player itself has it

# What is known to differ from the transcripts, with the reason. Empty is best.
EXPECTED_TO_FAIL: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Scenario:
    """One conversation to be played, and what it checks."""

    name: str
    title: str
    purpose: str
    path: Path


def scenarios() -> list[Scenario]:
    """Every scenario, in the order of their names; none where they are not there."""
    return [_scenario(path) for path in sorted((FOLDER / "scenarios").glob("*.yaml"))]


def _scenario(path: Path) -> Scenario:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Scenario(path.stem, found["name"], found.get("purpose", ""), path)


def play(url: str, names: Iterable[str]) -> dict[str, str]:
    """What differs in each of the scenarios `names`; empty: nothing.

    What differs in the crowd is played again alone, so that a busy machine is not blamed on the
    server.
    """
    chosen = [s for s in scenarios() if s.name in set(names)]
    found = asyncio.run(_crowd(url, chosen, AT_ONCE))
    again = [s for s in chosen if found[s.name]]
    return {**found, **asyncio.run(_crowd(url, again, 1))}


async def _crowd(url: str, chosen: list[Scenario], at_once: int) -> dict[str, str]:
    player = _player()
    turns = asyncio.Semaphore(at_once)

    async def one(scenario: Scenario) -> tuple[str, str]:
        async with turns:
            return scenario.name, await _differences(player, url, scenario)

    return dict(await asyncio.gather(*(one(scenario) for scenario in chosen)))


def _player() -> Any:
    """The module that plays scenarios and compares transcripts."""
    spec = importlib.util.spec_from_file_location("conformance_player", FOLDER / "run.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def _differences(player: Any, url: str, scenario: Scenario) -> str:
    script = yaml.safe_load(scenario.path.read_text(encoding="utf-8"))
    golden = json.loads((FOLDER / "golden" / f"{scenario.name}.json").read_text(encoding="utf-8"))
    try:
        transcript = await player.Player(url, SETTLE_S).play(script)
    except (SystemExit, OSError, KeyError, ValueError, AttributeError, TypeError) as error:
        # The player gives up by leaving, or trips over an answer it did not expect.
        return f"cannot be played: {type(error).__name__}: {error}"
    lines = []
    for step, client, wanted, got in player.compare(golden, transcript):
        lines += [f"step {step + 1}, client {client}: {json.dumps(script['steps'][step])}"]
        lines += [f"  - {json.dumps(m, sort_keys=True)}" for m in wanted if m not in got]
        lines += [f"  + {json.dumps(m, sort_keys=True)}" for m in got if m not in wanted]
    return "\n".join(lines)
