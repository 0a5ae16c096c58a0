"""The regulation as decisions see it: every decision uses the one in force and carries its version (0: the defaults).

A rule is a field of `Regulation` and a module of this package: the event that sets it, which knows what the field
becomes, and the command.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Protocol, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.calendar import DEFAULT_WEEK, NO_HOLIDAYS, Calendar, CalendarDay, HolidayRegion, Holidays, Week
from domain.kernel import Context, Event, Recorded
from domain.regulation.attributes import Attribute, AttributeDeclared
from domain.regulation.categories import (
    CategoryRules,
    CategoryRulesSet,
    CommunicationStandard,
    CommunicationStandardSet,
)
from domain.regulation.compatibility import Compatibility, CompatibilitySet, TypesSet
from domain.regulation.discounts import Buyer, DiscountRules, DiscountRulesSet, Ground, ListPrice
from domain.regulation.exchange_rates import ExchangeRates, ExchangeRateSet
from domain.regulation.expansion import ExpansionPlan, ExpansionPlans, ExpansionPlanSet, Planned
from domain.regulation.margin import MinimumMarginSet
from domain.regulation.mode import ModeSet, in_one_hand
from domain.regulation.norms import DailyNorms, Norms, NormsSet, Whose
from domain.regulation.response_rules import ResponseRules, ResponseTimeSet
from domain.regulation.step_rules import StepRules, StepRulesSet
from domain.regulation.team_rules import TeamRules, TeamRulesSet
from domain.regulation.working_time import (
    CalendarDayCleared,
    CalendarDaySet,
    PublicHolidaysSet,
    TimeZoneSet,
    WorkingHoursSet,
)
from domain.types import Category, Channel, Mode, Step

REGULATION_ID = UUID("5f0a3b52-51a5-5d0c-9a1e-7c3c2f8f7a01")
"""The one stream of the regulation."""

_DEFAULT_RULES = StepRules()


@dataclass(frozen=True, slots=True)
class Regulation:
    """The rules in force. `version` is the version of the regulation's stream."""

    version: int = 0
    mode: Mode = Mode.SEPARATE
    time_zone: str = "UTC"
    working_week: Week = field(default_factory=lambda: DEFAULT_WEEK)
    holiday_region: HolidayRegion | None = None
    calendar_days: Mapping[date, CalendarDay] = field(default_factory=dict[date, CalendarDay])
    response_rules: ResponseRules = field(default_factory=ResponseRules)
    steps: Mapping[Step, StepRules] = field(default_factory=dict[Step, StepRules])
    attributes: Mapping[str, Attribute] = field(default_factory=dict[str, Attribute])
    norms: Norms = field(default_factory=dict[Whose, Mapping[date, DailyNorms]])
    expansion_plans: ExpansionPlans = field(default_factory=dict[Planned, ExpansionPlan])
    category_rules: CategoryRules | None = None
    standards: Mapping[Category, CommunicationStandard] = field(default_factory=dict[Category, CommunicationStandard])
    compatibility: Compatibility = field(default_factory=Compatibility)
    exchange_rates: ExchangeRates = field(default_factory=ExchangeRates)
    team_rules: TeamRules = field(default_factory=TeamRules)
    minimum_margin_percent: Decimal | None = None
    discount_rules: DiscountRules | None = None

    _calendars: dict[Holidays, Calendar] = field(
        default_factory=dict[Holidays, Calendar], init=False, compare=False, repr=False
    )

    def calendar(self, holidays: Holidays) -> Calendar:
        """The working calendar by these rules; kept, because it adds up years of working time once."""
        if holidays not in self._calendars:
            self._calendars[holidays] = Calendar(
                self.time_zone, self.working_week, self.holiday_region, self.calendar_days, holidays
            )
        return self._calendars[holidays]

    def rules(self, step: Step) -> StepRules:
        """The rules of a step; the defaults where none were set."""
        return self.steps.get(step, _DEFAULT_RULES)

    def hours_to_answer(self, category: Category | None, channel: Channel) -> Decimal:
        """How many working hours an inquiry may wait: by the response rules and the standard of the category."""
        standard = self.standards.get(category) if category else None
        return self.response_rules.allowed(category, channel, standard.response_hours if standard else None)

    def joined(self, from_step: Step, to_step: Step) -> bool:
        """Whether the mode leaves both steps in one hand, whichever way the client goes."""
        return in_one_hand(self.mode, from_step, to_step)

    def discount_grounds(self, buyer: Buyer, roles: frozenset[str], price: ListPrice | None) -> list[Ground] | None:
        """On which grounds somebody in these roles may give a discount, the highest first; None where nothing is ruled.

        The limit of the category's communication standard is one of them.
        """
        standard = self.standards.get(Category(buyer.category)) if buyer.category else None
        limit = standard.discount_limit_percent if standard else None
        if self.discount_rules is None and limit is None:
            return None
        grounds = list(self.discount_rules.grounds(buyer, roles, price)) if self.discount_rules else []
        if limit is not None:
            grounds.append(Ground("category", limit, category=buyer.category))
        return sorted(grounds, key=lambda ground: (-ground.percent, ground.source))

    def discount_limit(self, buyer: Buyer, roles: frozenset[str], price: ListPrice | None) -> Decimal | None:
        """How much somebody in these roles may give, in per cent of the list price; None where nothing is ruled."""
        grounds = self.discount_grounds(buyer, roles, price)
        if grounds is None:
            return None
        return grounds[0].percent if grounds else Decimal()

    @staticmethod
    def empty(_: UUID) -> "Regulation":
        """The defaults, before anything was set."""
        return Regulation()

    def evolve(self, recorded: Recorded) -> "Regulation":
        """The regulation after one more event."""
        name = OWNERS.get(type(recorded.event))
        if name is None:
            return self
        changed: dict[str, Any] = {name: cast("_Rule", recorded.event).evolve(getattr(self, name))}
        return replace(self, version=recorded.version, **changed)


