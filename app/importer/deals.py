"""Won deals: each row takes its client through the steps, on its dates and with the sellers it names."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar
from uuid import UUID

from app.importer.cells import Row
from app.importer.history import History, Story
from app.importer.kinds import FileKind, Standing
from app.importer.mapping import KeyName
from app.importer.problems import Gathering, Rejected
from app.importer.records import Record, Staff
from app.importer.short_way import is_short, short_way
from app.importer.spool import SpooledRow
from app.importer.won_deal import WonDeal, whole_way
from domain.client.card import ChangeCard
from domain.client.deals import OpenDeal, WinDeal
from domain.client.qualification import QualifyClient
from domain.types import Step

_NO_NEED = QualifyClient()


class Deals(FileKind):
    """A file of won deals, one row each, which names the lead."""

    __slots__ = ()
    key: ClassVar[KeyName] = "deal"
    date: ClassVar[str] = "won_at"
    after: ClassVar[str | None] = "lead"

    def read(self, record: UUID, rows: Sequence[SpooledRow]) -> Record:
        """The deal with its dates in order, its sellers, and what it adds to the card."""
        row, wrong = rows[0].values, Gathering()
        deal = wrong.of(self._deal, record, row)
        customer = wrong.of(self._customer, row)
        wrong.tell()
        staff = tuple(staff for staff in (deal.caller, deal.seller, deal.manager) if staff)
        return self.reader.record(record, rows, deal.won_at, deal, staff, customer)

    def _customer(self, row: Row) -> UUID | None:
        """The key by which orders will find the client, where the mapping names one."""
        return self._id_of("customer", row) if "customer" in self.reader.mapping.keys else None

    def _deal(self, deal_id: UUID, row: Row) -> WonDeal:
        read, wrong = self.reader, Gathering()
        values = read.values("deal", row, ("title", "revenue", "cost", "currency"))
        revenue, cost = values.get("revenue", ""), values.get("cost", "0")
        titled = {name: values[name] for name in ("title", "currency") if name in values}
        need = read.value("deal", "need", row)
        dates = wrong.of(self._dates, row)
        caller, seller = wrong.of(read.staff, Step.LEAD_GENERATION, row), wrong.of(self._seller, row)
        manager = wrong.of(read.staff, Step.ACCOUNT_SERVICE, row)
        attributes = wrong.of(read.attributes, row) or {}
        card = wrong.of(read.checked, ChangeCard, **read.values("card", row), attributes=attributes)
        qualify = wrong.of(read.checked, QualifyClient, need=need) if need else _NO_NEED
        winning = wrong.of(read.checked, WinDeal, deal_id=deal_id, revenue=revenue, cost=cost)
        opening = wrong.of(read.checked, OpenDeal, **titled, amount=revenue)
        wrong.tell()
        manager = manager or seller._replace(step=Step.ACCOUNT_SERVICE)
        return WonDeal(*dates, caller, seller, manager, card, qualify, opening, winning)

    def _seller(self, row: Row) -> Staff:
        seller = self.reader.staff(Step.FIRST_DEAL, row)
        if seller is None:
            column = self.reader.mapping.employees[Step.FIRST_DEAL].code.shown_as
            raise Rejected(column, "missing_value: who won the deal is needed")
        return seller

    def _dates(self, row: Row) -> tuple[datetime, datetime, datetime, datetime]:
        read, wrong = self.reader, Gathering()
        won_at = wrong.of(read.moment, "deal", "won_at", row)
        opened_at = wrong.of(read.optional_moment, "deal", "opened_at", row) or won_at
        qualified_at = wrong.of(read.optional_moment, "deal", "qualified_at", row) or opened_at
        served_at = wrong.of(read.optional_moment, "deal", "served_at", row) or won_at
        wrong.tell()
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
