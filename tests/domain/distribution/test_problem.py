"""Leads and employees as a problem of numbers, and plans read back from its solution."""

from collections import Counter
from decimal import Decimal
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from domain.distribution.lines import Reason, Seller
from domain.distribution.problem import Flow, Lead, Problem, plan
from domain.regulation.compatibility import Compatibility

DRIVER, AMIABLE = UUID(int=101), UUID(int=102)
MATRIX = Compatibility()


def sellers(driver: int | None, amiable: int | None) -> list[Seller]:
    return [
        Seller(employee_id=AMIABLE, personality_type="amiable", capacity=amiable),
        Seller(employee_id=DRIVER, personality_type="driver", capacity=driver),
    ]


def lead(number: int, client_type: str | None, *barred: UUID) -> Lead:
    return Lead(UUID(int=number), client_type, None, barred)


def all_to_the_first(problem: Problem) -> Flow:
    """Not a good plan, but a possible one where the first employee has room for all."""
    return [
        [size if score is not None else 0, 0] for size, (score, _) in zip(problem.sizes, problem.scores, strict=True)
    ]


class TestReduction:
    def test_leads_that_are_equal_to_everybody_are_one_class(self) -> None:
        seen: list[Problem] = []

        def solve(problem: Problem) -> Flow:
            seen.append(problem)
            return all_to_the_first(problem)

        leads = [
            lead(1, "driver"),
            lead(2, "driver", UUID(int=7)),
            lead(3, "driver", DRIVER),
            lead(4, None),
            lead(5, "driver"),
        ]
        plan(leads, sellers(None, 2), MATRIX, solve)
        (problem,) = seen
        assert problem.sizes == (3, 1, 1)
        assert problem.capacities == (5, 2)
        assert problem.scores == ((8000, 3000), (None, 3000), (5000, 5000))

    def test_the_order_of_leads_and_employees_does_not_matter(self) -> None:
        leads = [lead(number, kind) for number, kind in enumerate(("driver", None, "amiable", "driver"))]
        one = plan(leads, sellers(4, 4), MATRIX, all_to_the_first)
        assert plan(leads[::-1], sellers(4, 4)[::-1], MATRIX, all_to_the_first) == one
        assert [line.client_id.int for line in one.lines] == [0, 1, 2, 3]


class TestReasons:
    def test_best_better_ones_full_no_capacity_and_nobody_left(self) -> None:
        leads = [lead(1, "driver"), lead(2, "driver"), lead(3, "driver"), lead(4, "driver", DRIVER, AMIABLE)]
        found = plan(leads, sellers(1, 1), MATRIX, lambda _: [[1, 1], [0, 0]])
        assert [(line.employee_id, line.score, line.reason) for line in found.lines] == [
            (DRIVER, Decimal("0.8"), Reason.BEST_SCORE),
            (AMIABLE, Decimal("0.3"), Reason.BETTER_ONES_FULL),
            (None, None, Reason.NO_CAPACITY),
            (None, None, Reason.NOBODY_LEFT),
        ]
        assert found.total == Decimal("1.1")


class TestGreedy:
    def test_one_pass_takes_the_best_that_is_there(self) -> None:
        """The analytical lead takes the driver's place, and the driver lead is left to the amiable one."""
        leads = [lead(1, "analytical"), lead(2, "driver")]
        found = plan(leads, sellers(1, 1), MATRIX, lambda _: [[0, 1], [1, 0]])
        assert (found.total, found.greedy_total, found.greedy_given) == (Decimal("1.3"), Decimal("0.9"), 2)

    def test_equal_scores_go_to_who_has_most_room(self) -> None:
        found = plan([lead(number, None) for number in range(4)], sellers(3, 1), MATRIX, lambda _: [[3, 1]])
        assert (found.greedy_given, found.greedy_total) == (4, Decimal(2))

    @given(st.lists(st.sampled_from(("driver", "amiable", None)), max_size=12), st.integers(0, 5), st.integers(0, 5))
    def test_it_never_exceeds_the_room_there_is(self, types: list[str | None], driver: int, amiable: int) -> None:
        leads = [lead(number, kind) for number, kind in enumerate(types)]
        found = plan(leads, sellers(driver, amiable), MATRIX, lambda problem: [[0, 0] for _ in problem.sizes])
        assert found.greedy_given == min(len(leads), driver + amiable)
        assert Counter(line.reason for line in found.lines) == Counter(
            {Reason.NO_CAPACITY: len(leads)} if leads else {}
        )
