"""The language of templates: text with the names of values in it, a few of the tags of Mustache and nothing else.

``{{client.name}}`` stands for a value. What is between ``{{#lines}}`` and ``{{/lines}}`` is there once for each entry
of a list; between ``{{#deal}}`` and ``{{/deal}}`` once, if there is such a value or any value of that group; between
``{{^deal}}`` and ``{{/deal}}``, if there is none. ``{{! remark}}`` leaves no trace. Nothing is computed or called, no
file can be named, and a list within a list is refused: so a template ends, however it is written.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

DEEPEST = 3
"""How deep parts may lie within each other."""
LONGEST_TEXT = 60_000
"""Characters of a filled template."""
MOST_STEPS = 100_000
"""Texts, values and parts that are gone through while a template is filled, each as often as it is reached."""

_BEGIN, _END = "{{", "}}"
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*){0,2}")
_FOREIGN = re.compile(r"\{%|%\}|<%|%>|\{\{|\}\}")
_OPENS = "#^"


class TemplateProblem(Exception):
    """What is wrong in a template: the line, the text there, and a name of the rule that it breaks."""

    def __init__(self, line: int, text: str, rule: str) -> None:
        super().__init__(rule)
        self.line, self.text, self.rule = line, text, rule


class TooLong(Exception):
    """The filled template would have more than `LONGEST_TEXT` characters, or take more than `MOST_STEPS`.

    `facts` names the limit.
    """

    def __init__(self, **facts: int) -> None:
        super().__init__(facts)
        self.facts = facts


class Names(NamedTuple):
    """What a template may name: single values, and lists with the names that hold for each entry.

    `families` are beginnings of names, as ``client.attributes.``.
    """

    values: frozenset[str]
    lists: Mapping[str, frozenset[str]] = {}
    families: tuple[str, ...] = ()

    def has_value(self, name: str, within: str | None) -> bool:
        """Whether the name stands for a value; `within` is the list whose entries are being written."""
        return (
            name in self.values or name.startswith(self.families) or (within is not None and name in self.lists[within])
        )

    @property
    def groups(self) -> frozenset[str]:
        """The beginnings of names that a part may depend on, as ``deal``."""
        return frozenset(value.partition(".")[0] for value in self.values if "." in value)


class Values(NamedTuple):
    """What a template is filled with; what is not there is left out. Entries have names of their own."""

    values: Mapping[str, str]
    lists: Mapping[str, Sequence[Mapping[str, str]]] = {}


@dataclass(frozen=True)
class Value:
    """The place of a value."""

    name: str


@dataclass
class Part:
    """Text, values and parts in a part. `sign`: ``#`` or ``^``; the whole template has none.

    `start` is where its tag begins.
    """

    name: str = ""
    sign: str = ""
    start: int = 0
    content: "list[str | Value | Part]" = field(default_factory=list["str | Value | Part"])


def parse(text: str, names: Names) -> Part:
    """The template, as parts.

    Raises:
        TemplateProblem: for anything that is not of the language, and for names that stand for nothing.
    """
    return _Parser(text, names).parsed()


class _Parser:
    def __init__(self, text: str, names: Names) -> None:
        self._text, self._names, self._groups = text, names, names.groups
        self._open = [Part()]

    def parsed(self) -> Part:
        position = 0
        for start, end in self._tags():
            self._add_text(position, start)
            self._take(start, end)
            position = end
        self._add_text(position, len(self._text))
        last = self._open[-1]
        if last.name:
            raise TemplateProblem(self._line(last.start), f"{{{{{last.sign}{last.name}}}}}", "not_closed")
        return last

    def _tags(self) -> Iterator[tuple[int, int]]:
        """Where each tag begins and ends. One pass: what is not closed is not looked for again."""
        start = self._text.find(_BEGIN)
        while start >= 0 and (closed := self._text.find(_END, start + len(_BEGIN))) >= 0:
            end = closed + len(_END)
            yield start, end
            start = self._text.find(_BEGIN, end)

    def _line(self, position: int) -> int:
        return self._text.count("\n", 0, position) + 1

    def _add_text(self, start: int, end: int) -> None:
        foreign = _FOREIGN.search(self._text, start, end)
        if foreign:
            raise TemplateProblem(self._line(foreign.start()), foreign[0], "not_of_the_language")
        if start < end:
            self._open[-1].content.append(self._text[start:end])

    def _take(self, start: int, end: int) -> None:
        tag = self._text[start + len(_BEGIN) : end - len(_END)].strip()
        sign, name = (tag[:1], tag[1:].strip()) if tag[:1] in {*_OPENS, "/", "!"} else ("", tag)
        problem = self._problem(sign, name)
        if problem:
            raise TemplateProblem(self._line(start), self._text[start:end][:80], problem)
        if not sign:
            self._open[-1].content.append(Value(name))
        elif sign in _OPENS:
            part = Part(name, sign, start)
            self._open[-1].content.append(part)
            self._open.append(part)
        elif sign == "/":
            self._open.pop()

    def _problem(self, sign: str, name: str) -> str | None:
        """The rule that a tag breaks, if any."""
        if sign == "!":
            return None
        if not _NAME.fullmatch(name):
            return "not_of_the_language"
        if sign == "/":
            return None if self._open[-1].name == name else "closes_nothing"
        return self._problem_of_part(sign, name) if sign else self._problem_of_value(name)

    def _problem_of_value(self, name: str) -> str | None:
        return None if self._names.has_value(name, self._list) else "unknown_name"

    def _problem_of_part(self, sign: str, name: str) -> str | None:
        if not self._may_depend_on(name):
            return "unknown_name"
        if sign == "#" and name in self._names.lists and self._list:
            return "list_within_a_list"
        return "too_deep" if len(self._open) > DEEPEST else None

    def _may_depend_on(self, name: str) -> bool:
        return name in self._names.lists or name in self._groups or self._names.has_value(name, self._list)

    @property
    def _list(self) -> str | None:
        return next((part.name for part in self._open if part.sign == "#" and part.name in self._names.lists), None)


def fill(template: Part, values: Values, written: Callable[[str], str] = str) -> str:
    """The template with its values, each of them as `written` spells it.

    Raises:
        TooLong: there is more text than a document may have.
    """
    return _Filler(values, written).filled(template)


class _Place(NamedTuple):
    """What the names stand for at one place of a template; `said`: those that are not empty, and their beginnings."""

    values: Mapping[str, str]
    said: frozenset[str]


def _place(values: Mapping[str, str]) -> _Place:
    names = (name.split(".") for name, value in values.items() if value)
    return _Place(values, frozenset(".".join(name[:end]) for name in names for end in range(1, len(name) + 1)))


_NOWHERE = _place({})


class _Filler:
    """Fills one template. What each name stands for is found out once, however often it is named."""

    def __init__(self, values: Values, written: Callable[[str], str]) -> None:
        self._written = written
        self._common = _place(values.values)
        self._entries = {name: [_place(entry) for entry in entries] for name, entries in values.lists.items()}
        self._pieces: list[str] = []
        self._length = self._steps = 0

    def filled(self, template: Part) -> str:
        self._fill(template, _NOWHERE)
        return "".join(self._pieces)

    def _fill(self, part: Part, entry: _Place) -> None:
        self._count(len(part.content))
        for item in part.content:
            match item:
                case str():
                    self._add(item)
                case Value(name):
                    self._add(self._written(entry.values.get(name) or self._common.values.get(name, "")))
                case Part(sign="#", name=name) if name in self._entries:
                    self._count(len(self._entries[name]))
                    for each in self._entries[name]:
                        self._fill(item, each)
                case Part():
                    if self._has(item.name, entry) is (item.sign == "#"):
                        self._fill(item, entry)

    def _has(self, name: str, entry: _Place) -> bool:
        if name in self._entries:
            return bool(self._entries[name])
        return name in entry.said or name in self._common.said

    def _add(self, piece: str) -> None:
        self._length += len(piece)
        if self._length > LONGEST_TEXT:
            raise TooLong(most_characters=LONGEST_TEXT)
        self._pieces.append(piece)

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise TooLong(most_steps=MOST_STEPS)
