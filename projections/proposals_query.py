"""The base of proposals, those whose time is over, and what comes of them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, String, Subquery, and_, case, cast, func, not_, or_, select, true
from sqlalchemy.dialects.postgresql import TSQUERY, distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from projections.paging import Listed, Page, listed
from projections.period import Period
from projections.place import Status
from projections.proposals import CLIENTS, PROPOSALS, SENDINGS, WORDS
from projections.words import search_query

_JOINED = PROPOSALS.join(CLIENTS, CLIENTS.c.id == PROPOSALS.c.client_id)
_OF_PROPOSAL = and_(SENDINGS.c.client_id == PROPOSALS.c.client_id, SENDINGS.c.proposal_id == PROPOSALS.c.proposal_id)
_SENT = SENDINGS.join(PROPOSALS, _OF_PROPOSAL).join(CLIENTS, CLIENTS.c.id == PROPOSALS.c.client_id)
_SHOWN = tuple(column for column in PROPOSALS.c if column.name != "words")
SECONDS_IN_DAY = 86_400
REPLACED = "replaced"
"""What became of a sending after which the proposal was sent anew."""


class ProposalState(StrEnum):
    """How a proposal stands. One that was revised after it was sent is a draft."""

    DRAFT = "draft"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"


class WantedProposals(NamedTuple):
    """Which proposals to list; None does not restrict.

    `by` restricts employee (who sent it, else who drafted it), owner, stage, origin, category and reason, where None
    asks for those without; `exact` other columns. `search` are beginnings of words of number, title, terms and lines,
    or of the client's name. `drafted` and `sent`: when that happened; `is_sent`: whether it ever was. Employee,
    template, version and `sent` are of the last sending; with `is_replaced`, of an earlier one and not of the last.
    """

    state: ProposalState | None = None
    by: Mapping[str, Any] = {}
    exact: Mapping[str, Any] = {}
    search: str | None = None
    drafted: Period = Period()
    sent: Period = Period()
    is_sent: bool | None = None
    is_replaced: bool = False


class ProposalBy(StrEnum):
    """What the conversion of proposals is split by."""

    TEMPLATE = "template"
    VERSION = "version"
    EMPLOYEE = "employee"
    STAGE = "stage"
    ORIGIN = "origin"
    CATEGORY = "category"
    MONTH = "month"


_EMPLOYEE = func.coalesce(PROPOSALS.c.sent_by, PROPOSALS.c.drafted_by)
_OF_A_SENDING = ("template_id", "template_version")
_KEYS: dict[str, ColumnElement[Any]] = {
    "owner": CLIENTS.c.owner_id,
    "stage": PROPOSALS.c.stage,
    "origin": CLIENTS.c.origin,
    "category": CLIENTS.c.category,
    "reason": PROPOSALS.c.reason,
}
_SPLITS: dict[ProposalBy, tuple[ColumnElement[Any], ...]] = {
    ProposalBy.TEMPLATE: (SENDINGS.c.template_id,),
    ProposalBy.VERSION: (SENDINGS.c.template_id, SENDINGS.c.template_version),
    ProposalBy.EMPLOYEE: (SENDINGS.c.sent_by.label("employee"),),
    ProposalBy.STAGE: (PROPOSALS.c.stage,),
    ProposalBy.ORIGIN: (CLIENTS.c.origin,),
    ProposalBy.CATEGORY: (CLIENTS.c.category,),
    ProposalBy.MONTH: (func.to_char(func.timezone("UTC", SENDINGS.c.sent_at), "YYYY-MM").label("month"),),
}


async def proposals(connection: AsyncConnection, wanted: WantedProposals, page: Page) -> Listed:
    """Proposals, those first that were drafted first.

    Raises:
        BadCursor: the cursor is not of this list.
    """
    columns = (*_SHOWN, CLIENTS.c.name.label("client_name"), CLIENTS.c.owner_id, CLIENTS.c.status)
    query = select(*columns).select_from(_JOINED).where(*_conditions(wanted))
    return await listed(connection, query, (PROPOSALS.c.drafted_at, PROPOSALS.c.proposal_id), page)


def _conditions(wanted: WantedProposals) -> list[ColumnElement[bool]]:
    conditions = [PROPOSALS.c.state == wanted.state] if wanted.state else []
    conditions += [_KEYS[name] == value for name, value in wanted.by.items() if name != "employee"]
    exact = {name: value for name, value in wanted.exact.items() if name not in _OF_A_SENDING and value is not None}
    conditions += [PROPOSALS.c[name] == value for name, value in exact.items()]
    if wanted.search is not None:
        conditions.append(_found(wanted.search))
    if wanted.is_sent is not None:
        conditions.append(PROPOSALS.c.sent_at.is_not(None) == wanted.is_sent)
    return [*conditions, *wanted.drafted.covers(PROPOSALS.c.drafted_at), *_sending_conditions(wanted)]


def _sending_conditions(wanted: WantedProposals) -> list[ColumnElement[bool]]:
    last = _sent_so(wanted, PROPOSALS.c, _EMPLOYEE)
    if not wanted.is_replaced:
        return last
    earlier = select(SENDINGS.c.number).where(_OF_PROPOSAL, *_sent_so(wanted, SENDINGS.c, SENDINGS.c.sent_by))
    return [earlier.exists(), not_(and_(true(), *last))]


def _sent_so(wanted: WantedProposals, columns: Any, employee: ColumnElement[Any]) -> list[ColumnElement[bool]]:
    """That a sending is as wanted, whose columns these are."""
    template = {name: wanted.exact.get(name) for name in _OF_A_SENDING}
    conditions = [columns[name] == value for name, value in template.items() if value is not None]
    by = [employee == wanted.by["employee"]] if "employee" in wanted.by else []
    return [*conditions, *by, *wanted.sent.covers(columns.sent_at)]


def _found(text: str) -> ColumnElement[bool]:
    """All words begin words of the proposal."""
    search = search_query(text)
    return WORDS.bool_op("@@")(cast(cast(search, String), TSQUERY)) if search else or_(False)


class OverdueProposal(NamedTuple):
    """A proposal that nobody answered while it held."""

    client_id: UUID
    proposal_id: UUID
    expired_at: datetime


async def proposals_for_expiry(connection: AsyncConnection, now: datetime, limit: int) -> list[OverdueProposal]:
    """The proposals whose time is over, the longest first. Nothing happens to clients that are archived or merged."""
    query = select(PROPOSALS.c.client_id, PROPOSALS.c.proposal_id, PROPOSALS.c.expires_at).select_from(_JOINED)
    query = query.where(
        PROPOSALS.c.state == ProposalState.SENT,
        PROPOSALS.c.expires_at <= now,
        CLIENTS.c.status.not_in((Status.ARCHIVED, Status.MERGED)),
    )
    rows = (await connection.execute(query.order_by(PROPOSALS.c.expires_at).limit(limit))).all()
    return [OverdueProposal(*row) for row in rows]


class ProposalConversion(NamedTuple):
    """The figures of each group, the largest first (months in order), and of all together.

    `names` tell the groups apart.
    """

    names: list[str]
    items: list[dict[str, Any]]
    total: dict[str, Any]


async def proposal_conversion(
    connection: AsyncConnection, by: ProposalBy, sent: Period, currency: str | None
) -> ProposalConversion:
    """What came of the proposals that were sent within the period.

    A proposal counts once in each group that it was sent in, at what it offered there last; what became of it counts
    where it was sent last of all, and elsewhere it is replaced.

    Each group has its keys and: sent, accepted, declined, expired, waiting, revised (a draft since), replaced, rate
    (accepted, of those accepted, declined or expired; to 4 places), median_days to the acceptance, declined_by_reason,
    and by currency the amounts sent and accepted.
    """
    conditions = sent.covers(SENDINGS.c.sent_at)
    if currency:
        conditions = [*conditions, SENDINGS.c.currency == currency]
    keys = _SPLITS[by]
    items = await _groups(connection, keys, conditions)
    if by is not ProposalBy.MONTH:
        items.sort(key=lambda item: -item["sent"])
    everything = await _groups(connection, (), conditions)
    total = everything[0] if everything else _figures((), None)
    return ProposalConversion([key.key or "" for key in keys], items, total)


async def _groups(
    connection: AsyncConnection, keys: Sequence[ColumnElement[Any]], conditions: Sequence[ColumnElement[bool]]
) -> list[dict[str, Any]]:
    """The figures by the keys, or of everything, in the order of the keys."""
    names = [key.key or "" for key in keys]
    counted = _counted(keys, conditions)
    columns = [counted.c[name] for name in (*names, "outcome", "reason", "currency")]
    query = select(*columns, func.count(), func.sum(counted.c.total)).group_by(*columns).order_by(*columns)
    medians = await _medians(connection, counted, names)
    groups: defaultdict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in (await connection.execute(query)).all():
        groups[tuple(row[: len(keys)])].append(row[len(keys) :])
    return [
        {**dict(zip(names, group, strict=True)), **_figures(found, medians.get(group))}
        for group, found in groups.items()
    ]


def _counted(keys: Sequence[ColumnElement[Any]], conditions: Sequence[ColumnElement[bool]]) -> Subquery:
    """Each proposal once by the keys, as it was sent there last."""
    one = (SENDINGS.c.client_id, SENDINGS.c.proposal_id, *keys)
    outcome = case((SENDINGS.c.is_last, PROPOSALS.c.state), else_=REPLACED).label("outcome")
    reason = case((SENDINGS.c.is_last, PROPOSALS.c.reason)).label("reason")
    shown = (SENDINGS.c.currency, SENDINGS.c.total, SENDINGS.c.sent_at, PROPOSALS.c.answered_at)
    query = select(*one, outcome, reason, *shown).select_from(_SENT).where(*conditions)
    return query.ext(distinct_on(*one)).order_by(*one, SENDINGS.c.number.desc()).subquery()


async def _medians(
    connection: AsyncConnection, counted: Subquery, names: Sequence[str]
) -> dict[tuple[Any, ...], float]:
    days = func.extract("epoch", counted.c.answered_at - counted.c.sent_at) / SECONDS_IN_DAY
    keys = [counted.c[name] for name in names]
    median = func.percentile_cont(0.5).within_group(days)
    query = select(*keys, median).where(counted.c.outcome == ProposalState.ACCEPTED)
    rows = (await connection.execute(query.group_by(*keys) if keys else query)).all()
    return {tuple(row[:-1]): round(float(row[-1]), 2) for row in rows if row[-1] is not None}


def _figures(rows: Sequence[Any], median_days: float | None) -> dict[str, Any]:
    counts: defaultdict[str, int] = defaultdict(int)
    reasons: defaultdict[str, int] = defaultdict(int)
    amounts: defaultdict[str, dict[str, Decimal]] = defaultdict(lambda: {"sent": Decimal(), "accepted": Decimal()})
    for state, reason, currency, count, amount in rows:
        counts[state] += count
        amounts[currency]["sent"] += amount
        if state == ProposalState.DECLINED:
            reasons[reason] += count
        if state == ProposalState.ACCEPTED:
            amounts[currency]["accepted"] += amount
    accepted, declined, expired = (counts[name] for name in ("accepted", "declined", "expired"))
    decided = accepted + declined + expired
    return {
        "sent": sum(counts.values()),
        "accepted": accepted,
        "declined": declined,
        "expired": expired,
        "waiting": counts["sent"],
        "revised": counts["draft"],
        "replaced": counts[REPLACED],
        "rate": round(accepted / decided, 4) if decided else None,
        "median_days": median_days,
        "declined_by_reason": dict(sorted(reasons.items())),
        "amounts": dict(sorted(amounts.items())),
    }
