"""The optimum of a distribution, exact, as two minimum-cost flows: leads by class -> employees -> done.

The first finds the largest total of scores and the most leads that can be given with it. The second gives away just so
many leads for the same total, and each further lead of an employee costs more than the one before: so the numbers of
leads come out as even as possible. All numbers are whole, so nothing is rounded; see docs/decisions.

In a review leads stay with who works them unless others get them, and take his room then. They have a way to him as
well, which brings nothing; all leads pass the network, and the prices of the second flow hold total and number of the
first.
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


class _Arcs(NamedTuple):
    """From which class to which employee leads may go, and what each brings."""

    classes: Numbers
    employees: Numbers
    scores: Numbers


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
    arcs = _arcs(problem)
    if not len(arcs.scores):
        return [[0] * len(problem.capacities) for _ in problem.sizes]
    most = sum(problem.sizes)
    if any(keeper is not None for keeper in problem.stays):
        return _table(problem, arcs, _reviewed(problem, arcs, most))
    network = _Network(problem, arcs, prices=-(arcs.scores * (most + 1) + 1))
    network.let_pass(most)
    given = int(network.solved(most).sum())
    dearest_loads = given * (given + 1) // 2
    network = _Network(problem, arcs, prices=-(arcs.scores * (dearest_loads + 1)), even=True)
    return _table(problem, arcs, network.solved(given))


def _reviewed(problem: Problem, arcs: _Arcs, most: int) -> Numbers:
    """How many leads take each way, where some stay.

    The first flow shows how uneven the best total can be at most; a lead more or a better score is worth more than
    that. With the 5,000 leads that a review may have, the sum of all prices stays below 2^63.
    """
    prices = arcs.scores * (most + 1) + 1
    network = _Network(problem, arcs, -prices)
    network.let_stay(problem)
    loads = np.bincount(arcs.employees, network.solved(most), len(problem.capacities)) + network.staying(problem)
    unevenness = int((loads * (loads + 1) // 2).sum())
    network = _Network(problem, arcs, -prices * (unevenness + 1), even=True)
    network.let_stay(problem)
    return network.solved(most)


def _table(problem: Problem, arcs: _Arcs, flows: Numbers) -> Flow:
    table: Numbers = np.zeros((len(problem.sizes), len(problem.capacities)), dtype=np.int64)
    table[arcs.classes, arcs.employees] = flows
    return cast("Flow", table.tolist())


def _arcs(problem: Problem) -> _Arcs:
    rows = [[BARRED if score is None else score for score in scores] for scores in problem.scores]
    scores: Numbers = np.array(rows, dtype=np.int64)
    classes, employees = np.nonzero((scores != BARRED) & (np.array(problem.capacities) > 0))
    return _Arcs(classes, employees, scores[classes, employees])


class _Network:
    """Classes, employees and the ways between them. `even`: each lead of an employee costs one more than the last."""

    def __init__(self, problem: Problem, arcs: _Arcs, prices: Numbers, *, even: bool = False) -> None:
        self._flow: Any = SimpleMinCostFlow()  # its types of arrays are wrong
        sizes: Numbers = np.array(problem.sizes, dtype=np.int64)
        capacities: Numbers = np.array(problem.capacities, dtype=np.int64)
        self._classes = classes = np.arange(len(sizes)) + FIRST_CLASS
        self._employees = employees = np.arange(len(capacities)) + FIRST_CLASS + len(sizes)
        self._add(START, classes, sizes, 0)
        self._ways = self._add(classes[arcs.classes], employees[arcs.employees], sizes[arcs.classes], prices)
        if even:
            nth: Numbers = np.concatenate([np.arange(1, capacity + 1) for capacity in problem.capacities])
            self._add(np.repeat(employees, capacities), DONE, 1, nth)
        else:
            self._add(employees, DONE, capacities, 0)

    def _add(self, tails: Any, heads: Any, capacities: Any, prices: Any) -> Numbers:
        parts = np.broadcast_arrays(tails, heads, capacities, prices)
        return self._flow.add_arcs_with_capacity_and_unit_cost(*map(np.ascontiguousarray, parts))

    def let_stay(self, problem: Problem) -> None:
        """Let each lead stay with who keeps it, or where nobody does, pass by all employees."""
        keepers = [DONE if keeper is None else self._employees[keeper] for keeper in problem.stays]
        self._stays = self._add(self._classes, np.array(keepers, dtype=np.int64), np.array(problem.sizes), 0)

    def staying(self, problem: Problem) -> Numbers:
        """How many leads stay with each employee, once it is solved."""
        flows = self._flow.flows(self._stays)
        kept = [(keeper, flow) for keeper, flow in zip(problem.stays, flows, strict=True) if keeper is not None]
        employees, counts = zip(*kept, strict=True)
        return np.bincount(employees, counts, len(problem.capacities)).astype(np.int64)

    def let_pass(self, leads: int) -> None:
        """Let so many leads pass by all employees."""
        self._flow.add_arc_with_capacity_and_unit_cost(START, DONE, leads, 0)

    def solved(self, leads: int) -> Numbers:
        """How many leads take each way, when so many have to be done."""
        self._flow.set_node_supply(START, leads)
        self._flow.set_node_supply(DONE, -leads)
        status = self._flow.solve()
        assert status == SimpleMinCostFlow.OPTIMAL, status
        return self._flow.flows(self._ways)
