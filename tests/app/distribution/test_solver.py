"""The optimum, against every plan there is."""

from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.distribution.solver import solve
from domain.distribution.problem import Flow, Problem, loads_of, total_of

SCORES = st.one_of(st.none(), st.sampled_from((0, 1, 2500, 5000, 10_000)))


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """At most six leads, of three classes, and three employees: few enough to try everything."""
    sizes = draw(st.lists(st.integers(1, 2), min_size=1, max_size=3))
    capacities = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
    row = st.tuples(*(SCORES for _ in capacities))
    return Problem(tuple(sizes), tuple(capacities), tuple(draw(row) for _ in sizes))


@st.composite
def reviews(draw: st.DrawFn) -> Problem:
    """The same, where leads stay with one of the employees, who has room for all of his and must not get them anew."""
    problem = draw(problems())
    stays = draw(st.tuples(*(st.one_of(st.none(), st.integers(0, len(problem.capacities) - 1)) for _ in problem.sizes)))
    kept = [
        sum(size for size, keeper in zip(problem.sizes, stays, strict=True) if keeper == index)
        for index in range(len(problem.capacities))
    ]
    scores = tuple(tuple(None if index == keeper else score for index, score in enumerate(row))
                   for row, keeper in zip(problem.scores, stays, strict=True))  # fmt: skip
    capacities = tuple(map(max, problem.capacities, kept))
    return Problem(problem.sizes, capacities, scores, stays)


def every_flow(problem: Problem) -> Iterator[Flow]:
    """Every way to give the leads away, or not."""
    leads = [number for number, size in enumerate(problem.sizes) for _ in range(size)]
    employees = range(len(problem.capacities))
    for choice in product((None, *employees), repeat=len(leads)):
        flow = [[0 for _ in employees] for _ in problem.sizes]
        for number, employee in zip(leads, choice, strict=True):
            if employee is not None:
                flow[number][employee] += 1
        if is_possible(problem, flow):
            yield flow


def loads_after(problem: Problem, flow: Flow) -> list[int]:
    """How many leads each employee gets or keeps."""
    loads = list(loads_of(flow))
    for size, counts, keeper in zip(problem.sizes, flow, problem.stays or (None,) * len(flow), strict=True):
        if keeper is not None:
            loads[keeper] += size - sum(counts)
    return loads


def is_possible(problem: Problem, flow: Flow) -> bool:
    return (
        all(load <= capacity for load, capacity in zip(loads_after(problem, flow), problem.capacities, strict=True))
        and all(sum(counts) <= size for counts, size in zip(flow, problem.sizes, strict=True))
        and not any(
            count and score is None
            for counts, scores in zip(flow, problem.scores, strict=True)
            for count, score in zip(counts, scores, strict=True)
        )
    )


def worth(problem: Problem, flow: Flow) -> tuple[int, int, int]:
    """What a plan is judged by, in this order: total, leads given, evenness."""
    loads = loads_after(problem, flow)
    return total_of(problem, flow), sum(loads_of(flow)), -sum(load * (load + 1) for load in loads)


@settings(max_examples=150, deadline=None)
@given(st.one_of(problems(), reviews()))
def test_no_plan_is_better(problem: Problem) -> None:
    found = solve(problem)
    assert is_possible(problem, found)
    assert worth(problem, found) == max(worth(problem, flow) for flow in every_flow(problem))
    assert solve(problem) == found


@pytest.mark.parametrize(
    ("problem", "flow"),
    [
        (Problem((4,), (4, 4), ((5000, 5000),)), [[2, 2]]),
        (Problem((5,), (1, 9, 9), ((5000, 5000, 5000),)), [[1, 2, 2]]),
        (Problem((1, 1), (1, 1), ((10_000, 9000), (9000, 1000))), [[0, 1], [1, 0]]),
        (Problem((3,), (2,), ((0,),)), [[2]]),
        (Problem((3,), (0, 0), ((1, 1),)), [[0, 0]]),
        (Problem((2,), (5,), ((None,),)), [[0]]),
        (Problem((1, 1), (1, 1), ((None, 8000), (3000, None)), (0, 1)), [[0, 1], [1, 0]]),
        (Problem((2, 1), (2, 1), ((None, 8000), (3000, None)), (0, 1)), [[0, 1], [1, 0]]),
        (Problem((2,), (2, 1), ((None, 8000),), (0,)), [[0, 1]]),
    ],
)
def test_known_optima(problem: Problem, flow: Sequence[Sequence[int]]) -> None:
    assert solve(problem) == flow


@pytest.mark.parametrize("room", [400, 20_000])
def test_a_review_of_twenty_thousand_leads_that_are_all_different(room: int) -> None:
    """Fifty sellers, full or without any limit, and each lead suits ten others perfectly: all change hands, evenly."""
    sellers, leads = 50, 20_000
    stays = tuple(number % sellers for number in range(leads))
    scores = tuple(
        tuple(
            None if seller == keeper else 10_000 if seller % 5 == (keeper + 1) % 5 else (lead + seller) % 5 * 2000
            for seller in range(sellers)
        )
        for lead, keeper in enumerate(stays)
    )
    problem = Problem((1,) * leads, (room,) * sellers, scores, stays)
    found = solve(problem)
    assert loads_of(found) == [400] * sellers
    assert total_of(problem, found) == leads * 10_000


def test_twenty_thousand_leads_that_are_all_different() -> None:
    """The largest network: every lead barred for somebody else, so that no two are of a class."""
    sellers, leads = 50, 20_000
    scores = tuple(
        tuple(None if (lead * 31 + seller * 17) % 41 == 0 else (lead + seller) % 5 * 2000 for seller in range(sellers))
        for lead in range(leads)
    )
    found = solve(Problem((1,) * leads, (390,) * sellers, scores))
    assert sum(loads_of(found)) == 50 * 390
    assert total_of(Problem((1,) * leads, (390,) * sellers, scores), found) >= 19_500 * 7900
