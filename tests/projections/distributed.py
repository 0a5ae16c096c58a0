"""Facts of distributions: one planned only, one edited, one half applied, one finished."""

from decimal import Decimal
from uuid import UUID

from domain.distribution.events import (
    DistributionEdited,
    DistributionFinished,
    DistributionPlanned,
    DistributionStarted,
    LeadsDistributed,
    LinesPlanned,
)
from domain.distribution.lines import Line, Reason, Seller, Skipped
from domain.kernel import Event
from domain.types import Step, Variant
from tests.projections.firm import STAFF, client_id
from tests.projections.histories import Fact
from tests.spec import day

ANNA = next(iter(STAFF))
PLANNED = DistributionPlanned(
    step=Step.LEAD_GENERATION,
    variant=Variant.TRUSTING,
    sellers=(Seller(employee_id=ANNA),),
    leads=2,
    given=2,
    total=Decimal("1.3"),
    greedy_given=2,
    greedy_total=Decimal("1.1"),
)
LINES = LinesPlanned(
    lines=tuple(
        Line(client_id=client_id(number), employee_id=ANNA, score=Decimal("0.5"), reason=Reason.BEST_SCORE)
        for number in range(2)
    )
)
EDITED = DistributionEdited(client_id=client_id(0))
FIRST = LeadsDistributed(assigned=(client_id(0),))
SECOND = LeadsDistributed(assigned=(), skipped=(Skipped(client_id=client_id(1), code="lead_changed"),))
STORIES: tuple[tuple[Event, ...], ...] = (
    (PLANNED, LINES),
    (PLANNED, LINES, EDITED, EDITED),
    (PLANNED, LINES, DistributionStarted(), FIRST),
    (PLANNED, LINES, DistributionStarted(), FIRST, SECOND, DistributionFinished(assigned=1, skipped=1)),
)


def distribution_id(number: int) -> UUID:
    """The id of distribution `number` of `STORIES`."""
    return UUID(int=0xD157 + number)


def distributions() -> list[Fact]:
    """The facts of all stories, mixed: the first ones of each, then the second ones, and so on."""
    return [
        Fact(distribution_id(number), story[place], day(number + place))
        for place in range(max(map(len, STORIES)))
        for number, story in enumerate(STORIES)
        if place < len(story)
    ]
