"""The documentation tells what is there: settings, commands, links, the README's own commands."""

import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from chinwag import settings
from chinwag.cli import app
from chinwag.core.signing import signature
from live import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
COMMAND = re.compile(r"`chinwag (?!ready on)([a-z|-]+)(?: ([a-z|-]+))?[^`]*`")
LINES_MAX = 40  # of a decision


def test_settings_page_is_what_the_program_prints() -> None:
    page = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    assert page == settings.reference(), "run: chinwag config-reference > docs/configuration.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text(encoding="utf-8")):
        if "://" not in target and not target.startswith("mailto:"):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_named_in_the_documentation_exist(page: Path) -> None:
    for first, second in COMMAND.findall(page.read_text(encoding="utf-8")):
        for command in first.split("|"):
            for sub in second.split("|") if command in ("user", "bot", "hook") and second else [""]:
                result = CliRunner().invoke(app, [command, *([sub] if sub else []), "--help"])
                assert result.exit_code == 0, f"{page.name} names chinwag {command} {sub}"


@pytest.mark.parametrize("page", sorted(ROOT.glob("docs/decisions/*.md")), ids=lambda p: p.name)
def test_decisions_are_short_and_whole(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.count("\n") <= LINES_MAX
    for part in ("**Context.**", "**Options.**", "**Choice.**", "**Consequences.**"):
        assert part in text


def test_makefile_has_every_target_the_documentation_names() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        for target in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8")):
            assert target in targets, f"{page.name} names make {target}"


def test_the_rooms_on_the_architecture_page_are_those_that_are_there() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([a-z]+)/` \|", page, re.MULTILINE))
    there = {p.parent.name for p in (ROOT / "src/chinwag").glob("*/__init__.py")}
    assert named == there


def test_files_the_documentation_names_exist() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    for name in re.findall(r"`([a-z_]+/[a-z_/]+\.py|[a-z_]+\.py)`", page):
        assert (ROOT / "src/chinwag" / name).is_file(), name


def test_the_commands_of_the_readme_for_a_bot_work(tmp_path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition("## Write a bot")[2].partition("```sh\n")[2].partition("```")[0]
    script = block.replace("/tmp/bots", str(tmp_path / "bots"))
    script = script.replace(".venv/bin/chinwag", f"{sys.executable} -m chinwag.cli")
    ran = subprocess.run(
        ["bash", "-e"], input=script, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1] == "bot> Hello!"


def test_the_page_on_webhooks_tells_how_to_know_a_genuine_call() -> None:
    page = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
    found: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], found)
    header = signature("whsec_1", int(time.time()), b"{}")
    assert found["is_genuine"](header, b"{}", "whsec_1")
    assert not found["is_genuine"](header, b"{ }", "whsec_1")
    assert not found["is_genuine"](header, b"{}", "whsec_2")
    old = signature("whsec_1", int(time.time()) - 301, b"{}")
    assert not found["is_genuine"](old, b"{}", "whsec_1")


def test_the_commands_of_the_readme_for_a_team_work(tmp_path: Path) -> None:
    """All but `make` and the server itself, on a folder of the test's own."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    block = readme.partition("## Run it for your team")[2].partition("```sh\n")[2]
    for line in block.partition("```")[0].splitlines():
        words = shlex.split(line.replace("/tmp/chinwag", str(tmp_path / "data")))
        if words[0] != ".venv/bin/chinwag" or words[1] == "serve":
            continue
        command = [sys.executable, "-m", "chinwag.cli", *words[1:]]
        ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stderr
