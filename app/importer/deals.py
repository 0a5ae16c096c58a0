"""Won deals: each row takes its client through the steps, on its dates and with the sellers it names."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from app.importer import ids
from app.importer.cells import Row
from app.importer.history import History, Story
from app.importer.kinds import Standing
from app.importer.problems import Rejected
from app.importer.records import Reader, Record
from app.importer.short_way import is_short, short_way
from app.importer.spool import SpooledRow
from app.importer.won_deal import WonDeal, whole_way
from domain.client.card import ChangeCard
from domain.client.deals import OpenDeal, WinDeal
from domain.client.qualification import QualifyClient
from domain.types import Step

_NO_NEED = QualifyClient()


@dataclass(frozen=True, slots=True)
class Deals:
    """A file of won deals, one row each."""

    reader: Reader
    key: ClassVar[str] = "deal"
    date: ClassVar[str] = "won_at"
    merged: ClassVar[bool] = False

    @property
    def by_customer(self) -> bool:
        """A deal names the lead."""
        return False

    def owner(self, row: Row) -> UUID:
        """The client that the lead became."""
        return ids.client_id(self.reader.mapping.source, self.reader.key("lead", row))

    def record(self, row: Row) -> UUID:
        """The deal."""
        return ids.deal_id(self.reader.mapping.source, self.reader.key("deal", row))

    def part(self, row: SpooledRow) -> tuple[str, ...]:
        """A deal is one row."""
        return ()

    def customer(self, row: Row) -> UUID | None:
        """The key by which orders will find the client, where the mapping names one."""
        if "customer" not in self.reader.mapping.keys:
            return None
        return ids.customer_stream_id(self.reader.mapping.source, self.reader.key("customer", row))

    def read(self, record: UUID, rows: Sequence[SpooledRow]) -> Record:
        """The deal with its dates in order, its sellers, and what it adds to the card."""
        row = rows[0].values
        deal = self._deal(record, row)
        staff = tuple(staff for staff in (deal.caller, deal.seller, deal.manager) if staff)
        if deal.manager is deal.seller:
            staff = staff[:-1]
        return Record(
            record, self.reader.row_id(record, rows), (rows[0].line,), deal.won_at, staff, deal, self.customer(row)
        )

    def _deal(self, deal_id: UUID, row: Row) -> WonDeal:
        read = self.reader
        seller = read.staff(Step.FIRST_DEAL, row)
        if seller is None:
            column = read.mapping.employees[Step.FIRST_DEAL].code.shown_as
            raise Rejected(column, "missing_value: who won the deal is needed")
        qualified_at, opened_at, won_at, served_at = self._dates(row)
        values = read.values("deal", row, ("title", "revenue", "cost", "currency"))
        revenue, cost = values.get("revenue", ""), values.get("cost", "0")
        winning = read.checked(WinDeal, deal_id=deal_id, revenue=revenue, cost=cost)
        need = read.value("deal", "need", row)
        titled = {name: values[name] for name in ("title", "currency") if name in values}
        return WonDeal(
            qualified_at,
            opened_at,
            won_at,
            served_at,
            read.staff(Step.LEAD_GENERATION, row),
            seller,
            read.staff(Step.ACCOUNT_SERVICE, row) or seller,
            read.checked(ChangeCard, **read.values("card", row), attributes=read.attributes(row)),
            read.checked(QualifyClient, need=need) if need else _NO_NEED,
            read.checked(OpenDeal, **titled, amount=winning.revenue),
            winning,
        )

    def _dates(self, row: Row) -> tuple[datetime, datetime, datetime, datetime]:
        read = self.reader
        won_at = read.moment("deal", "won_at", row)
        opened_at = read.optional_moment("deal", "opened_at", row) or won_at
        qualified_at = read.optional_moment("deal", "qualified_at", row) or opened_at
        served_at = read.optional_moment("deal", "served_at", row) or won_at
        dates = {"qualified_at": qualified_at, "opened_at": opened_at, "won_at": won_at, "served_at": served_at}
        if list(dates.values()) != sorted(dates.values()):
            order = " ≤ ".join(read.columns.get(name, name) for name in dates)
            raise Rejected(read.columns["won_at"], f"wrong_order: the dates must be in the order {order}")
        return qualified_at, opened_at, won_at, served_at

    def standing(self, record: Record, history: History) -> Standing:
        """A deal is new as long as its client has none with its id."""
        return Standing.CHANGED if record.id in history.client.deals.by_id else Standing.NEW

    def tell(self, record: Record, story: Story) -> None:
        """Whatever of the way to a won deal is not recorded yet, the deal, and the handoff to account service."""
        way = short_way if is_short(record.content, story) else whole_way
        way(record.id, record.content, story)
