"""Search assignments: plan of what is to be found, and the leads found for it."""

from datetime import date
from uuid import UUID

import pytest

from domain.client.registration import ClientRegistered, RegisterClient
from domain.kernel import Event
from domain.search_assignment import (
    ChangeSearchAssignment,
    CloseSearchAssignment,
    GiveSearchAssignment,
    SearchAssignment,
    SearchAssignmentChanged,
    SearchAssignmentClosed,
    SearchAssignmentGiven,
)
from tests.spec import (
    CLOSER,
    GONE,
    SELLER,
    SOMEBODY,
    Refusal,
    at,
    day,
    finds,
    folded,
    given,
    given_stream,
    recorded,
    refusal,
)

ID = UUID(int=5)
DUE = date(2026, 3, 31)
GIVEN = SearchAssignmentGiven(title="Foundries", wanted=60, due_on=DUE, industry="metallurgy", employee_id=SELLER.id)
GIVE = GiveSearchAssignment(title="Foundries", wanted=60, due_on=DUE, industry="metallurgy", employee_id=SELLER.id)
CLOSED = SearchAssignmentClosed()


def assignment(*history: Event) -> SearchAssignment:
    return folded(SearchAssignment(ID), recorded(history, ID))


def lead(key: UUID = ID) -> RegisterClient:
    return RegisterClient(name="Steelworks", origin="cold_base", search_assignment_id=key)


OPEN = given_stream(SearchAssignment(ID), GIVEN)
OVER = given_stream(SearchAssignment(ID), GIVEN, at(day(9), CLOSED))
NOTHING = given_stream(SearchAssignment(ID))

REFUSALS = [
    *[
        refusal(code, NOTHING, GIVE.model_copy(update={"employee_id": who}))
        for code, who in (
            ("unknown_employee", SOMEBODY),
            ("employee_left", GONE.id),
            ("employee_not_in_step", CLOSER.id),
        )
    ],
    *[
        refusal(code, OPEN, ChangeSearchAssignment(employee_id=who))
        for code, who in (
            ("unknown_employee", SOMEBODY),
            ("employee_left", GONE.id),
            ("employee_not_in_step", CLOSER.id),
        )
    ],
    *[
        refusal("unknown_search_assignment", NOTHING, command)
        for command in (ChangeSearchAssignment(wanted=1), CloseSearchAssignment())
    ],
    *[
        refusal("search_assignment_closed", OVER, command, {"closed_at": day(9)})
        for command in (ChangeSearchAssignment(wanted=1), CloseSearchAssignment())
    ],
    *[
        refusal("before_its_cause", OPEN, command.model_copy(update={"occurred_at": day(-1)}))
        for command in (ChangeSearchAssignment(wanted=1), CloseSearchAssignment())
    ],
    refusal("nothing_to_change", OPEN, ChangeSearchAssignment(wanted=60)),
    *[
        refusal("in_future", OPEN, command.model_copy(update={"occurred_at": day(101)}))
        for command in (GIVE, ChangeSearchAssignment(wanted=1), CloseSearchAssignment())
    ],
    refusal("unknown_search_assignment", given(), lead(UUID(int=6)), known=finds()),
    refusal("search_assignment_closed", given(), lead(), known=finds(assignment(GIVEN, CLOSED))),
    refusal(
        "before_its_cause",
        given(),
        lead().model_copy(update={"occurred_at": day(-1)}),
        known=finds(assignment(GIVEN)),
    ),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_it_is_given() -> None:
    given = NOTHING.when(GIVE).then(GIVEN)
    assert (given.title, given.wanted, given.due_on, given.given_at) == ("Foundries", 60, DUE, day(100))


def test_what_was_sent_changes() -> None:
    command = ChangeSearchAssignment(wanted=80, industry=None, title="Foundries")
    changed = SearchAssignmentChanged(changed=frozenset({"wanted", "industry"}), wanted=80)
    after = OPEN.when(command).then(changed)
    assert (after.wanted, after.industry, after.employee_id) == (80, None, SELLER.id)


def test_it_is_closed() -> None:
    assert OPEN.when(CloseSearchAssignment()).then(CLOSED).closed_at == day(100)


def test_a_lead_names_what_it_was_found_for() -> None:
    registered = ClientRegistered(name="Steelworks", kind="company", origin="cold_base", search_assignment_id=ID)
    given().when(lead(), known=finds(assignment(GIVEN))).then(registered)
