"""Leads dealt out by industry or region: each territory to one seller, as long as he has room.

First the territories that the head has given to somebody; what he has no room for stays in the queue. Then the others,
the largest first, each to the seller with the fewest leads so far of those who have room for all of it; where nobody
has, it is split. Leads without a territory come last, one by one.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from domain.distribution.lines import Line, Reason, Seller
from domain.distribution.problem import Lead, Plan, line_of
from domain.regulation.compatibility import Compatibility

Named = Mapping[str, UUID]
"""Whose the territories are that have been given to somebody."""


def deal_out(leads: Sequence[Lead], sellers: Sequence[Seller], compatibility: Compatibility, named: Named) -> Plan:
    """The plan, line by line in order of the clients' ids. It is not compared with a greedy pass: it is one."""
    dealing = _Dealing(sellers, compatibility, len(leads))
    groups = _groups(leads)
    for territory in sorted(named.keys() & groups.keys()):
        dealing.give_to(named[territory], groups.pop(territory))
    alone = groups.pop(None, [])
    for territory in sorted(groups, key=lambda name: (-len(groups[name]), name or "")):
        dealing.spread(groups[territory])
    for lead in alone:
        dealing.spread([lead])
    lines = tuple(sorted(dealing.lines, key=lambda line: line.client_id))
    total = sum((line.score or Decimal() for line in lines), Decimal())
    return Plan(lines, total, total, sum(line.employee_id is not None for line in lines))


def _groups(leads: Sequence[Lead]) -> dict[str | None, list[Lead]]:
    groups: dict[str | None, list[Lead]] = {}
    for lead in sorted(leads):
        groups.setdefault(lead.territory, []).append(lead)
    return groups


class _Dealing:
    """The lines made so far, and what each seller has got and may still get."""

    def __init__(self, sellers: Sequence[Seller], compatibility: Compatibility, most: int) -> None:
        self._sellers = {seller.employee_id: seller for seller in sellers}
        self._compatibility = compatibility
        self._room = {key: most if seller.free is None else seller.free for key, seller in self._sellers.items()}
        self._loads = dict.fromkeys(self._sellers, 0)
        self.lines: list[Line] = []

    def give_to(self, employee_id: UUID, leads: Sequence[Lead]) -> None:
        """Give him the leads, those that he has not failed with, as long as he has room."""
        for lead in leads:
            if employee_id in lead.barred:
                self.lines.append(line_of(lead, Reason.NOBODY_LEFT))
            elif not self._room[employee_id]:
                self.lines.append(line_of(lead, Reason.NO_CAPACITY))
            else:
                self._give(employee_id, lead)

    def spread(self, leads: Sequence[Lead]) -> None:
        """Give a territory to one seller, or to as few as have room for it."""
        left = list(leads)
        while left:
            employee_id = self._next(left)
            if employee_id is None:
                self.lines += [line_of(lead, self._why(lead)) for lead in left]
                return
            got = [lead for lead in left if employee_id not in lead.barred][: self._room[employee_id]]
            for lead in got:
                self._give(employee_id, lead)
            done = {lead.client_id for lead in got}
            left = [lead for lead in left if lead.client_id not in done]

    def _next(self, leads: Sequence[Lead]) -> UUID | None:
        """Who gets most of these; of those who get as many, he who has fewest."""
        takes = {key: self._takes(key, leads) for key in self._sellers}
        able = [key for key, number in takes.items() if number]
        return min(able, key=lambda key: (-takes[key], self._loads[key], key), default=None)

    def _takes(self, employee_id: UUID, leads: Sequence[Lead]) -> int:
        return min(self._room[employee_id], sum(employee_id not in lead.barred for lead in leads))

    def _why(self, lead: Lead) -> Reason:
        return Reason.NO_CAPACITY if self._sellers.keys() - set(lead.barred) else Reason.NOBODY_LEFT

    def _give(self, employee_id: UUID, lead: Lead) -> None:
        seller = self._sellers[employee_id]
        score = self._compatibility.score(seller.personality_type, lead.client_type)
        self._room[employee_id] -= 1
        self._loads[employee_id] += 1
        self.lines.append(line_of(lead, Reason.TERRITORY, employee_id, score))
