"""Who may import whom: domain -> nothing, projections -> domain, app -> both; and files stay readable."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LONGEST_FILE, LONGEST_FUNCTION = 300, 40
STANDARD = set(sys.stdlib_module_names)
MAY_IMPORT = {
    "domain": STANDARD | {"domain", "pydantic"},
    "projections": STANDARD | {"projections", "domain", "pydantic", "sqlalchemy", "asyncpg"},
}
OURS = ("domain", "projections", "app", "migrations")


def sources(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py"))


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide what depends on what"
            assert node.module
            yield node.module


@pytest.mark.parametrize("path", sources(*MAY_IMPORT), ids=shown)
def test_a_layer_imports_only_what_it_may(path: Path) -> None:
    allowed = MAY_IMPORT[path.relative_to(ROOT).parts[0]]
    found = {name.partition(".")[0] for name in imported(ast.parse(path.read_text()))}
    assert found <= allowed


def test_the_domain_does_no_input_or_output() -> None:
    forbidden = {"asyncio", "socket", "sqlite3", "subprocess", "urllib", "http", "pathlib", "os", "random", "time"}
    for path in sources("domain"):
        found = {name.partition(".")[0] for name in imported(ast.parse(path.read_text()))}
        assert not found & forbidden, shown(path)


def test_the_domain_does_not_read_the_clock() -> None:
    for path in sources("domain"):
        calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Attribute)]
        assert not [node for node in calls if node.attr in {"now", "utcnow", "today"} and _is_clock(node)], shown(path)


def _is_clock(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in {"datetime", "date"}


@pytest.mark.parametrize("path", sources(*OURS), ids=shown)
def test_files_and_functions_stay_short(path: Path) -> None:
    text = path.read_text()
    if "versions" not in path.parts:
        assert text.count("\n") <= LONGEST_FILE
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or node.lineno) - node.lineno < LONGEST_FUNCTION, node.name
