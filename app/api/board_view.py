"""The conveyor board: by step how many clients, what is expected of them, and who waits longest."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.parameters import NOTHING_FOR_NONE
from app.api.people import EmployeeRef, optional_ref
from app.api.reading import Reading, reader
from app.api.reports import cursors_checked
from app.problems import invalid
from app.services import Services
from domain.types import STEPS, Category, Step
from projections.board import BoardCard, BoardView
from projections.board_query import BoardColumn, BoardFilter, OpenAmount, board
from projections.money import Money
from projections.paging import MAX_LIMIT

router = APIRouter(tags=["Board"])

CARDS_PER_STEP = 20


class OpenAmountBody(BaseModel):
    """Open deals in one currency, and what is expected of them."""

    currency: Annotated[str, Field(examples=["EUR"])]
    deals: Annotated[int, Field(examples=[2])]
    amount: Annotated[Money, Field(examples=["24000.00"])]


class BoardCardBody(BaseModel):
    """A client on the board."""

    id: UUID
    name: Annotated[str | None, Field(examples=["Romashka LLC"])]
    category: Annotated[str | None, Field(examples=["A"])]
    owner: EmployeeRef | None
    step_since: Annotated[datetime, Field(description="Since when it waits in the step")]
    open_amounts: list[OpenAmountBody]


class BoardColumnBody(BaseModel):
    """One step: all its clients counted, and a page of them, those who wait longest first."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "step": "first_deal",
                    "count": 1,
                    "open_amounts": [{"currency": "EUR", "deals": 2, "amount": "24000.00"}],
                    "items": [
                        {
                            "id": "0190f3a0-3c1e-4b52-8c0e-5a1f5c0f7a11",
                            "name": "Romashka LLC",
                            "category": "A",
                            "owner": None,
                            "step_since": "2030-03-04T09:30:00Z",
                            "open_amounts": [{"currency": "EUR", "deals": 2, "amount": "24000.00"}],
                        }
                    ],
                    "next_cursor": None,
                }
            ]
        }
    )

    step: Step
    count: Annotated[int, Field(description="All clients of the step that match")]
    open_amounts: Annotated[list[OpenAmountBody], Field(description="All open deals of those clients, by currency")]
    items: list[BoardCardBody]
    next_cursor: Annotated[str | None, Field(description="Send it with `step` for more of this column")]


class BoardBody(BaseModel):
    """The steps in the order of the conveyor."""

    items: list[BoardColumnBody]


class BoardQuery(BaseModel):
    """What to show. Several values of one parameter are alternatives; different parameters must all hold."""

    step: Annotated[list[Step], Field(description="All, when absent")] = []
    owner_id: list[UUID] = []
    unassigned: Annotated[bool, Field(description="Clients that nobody works; beside those of `owner_id`")] = False
    category: Annotated[list[Category | Literal[""]], Field(description=NOTHING_FOR_NONE)] = []
    limit: Annotated[int, Field(ge=1, le=MAX_LIMIT, description="Clients per step")] = CARDS_PER_STEP
    cursor: Annotated[str | None, Field(description="`next_cursor` of a column, with its `step`")] = None


@router.get("/board")
async def read_board(
    query: Annotated[BoardQuery, Query()], reading: Annotated[Reading, reader(BoardView.name, in_time=True)]
) -> BoardBody:
    """The board, now or as it stood. Clients given up, archived or merged are not on it."""
    steps = [step for step in STEPS if not query.step or step in query.step]
    if query.cursor is not None and len(steps) != 1:
        raise invalid("step", "Send the one step whose column is continued.", "one_step")
    wanted = BoardFilter(query.owner_id, query.unassigned, query.category)
    with cursors_checked():
        columns = await board(reading.connection, wanted, steps, query.limit, query.cursor)
    return BoardBody(items=[_column(column, reading.services) for column in columns])


def _column(column: BoardColumn, services: Services) -> BoardColumnBody:
    return BoardColumnBody(
        step=column.step,
        count=column.clients,
        open_amounts=[_amount(amount) for amount in column.open_amounts],
        items=[_card(card, services) for card in column.cards],
        next_cursor=column.next_cursor,
    )


def _card(card: BoardCard, services: Services) -> BoardCardBody:
    assert card.place.since is not None, "only registered clients are on the board"
    return BoardCardBody(
        id=card.id,
        name=card.name,
        category=card.category,
        owner=optional_ref(services, card.place.owner),
        step_since=card.place.since,
        open_amounts=[_amount(OpenAmount(key, *value)) for key, value in sorted(card.open_amounts.items())],
    )


def _amount(amount: OpenAmount) -> OpenAmountBody:
    return OpenAmountBody(currency=amount.currency, deals=amount.deals, amount=amount.amount)