class _Rule(Protocol):
    """An event that sets a rule knows what the field that holds the rule becomes."""

    def evolve(self, before: Any) -> Any: ...


OWNERS: dict[type[Event], str] = {
    StepRulesSet: "steps",
    ModeSet: "mode",
    TimeZoneSet: "time_zone",
    WorkingHoursSet: "working_week",
    ResponseTimeSet: "response_rules",
    PublicHolidaysSet: "holiday_region",
    CalendarDaySet: "calendar_days",
    CalendarDayCleared: "calendar_days",
    AttributeDeclared: "attributes",
    NormsSet: "norms",
    ExpansionPlanSet: "expansion_plans",
    CategoryRulesSet: "category_rules",
    CommunicationStandardSet: "standards",
    TypesSet: "compatibility",
    CompatibilitySet: "compatibility",
    ExchangeRateSet: "exchange_rates",
    TeamRulesSet: "team_rules",
    MinimumMarginSet: "minimum_margin_percent",
    DiscountRulesSet: "discount_rules",
}
"""The field of the regulation that each event sets. Every event of the regulation's stream is listed."""


@dataclass(frozen=True, slots=True)
class RuleContext(Context[Regulation]):
    """The context in which commands are decided. `holidays` knows the public holidays of the calendar.

    `retold`: a whole past is recorded afterwards, as that of the demo firm, prices and sales alike.
    """

    holidays: Holidays = NO_HOLIDAYS
    retold: bool = False

    @property
    def calendar(self) -> Calendar:
        """The firm's working calendar."""
        return self.regulation.calendar(self.holidays)

    @property
    def today(self) -> date:
        """The day on which it is recorded, where the firm is."""
        return self.local_day(self.now)

    @property
    def pricing_day(self) -> date:
        """The day whose prices hold: that of recording, as the seller chooses the other; of a retold past its own."""
        return self.local_day(self.occurred_at) if self.retold else self.today

    def local_day(self, moment: datetime) -> date:
        """The day of a moment, where the firm is."""
        return moment.astimezone(ZoneInfo(self.regulation.time_zone)).date()
