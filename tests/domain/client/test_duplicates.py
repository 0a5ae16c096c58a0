"""Duplicates that were looked at."""

import pytest

from domain.client.duplicates import DismissDuplicate, DuplicateDismissed, OtherClient
from tests.domain.facts import REGISTERED
from tests.spec import CLIENT_ID, Refusal, day, finds, given, new, refusal

OTHER = new(9)
DISMISS = DismissDuplicate(other_id=OTHER, reason="Two works of one holding")
DISMISSED = DuplicateDismissed(other_id=OTHER, reason="Two works of one holding")
KNOWN = finds(OtherClient(OTHER, day(0)))

REFUSALS = [
    refusal("unknown_client", given(REGISTERED), DISMISS, {"id": OTHER}),
    refusal("same_client", given(REGISTERED), DISMISS.model_copy(update={"other_id": CLIENT_ID})),
    refusal("duplicate_dismissed", given(REGISTERED, DISMISSED), DISMISS, {"other_id": OTHER}, known=KNOWN),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_two_clients_are_told_apart() -> None:
    client = given(REGISTERED).when(DISMISS, known=KNOWN).then(DISMISSED)
    assert client.duplicates.dismissed == {OTHER}
