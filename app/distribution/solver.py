"""The optimum of a distribution, exact, as two minimum-cost flows: leads by class -> employees -> done.

The first finds the largest total of scores and the most leads that can be given with it. From it follows which ways a
plan of the same worth may take, which it must not, and which it must fill. The second goes these ways only, and each
further lead of an employee costs more than the one before: so the numbers of leads come out as even as possible. All
numbers are whole, so nothing is rounded; see docs/decisions.

Leads that nobody gets have a way that brings nothing: past all employees or, in a review, to the one who works them and
whose room they take.
"""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, NamedTuple, cast

import numpy as np
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from domain.distribution.problem import Flow, Problem

Numbers = np.ndarray[Any, np.dtype[np.int64]]
START, DONE, FIRST_CLASS = 0, 1, 2
BARRED = -1
LARGE = 50_000
"""Classes times employees that are solved on the spot, within a tenth of a second or two."""


class _Ways(NamedTuple):
    """Ways between two points of the network each, how many leads they hold, and what a lead on them costs."""

    tails: Numbers
    heads: Numbers
    rooms: Numbers
    prices: Numbers


class _Network(NamedTuple):
    """From the start to the classes, on to employees, from them to the end, and past employees who must not get them.

    `given`: the places, among the ways, of those from the classes to employees, in the order of `classes`, `employees`.
    `last`: the places of those from each employee to the end.
    """

    ways: _Ways
    classes: Numbers
    employees: Numbers
    given: slice
    last: slice


def solve_apart(problem: Problem) -> Flow:
    """As `solve`, a large problem in a process of its own: solving holds up all other threads. Call it in a thread."""
    if len(problem.sizes) * len(problem.capacities) <= LARGE:
        return solve(problem)
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(solve, problem).result()


def solve(problem: Problem) -> Flow:
    """How many leads of each class go to each employee, in the best plan.

    The same problem has the same answer every time.
    """
    leads = sum(problem.sizes)
    network = _network(problem, leads)
    best = _flows(network.ways, leads)
    even, places = _evened(network, _signs(network.ways, best), leads)
    flows = np.bincount(places, _flows(even, leads), len(network.ways.tails)).astype(np.int64)
    table: Numbers = np.zeros((len(problem.sizes), len(problem.capacities)), dtype=np.int64)
    table[network.classes, network.employees] = flows[network.given]
    return cast("Flow", table.tolist())


def _network(problem: Problem, leads: int) -> _Network:
    """A lead more given is worth more than nothing, and any better total is worth more than all leads."""
    scores: Numbers = np.array([[BARRED if score is None else score for score in row] for row in problem.scores])
    capacities: Numbers = np.array(problem.capacities, dtype=np.int64)
    sizes: Numbers = np.array(problem.sizes, dtype=np.int64)
    class_nodes = np.arange(len(sizes)) + FIRST_CLASS
    employee_nodes = np.arange(len(capacities)) + FIRST_CLASS + len(sizes)
    classes, employees = np.nonzero((scores != BARRED) & (capacities > 0))
    stays = problem.stays or (None,) * len(sizes)
    keepers = np.array([DONE if keeper is None else employee_nodes[keeper] for keeper in stays])
    parts = [
        _ways(
            class_nodes[classes],
            employee_nodes[employees],
            sizes[classes],
            -(scores[classes, employees] * (leads + 1) + 1),
        ),
        _ways(employee_nodes, DONE, capacities, 0),
        _ways(START, class_nodes, sizes, 0),
        _ways(class_nodes, keepers, sizes, 0),
    ]
    ways = _Ways(*map(np.concatenate, zip(*parts, strict=True)))
    given = slice(0, len(classes))
    return _Network(ways, classes, employees, given, slice(given.stop, given.stop + len(capacities)))


def _ways(tails: Any, heads: Any, rooms: Any, prices: Any) -> _Ways:
    parts = np.broadcast_arrays(tails, heads, rooms, prices)
    return _Ways(*(np.ascontiguousarray(part, dtype=np.int64) for part in parts))


def _flows(ways: _Ways, leads: int) -> Numbers:
    """How many leads take each way, when all of them have to pass."""
    flow: Any = SimpleMinCostFlow()  # its types of arrays are wrong
    numbers = flow.add_arcs_with_capacity_and_unit_cost(*ways)
    flow.set_node_supply(START, leads)
    flow.set_node_supply(DONE, -leads)
    status = flow.solve()
    assert status == SimpleMinCostFlow.OPTIMAL, status
    return flow.flows(numbers)


def _signs(ways: _Ways, flows: Numbers) -> Numbers:
    """Of each way: 1, no best plan takes it; -1, every best plan fills it; 0, best plans may differ in it.

    The signs of the reduced costs: prices less the differences between points. By complementary slackness they hold for
    every flow that costs as little as this one.
    """
    free, taken = flows < ways.rooms, flows > 0
    tails = np.concatenate([ways.tails[free], ways.heads[taken]])
    heads = np.concatenate([ways.heads[free], ways.tails[taken]])
    prices = np.concatenate([ways.prices[free], -ways.prices[taken]])
    costs: Numbers = np.zeros(1 + max(ways.tails.max(), ways.heads.max()), dtype=np.int64)
    while True:
        before = costs.copy()
        np.minimum.at(costs, heads, before[tails] + prices)
        if np.array_equal(before, costs):
            return np.sign(ways.prices + costs[ways.tails] - costs[ways.heads])


def _evened(network: _Network, signs: Numbers, leads: int) -> tuple[_Ways, Numbers]:
    """The network in which the n-th lead of an employee costs n, and what keeps the first flow's worth.

    A lead on a wrong way costs more than the most uneven plan. With each way the place of the one that it stands for.
    """
    ways, rooms = network.ways, network.ways.rooms[network.last]
    numbers: Numbers = np.arange(len(ways.rooms))
    once = np.delete(numbers, network.last)
    places: Numbers = np.concatenate([once, np.repeat(numbers[network.last], rooms)])
    nth: Numbers = np.zeros(len(places), dtype=np.int64)
    nth[len(once) :] = np.arange(1, rooms.sum() + 1) - np.repeat(np.cumsum(rooms) - rooms, rooms)
    wrong = leads * (leads + 1) // 2 + 1
    even_rooms = np.where(nth > 0, 1, ways.rooms[places])
    return _Ways(ways.tails[places], ways.heads[places], even_rooms, signs[places] * wrong + nth), places
