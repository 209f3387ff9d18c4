"""The repository checks itself: sizes, names, docstrings, tests, boundaries, what is committed.

What breaks a rule today stands in a table here with its present size. The tables equal what is
found, so nothing can be added to them unseen, and what is mended must be taken out.
"""

import ast
import json
import re
import statistics
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from live import ROOT

FUNCTION_LINES, MODULE_LINES, PARAMETERS, LEVELS = 60, 500, 6, 3
MEDIAN_LINES = 12

TOO_LARGE = {
    "src/chinwag/cli.py import_tinode: parameters": 10,
    "src/chinwag/cli.py serve: parameters": 10,
    "src/chinwag/cli.py user_add: parameters": 7,
    "src/chinwag/cli_chat.py chat: parameters": 7,
    "src/chinwag/cli_bench.py bench: parameters": 8,
    "src/chinwag/cli_bots.py account: parameters": 9,
    "src/chinwag/engine/deliver.py on_topic: parameters": 7,
    "src/chinwag/engine/deliver.py to_members: parameters": 7,
    "src/chinwag/engine/deliver.py to_user: parameters": 8,
    "src/chinwag/store/messages.py page: parameters": 7,
    "src/chinwag/store/search.py find: parameters": 7,
    "src/chinwag/store/users.py create: parameters": 7,
    "tests/fuzz/attackers.py raw_http: levels": 4,
    "tests/fuzz/victims.py _history: levels": 4,
}

UNTESTED = """
"""

CATCH_ALL = {
    "src/chinwag/bots/bot.py _serve": 1,
    "src/chinwag/bots/invitations.py allowed": 1,
    "src/chinwag/engine/courier.py _carry": 1,
    "src/chinwag/bots/jobs.py _try": 1,
    "src/chinwag/engine/session.py _guard": 1,
    "src/chinwag/engine/session.py _proceed": 1,
    "src/chinwag/engine/topic.py _guard": 1,
    "src/chinwag/store/batch.py step": 2,
    "src/chinwag/store/batch.py roll_back": 1,
    "src/chinwag/store/readers.py _outcome": 1,
    "src/chinwag/store/pooled.py _commit": 1,
    "src/chinwag/store/pooled.py _drop": 1,
    "src/chinwag/store/quick.py rows": 1,
    "tests/sim/run.py outcome": 1,
}

BANNED_NAME = re.compile(r"(manager|helper|util|common|misc|stuff|info\d)s?", re.IGNORECASE)
NAME_PART = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*")
REASON = re.compile(r"#\s*(?:noqa: [A-Z0-9, ]+|type: ignore\[[a-z, -]+\])(.*)")
REGISTRY = re.compile(
    r"\b(?:pypi|pythonhosted|npmjs|npmmirror|yarnpkg|unpkg|jsdelivr|tsinghua)\.(?:org|com|net|cn)\b"
    r"|\b(?:proxy\.golang|index\.crates)\b|\bdeb\.debian\b",
    re.IGNORECASE,
)
MACHINE_PATH = re.compile(r"(?<![\w.$}/])/(?:home|root|work|Users|usr/local)/[\w.]")

Function = ast.FunctionDef | ast.AsyncFunctionDef
NESTING = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@cache
def tracked() -> list[str]:
    """Every committed file, and every new one that is not ignored."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no git working tree")
    return sorted(name for name in set(done.stdout.splitlines()) if (ROOT / name).is_file())


def text(name: str) -> str:
    """The text of a file; what is no text has none."""
    try:
        return (ROOT / name).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def trees() -> dict[str, ast.Module]:
    """Every Python file by its name."""
    return {name: ast.parse(text(name)) for name in tracked() if name.endswith(".py")}


def functions() -> Iterator[tuple[str, Function]]:
    """Every function, with its file."""
    for name, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, Function):
                yield name, node


def lines_of(function: Function) -> int:
    """How many lines `function` has, without decorators."""
    return (function.end_lineno or 0) - function.lineno + 1


def parameters_of(function: Function) -> int:
    """How many parameters a caller gives."""
    declared = function.args
    named = [*declared.posonlyargs, *declared.args, *declared.kwonlyargs]
    return sum(p.arg not in ("self", "cls") for p in named)


def levels_of(node: ast.AST) -> int:
    """How deep statements are nested in `node`; an `elif` is no deeper than its `if`."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, SCOPES):
            is_elif = isinstance(node, ast.If) and node.orelse == [child]
            own = isinstance(child, NESTING) and not (is_elif and isinstance(child, ast.If))
            deepest = max(deepest, levels_of(child) + own)
    return deepest


def sizes() -> Iterator[tuple[str, int, int]]:
    """Everything that has a ceiling: what it is, its size, its ceiling."""
    for name in trees():
        yield f"{name}: lines", text(name).count("\n"), MODULE_LINES
    for name, function in functions():
        where = f"{name} {function.name}"
        yield f"{where}: lines", lines_of(function), FUNCTION_LINES
        yield f"{where}: levels", levels_of(function), LEVELS
        if not name.startswith("tests/"):  # fixtures are parameters
            yield f"{where}: parameters", parameters_of(function), PARAMETERS


def test_nothing_is_larger_than_its_ceiling() -> None:
    assert {what: size for what, size, most in sizes() if size > most} == TOO_LARGE


