"""Additional sales over HTTP: what similar clients buy and a client does not, and the same over a manager's book."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.documented import problems_documented
from app.api.reading import Reading, reader
from app.api.reports import cursors_checked
from app.problems import Problem
from projections.additional_sales import Least, Similar, Suggested, Suggestion, book_of, buyer
from projections.book import BookView
from projections.paging import Page

router = APIRouter(tags=["Reports"])
BookReading = Annotated[Reading, reader(BookView.name, in_time=True)]
NOT_FOUND = 404
LEAST_SUPPORT, LEAST_CLIENTS, LEAST_GROUP = 0.02, 3, 10
MOST_ARTICLES, MOST_CLIENTS = 50, 50


async def _least(
    minimum_support: Annotated[
        float, Query(ge=0, le=1, description="Share of the group that buys the article, and both sides of a rule")
    ] = LEAST_SUPPORT,
    minimum_clients: Annotated[
        int, Query(ge=1, le=1_000_000, description="So many clients have to buy the article, and both sides of a rule")
    ] = LEAST_CLIENTS,
    minimum_group: Annotated[
        int, Query(ge=1, le=1_000_000, description="With fewer similar clients, less similar ones are looked at too")
    ] = LEAST_GROUP,
) -> Least:
    return Least(minimum_support, minimum_clients, minimum_group)


LeastAsked = Annotated[Least, Depends(_least)]
_ARTICLE: dict[str, JsonValue] = {
    "article": "Bend 90",
    "clients": 18,
    "share": 0.45,
    "rule": {
        "because": "Pipe 40",
        "because_clients": 24,
        "both_clients": 16,
        "support": 0.4,
        "confidence": 0.6667,
        "lift": 1.4815,
    },
}
_GROUP: dict[str, JsonValue] = {
    "similarity": {"industry": "metallurgy", "category": "A"},
    "group_clients": 40,
    "buys": 3,
    "items": [_ARTICLE],
}


class RuleBody(BaseModel):
    """Who buys `because` buys the article too (Agrawal, Imieliński, Swami 1993). Shares to 4 places."""

    model_config = ConfigDict(from_attributes=True)

    because: str
    because_clients: Annotated[int, Field(description="Clients of the group that buy `because`")]
    both_clients: Annotated[int, Field(description="Those of them that buy the article too")]
    support: Annotated[float, Field(description="`both_clients` by all clients of the group")]
    confidence: Annotated[float, Field(description="`both_clients` by `because_clients`")]
    lift: Annotated[float, Field(description="Confidence by the article's share; over 1: they go together")]


class ArticleSuggestion(BaseModel):
    """An article that the client has never ordered."""

    model_config = ConfigDict(from_attributes=True, json_schema_extra={"examples": [_ARTICLE]})

    article: str
    clients: Annotated[int, Field(description="Clients of the group that buy it")]
    share: Annotated[float, Field(description="Of the group, to 4 places")]
    rule: Annotated[
        RuleBody | None, Field(description="The one with the highest confidence; null: none reaches enough")
    ]


class ClientSuggestions(BaseModel):
    """What a client does not buy and clients like it do, the likeliest first."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"id": "3f0e2a8e-7f1c-4a55-9d0c-0c7f5c1f7a11", "name": "Ural Steel", **_GROUP}]}
    )

    id: UUID
    name: str | None
    similarity: Annotated[
        dict[str, str], Field(description="What the clients of the group have in common with it; empty: all clients")
    ]
    group_clients: Annotated[int, Field(description="Clients of the group that order anything, itself among them")]
    buys: Annotated[int, Field(description="How many articles the client orders itself")]
    items: list[ArticleSuggestion]


Most = Annotated[int, Query(ge=1, le=MOST_ARTICLES, description="So many articles for a client")]


@router.get("/clients/{client_id}/additional-sales", responses=problems_documented({NOT_FOUND: ["unknown_client"]}))
async def read_additional_sales(
    reading: BookReading, client_id: UUID, least: LeastAsked, most: Most = 10
) -> ClientSuggestions:
    """Articles that similar clients buy and this one does not, from the lines of orders that stand.

    Similar are clients with the same industry, category and region; where they are too few, those of the same industry
    and category, of the same industry and region, of the same industry, and in the end all.
    """
    client = await buyer(reading.connection, client_id)
    if client is None:
        raise Problem("unknown_client", status=NOT_FOUND, facts={"id": client_id})
    similar = Similar(reading.connection, [client], least)
    return _body(await similar.suggested(client, most))


def _body(found: Suggested) -> ClientSuggestions:
    return ClientSuggestions(
        id=found.buyer.id,
        name=found.buyer.name,
        similarity=dict(found.group.shared),
        group_clients=found.clients,
        buys=len(found.buyer.articles),
        items=[_suggestion(each) for each in found.suggestions],
    )


def _suggestion(each: Suggestion) -> ArticleSuggestion:
    return ArticleSuggestion.model_validate(each)


class BookSuggestions(BaseModel):
    """The clients in an account manager's book, each with what it could buy."""

    items: list[ClientSuggestions]
    next_cursor: str | None


async def _book_page(
    cursor: Annotated[str | None, Query(max_length=1000, description="The `next_cursor` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_CLIENTS)] = 20,
) -> Page:
    return Page(cursor, limit)


@router.get("/reports/additional-sales")
async def report_additional_sales(
    reading: BookReading,
    least: LeastAsked,
    page: Annotated[Page, Depends(_book_page)],
    employee_id: Annotated[UUID, Query(description="Whose book")],
    most: Most = 3,
) -> BookSuggestions:
    """What the clients in an account manager's book could buy as well, client by client."""
    with cursors_checked():
        clients, next_cursor = await book_of(reading.connection, employee_id, page)
    similar = Similar(reading.connection, clients, least)
    items = [_body(await similar.suggested(client, most)) for client in clients]
    return BookSuggestions(items=items, next_cursor=next_cursor)
