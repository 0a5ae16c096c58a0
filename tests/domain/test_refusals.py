"""Every refusal has its words, is announced by the commands that raise it, and is shown by a test."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest

from domain.client.state import COMMON_REFUSALS
from domain.kernel import Command, Refused
from domain.refusals import REFUSALS
from tests.domain.examples import COMMANDS
from tests.spec import Refusal

ROOT = Path(__file__).parents[2]


def shown() -> Iterator[Refusal]:
    """All rows of the tables of refusals."""
    for path in sorted(Path(__file__).parent.rglob("test_*.py")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if path != Path(__file__):
            yield from getattr(import_module(module), "REFUSALS", ())


def raised_codes() -> set[str]:
    """The codes that appear as text anywhere in the rules."""
    texts: set[str] = set()
    for path in (ROOT / "domain").rglob("*.py"):
        if path.parent.name != "refusals":
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
            texts |= {str(node.value) for node in nodes if isinstance(node, ast.Constant)}
    return texts & set(REFUSALS)


def test_there_is_an_example_of_every_command() -> None:
    known = {type(command) for command in COMMANDS}
    assert known == set(_subclasses(Command))


def _subclasses(base: type[Command]) -> Iterator[type[Command]]:
    """All that can be decided; others only share fields."""
    for subclass in base.__subclasses__():
        if subclass.__module__.startswith("domain."):
            if hasattr(subclass, "decide"):
                yield subclass
            yield from _subclasses(subclass)


@pytest.mark.parametrize("command", list(map(type, COMMANDS)), ids=lambda command: command.__name__)
def test_a_command_announces_just_what_tests_show(command: type[Command]) -> None:
    tested = {case.code for case in shown() if type(case.command) is command}
    assert tested - set(COMMON_REFUSALS) == set(command.refusals) - set(COMMON_REFUSALS)


def test_every_code_is_announced() -> None:
    announced = {code for command in COMMANDS for code in command.refusals}
    assert announced | set(COMMON_REFUSALS) == set(REFUSALS)


def test_every_code_is_raised_somewhere() -> None:
    assert raised_codes() == set(REFUSALS)


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_has_its_words_in_both_languages(code: str) -> None:
    refusal = REFUSALS[code]
    assert refusal.english.isascii()
    assert any("а" <= letter <= "я" for letter in refusal.russian.lower())
    assert refusal.remedy.endswith(".")
    assert not refusal.english.endswith(".")


def test_titles_tell_refusals_apart() -> None:
    assert len({refusal.english for refusal in REFUSALS.values()}) == len(REFUSALS)
    assert len({refusal.russian for refusal in REFUSALS.values()}) == len(REFUSALS)


def test_a_code_without_words_cannot_be_used() -> None:
    with pytest.raises(AssertionError):
        Refused("no_such_code")