def test_half_of_all_functions_are_small() -> None:
    lines = [lines_of(f) for name, f in functions() if name.startswith("src/")]
    assert statistics.median(lines) <= MEDIAN_LINES


def test_every_module_says_what_it_is_for() -> None:
    assert [name for name, tree in trees().items() if not ast.get_docstring(tree)] == []


def test_names_say_something() -> None:
    names = [(path, part) for path in trees() for part in Path(path).with_suffix("").parts]
    for path, tree in trees().items():
        defined = (n for n in ast.walk(tree) if isinstance(n, (*SCOPES[:3],)))
        names += [(path, node.name) for node in defined]
    parts = [(path, name, part) for path, name in names for part in NAME_PART.findall(name)]
    assert [(path, name) for path, name, part in parts if BANNED_NAME.fullmatch(part)] == []


def has_code(tree: ast.Module) -> bool:
    """Whether a module holds anything but a docstring, imports and constants."""
    return any(isinstance(node, SCOPES) for node in ast.walk(tree))


def places_for_tests(module: str) -> list[str]:
    """Where the tests of a source module may stand: commands are tried from outside."""
    path = Path(module).relative_to("src/chinwag")
    folder, stem = path.parent, path.stem
    if stem == "__init__":
        folder, stem = folder.parent, folder.name
    places = [Path("tests/unit") / folder / f"test_{stem}.py"]
    if folder.parts[:1] == ("store",):
        places.append(Path("tests") / folder / f"test_{stem}.py")
    if module == "src/chinwag/cli.py":
        places.append(Path("tests/e2e/test_cli.py"))
    return [str(place) for place in places]


def test_every_module_has_its_tests() -> None:
    """A module of which nobody wrote tests stands in UNTESTED until somebody does."""
    sources = [name for name, tree in trees().items() if name.startswith("src/") and has_code(tree)]
    missing = [name for name in sources if not any(t in trees() for t in places_for_tests(name))]
    assert set(missing) == set(UNTESTED.split())


def catch_alls() -> Iterator[str]:
    """Every handler that catches whatever comes and does not raise it again, by its function."""
    for name, function in functions():
        for node in ast.walk(function):
            if isinstance(node, ast.ExceptHandler) and is_catch_all(node):
                yield f"{name} {function.name}"


def is_catch_all(handler: ast.ExceptHandler) -> bool:
    """Whether `handler` swallows any exception."""
    caught = handler.type
    kinds = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    names = {kind.id if isinstance(kind, ast.Name) else None for kind in kinds}
    last = handler.body[-1]
    again = isinstance(last, ast.Raise) and last.exc is None
    return not again and bool(names & {"Exception", "BaseException"} or caught is None)


def test_only_boundaries_catch_whatever_comes() -> None:
    assert Counter(catch_alls()) == CATCH_ALL


def test_only_one_module_writes_replies() -> None:
    """Codes and texts of {ctrl} stand in wire/ctrl.py."""
    elsewhere = [
        f"{name}:{node.lineno}"
        for name, tree in trees().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "Reply" and name != "src/chinwag/wire/ctrl.py"
        if name.startswith("src/")
    ]
    assert elsewhere == []


def test_tests_neither_sleep_nor_mock() -> None:
    """They use virtual time or a fence; tests from outside poll a real process."""
    found = []
    for name, tree in trees().items():
        if not name.startswith(("tests/unit/", "tests/property/", "tests/store/", "tests/sim/")):
            continue
        for node in ast.walk(tree):
            called = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            sleeps = called in ("time.sleep", "asyncio.sleep") and ast.unparse(node)[-3:] != "(0)"
            mocks = isinstance(node, ast.ImportFrom | ast.Import) and "mock" in ast.unparse(node)
            if sleeps or mocks:
                found.append(f"{name}: {ast.unparse(node)}")
    assert found == []


def test_every_exception_from_a_tool_has_its_reason() -> None:
    """A reason stands behind a `noqa`, and a type that is ignored is named."""
    found = []
    for name in trees():
        for number, line in enumerate(text(name).splitlines(), 1):
            match = REASON.search(line)
            if match is not None and "noqa" in match[0] and len(match[1].strip(" -")) <= 3:
                found.append(f"{name}:{number}")
    assert found == []


def test_nothing_names_registries_or_this_machine() -> None:
    """Everybody installs from where they like, and works where they like."""
    found = [
        f"{name}: {match[0]}"
        for name in tracked()
        for pattern in (REGISTRY, MACHINE_PATH)
        for match in pattern.finditer(text(name))
    ]
    assert found == []


@pytest.mark.parametrize("name", ["requirements/server.txt", "requirements/dev.txt"])
def test_python_locks_hold_hashes_and_no_addresses(name: str) -> None:
    lock = text(name)
    assert "://" not in lock
    pinned = [line for line in lock.splitlines() if line and not line.startswith((" ", "#"))]
    assert pinned
    for line in pinned:
        assert re.fullmatch(r"[\w.\[\],-]+==[\w.+!]+( ; .*)? \\", line), f"{line} has no hash"
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", lock)) >= len(pinned)


def test_node_locks_hold_hashes_and_no_addresses() -> None:
    for name in tracked():
        if name.endswith("package-lock.json"):
            packages = json.loads(text(name))["packages"]
            for path, package in packages.items():
                assert "resolved" not in package, f"{name}: {path}"
                assert not path or "integrity" in package or package.get("link"), f"{name}: {path}"
