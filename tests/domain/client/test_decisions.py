"""Decisions."""

from uuid import UUID

import pytest

from domain.client.decisions import DecisionMade, RecordDecision
from tests.domain.facts import REGISTERED
from tests.spec import HEAD, SELLER, SOMEBODY, Refusal, given, new, refusal

REFUSALS = [refusal("unknown_employee", given(REGISTERED), RecordDecision(text="Wait", decided_by=SOMEBODY))]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


@pytest.mark.parametrize(("named", "who"), [(None, SELLER.id), (HEAD.id, HEAD.id)])
def test_a_decision_keeps_its_basis_and_who_decided(named: UUID | None, who: UUID) -> None:
    made = DecisionMade(decision_id=new(1), text="Wait", basis="Budget comes in May", decided_by=who)
    given(REGISTERED).when(RecordDecision(text="Wait", basis="Budget comes in May", decided_by=named)).then(made)
