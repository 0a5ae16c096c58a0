"""Which lead goes to whom, as a problem of numbers: reduced to classes of equal leads, and read back as lines.

The optimum: the largest total of scores; among those, the most leads given; among those, the most even numbers of
leads per employee (the smallest sum of squares). Finding it is left to a solver.
"""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from domain.distribution.lines import Line, Reason, Seller
from domain.regulation.compatibility import Compatibility
from domain.types import FailureReason

SCALE = 10_000
"""Scores have four places; solvers count in whole ten-thousandths."""


class Lead(NamedTuple):
    """A lead to give away. `barred`: the employees who failed with it and the one who works it, sorted.

    `failure_reason`: why the latter has failed. `territory`: the industry or region, where it is dealt out by that.
    """

    client_id: UUID
    client_type: str | None = None
    owner_id: UUID | None = None
    barred: tuple[UUID, ...] = ()
    failure_reason: FailureReason | None = None
    territory: str | None = None


class Problem(NamedTuple):
    """Classes of leads that are equal to every employee, by number; employees, by the most that they can take.

    `scores`: by class and employee, in ten-thousandths; None where the employee must not get such a lead. `stays`: by
    class, the employee who keeps such a lead where nobody gets it, and whose room it takes then; None: it takes none.
    """

    sizes: tuple[int, ...]
    capacities: tuple[int, ...]
    scores: tuple[tuple[int | None, ...], ...]
    stays: tuple[int | None, ...] = ()


Flow = Sequence[Sequence[int]]
"""How many leads of each class go to each employee."""
Solver = Callable[[Problem], Flow]


class Plan(NamedTuple):
    """What is proposed, line by line in order of the clients' ids, and what a greedy pass would have reached."""

    lines: tuple[Line, ...]
    total: Decimal
    greedy_total: Decimal
    greedy_given: int


class _Classes(NamedTuple):
    """The problem, and the leads that stand behind each class."""

    problem: Problem
    members: tuple[tuple[Lead, ...], ...]


def plan(leads: Sequence[Lead], sellers: Sequence[Seller], compatibility: Compatibility, solve: Solver) -> Plan:
    """The best plan. The same leads and employees give the same plan, in whatever order they come."""
    sellers = sorted(sellers, key=lambda seller: seller.employee_id)
    classes = _classes(sorted(leads), sellers, compatibility)
    lines = [
        line for number, flow in enumerate(solve(classes.problem)) for line in _dealt(classes, number, flow, sellers)
    ]
    lines.sort(key=lambda line: line.client_id)
    greedy = _greedy(leads, classes)
    return Plan(tuple(lines), sum((line.score or Decimal() for line in lines), Decimal()), *greedy)


def _classes(leads: Sequence[Lead], sellers: Sequence[Seller], compatibility: Compatibility) -> _Classes:
    """Leads of the same type that the same employees must not get, and that stay with the same one, are one class."""
    known = frozenset(seller.employee_id for seller in sellers)
    keeping = {seller.employee_id: number for number, seller in enumerate(sellers) if seller.under_review}
    members: dict[tuple[str, tuple[UUID, ...], int | None], list[Lead]] = {}
    for lead in leads:
        barred = tuple(employee for employee in lead.barred if employee in known)
        stays = keeping.get(lead.owner_id) if lead.owner_id else None
        members.setdefault((lead.client_type or "", barred, stays), []).append(lead)
    scores = tuple(
        tuple(
            None if seller.employee_id in barred else _scaled(compatibility, seller, client_type) for seller in sellers
        )
        for client_type, barred, _ in members
    )
    capacities = tuple(len(leads) if seller.free is None else min(seller.free, len(leads)) for seller in sellers)
    stays = tuple(employee for *_, employee in members)
    problem = Problem(tuple(map(len, members.values())), capacities, scores, stays)
    return _Classes(problem, tuple(map(tuple, members.values())))


def _scaled(compatibility: Compatibility, seller: Seller, client_type: str) -> int:
    return int(compatibility.score(seller.personality_type, client_type) * SCALE)


def _dealt(classes: _Classes, number: int, flow: Sequence[int], sellers: Sequence[Seller]) -> Iterator[Line]:
    """The lines of a class: its leads, in order, to the employees, in order, as many as each gets of it."""
    scores = classes.problem.scores[number]
    best = max((score for score in scores if score is not None), default=None)
    members = iter(classes.members[number])
    for seller, score, count in zip(sellers, scores, flow, strict=True):
        reason = Reason.BEST_SCORE if score == best else Reason.BETTER_ONES_FULL
        for _ in range(count):
            assert score is not None, "nobody gets a lead that he must not get"
            yield line_of(next(members), reason, seller.employee_id, Decimal(score) / SCALE)
    for lead in members:
        yield line_of(lead, Reason.NOBODY_LEFT if best is None else Reason.NO_CAPACITY)


def line_of(lead: Lead, reason: Reason, employee_id: UUID | None = None, score: Decimal | None = None) -> Line:
    """The line of a lead."""
    return Line(
        client_id=lead.client_id,
        client_type=lead.client_type,
        owner_id=lead.owner_id,
        barred=lead.barred,
        employee_id=employee_id,
        score=score,
        reason=reason,
        failure_reason=lead.failure_reason,
        territory=lead.territory,
    )


def _greedy(leads: Sequence[Lead], classes: _Classes) -> tuple[Decimal, int]:
    """Total and number of leads of one pass: each lead, in order, to the best employee who has room, the emptiest."""
    number_of = {lead.client_id: number for number, members in enumerate(classes.members) for lead in members}
    free, given, total = _room_before(classes.problem), 0, 0
    for lead in sorted(leads):
        number = number_of[lead.client_id]
        scores, keeper = classes.problem.scores[number], classes.problem.stays[number]
        open_to = [
            (score, free[index], -index) for index, score in enumerate(scores) if score is not None and free[index] > 0
        ]
        if open_to:
            score, _, index = max(open_to)
            free[-index] -= 1
            given, total = given + 1, total + score
            if keeper is not None:
                free[keeper] += 1
    return Decimal(total) / SCALE, given


def _room_before(problem: Problem) -> list[int]:
    """The room of each employee as long as everything stays where it is."""
    free = list(problem.capacities)
    for size, keeper in zip(problem.sizes, problem.stays, strict=True):
        if keeper is not None:
            free[keeper] -= size
    return free


def total_of(problem: Problem, flow: Flow) -> int:
    """The sum of the scores, in ten-thousandths."""
    return sum(
        count * (score or 0)
        for scores, counts in zip(problem.scores, flow, strict=True)
        for score, count in zip(scores, counts, strict=True)
    )


def loads_of(flow: Flow) -> Sequence[int]:
    """How many leads each employee gets."""
    return [sum(counts) for counts in zip(*flow, strict=True)]
