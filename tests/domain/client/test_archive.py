"""Archive and restore."""

import pytest

from domain.client.archive import ArchiveClient, ClientArchived, ClientRestored, RestoreClient
from domain.client.qualification import ClientDisqualified, DisqualificationReason
from domain.types import Step
from tests.domain.facts import OFFERED, REGISTERED
from tests.spec import Refusal, at, day, given, refusal

ARCHIVED = ClientArchived(step=Step.LEAD_GENERATION)
RESTORED = ClientRestored(step=Step.LEAD_GENERATION)
GIVEN_UP = ClientDisqualified(step=Step.LEAD_GENERATION, reason=DisqualificationReason.NO_NEED)
IN_ARCHIVE = (REGISTERED, at(day(5), ARCHIVED))

REFUSALS = [
    refusal("handoff_pending", given(*OFFERED), ArchiveClient()),
    refusal("client_archived", given(*IN_ARCHIVE), ArchiveClient()),
    refusal("before_its_cause", given(*IN_ARCHIVE, at(day(6), RESTORED)), ArchiveClient(occurred_at=day(5.5))),
    refusal("client_not_archived", given(REGISTERED), RestoreClient()),
    refusal("before_its_cause", given(*IN_ARCHIVE), RestoreClient(occurred_at=day(4)), {"since": day(5)}),
]


@pytest.mark.parametrize("case", REFUSALS, ids=str)
def test_refuses(case: Refusal) -> None:
    case.check()


def test_out_of_sight_and_back() -> None:
    assert given(REGISTERED).when(ArchiveClient()).then(ARCHIVED).archive.archived
    assert not given(*IN_ARCHIVE).when(RestoreClient()).then(RESTORED).archive.archived


def test_a_client_given_up_may_be_archived_and_restored() -> None:
    given(REGISTERED, GIVEN_UP).when(ArchiveClient()).then(ARCHIVED)
    client = given(REGISTERED, GIVEN_UP, ARCHIVED).when(RestoreClient()).then(RESTORED)
    assert client.qualification.disqualified == "no_need"
