"""Random histories of a firm: commands decided by the domain, the refused ones left out."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID, uuid5

from hypothesis import strategies as st

from domain.client.archive import ArchiveClient, RestoreClient
from domain.client.assignment import AssignEmployee
from domain.client.card import ChangeCard
from domain.client.categories import ApplyCategoryRules, AssignCategory, ReleaseCategory
from domain.client.contacts import Direction, Outcome, RecordContact
from domain.client.deals import ChangeDeal, LoseDeal, LossReason, OpenDeal, ReopenDeal, WinDeal
from domain.client.decisions import RecordDecision
from domain.client.duplicates import DismissDuplicate, OtherClient
from domain.client.fulfilment import CancelOrder, PlaceOrder, RecordPayment
from domain.client.handoff_events import ReturnReason
from domain.client.handoff_offer import OfferHandoff
from domain.client.handoffs import AcceptHandoff, ExpireHandoff, ReturnHandoff, WithdrawHandoff
from domain.client.inquiries import AnswerInquiry, CloseInquiry, ClosingReason, ReceiveInquiry
from domain.client.key_persons import AddKeyPerson, ChangeKeyPerson, RemoveKeyPerson
from domain.client.merging import AbsorbClient, MergeClient, ReleaseClient, UnmergeClient
from domain.client.qualification import DisqualificationReason, DisqualifyClient, QualifyClient, ReopenClient
from domain.client.registration import RegisterClient
from domain.client.state import Client, decide
from domain.client.tasks import CancelTask, CompleteTask, PostponeTask, SetTask
from domain.employee import Employee, EmployeeChanged, EmployeeLeft, EmployeeRegistered, employee_id
from domain.kernel import Actor, Command, Event, Recorded, Refused
from domain.playbook import Script, ScriptStep, ScriptUse
from domain.regulation.categories import CategoryRule, CategoryRules
from domain.regulation.state import Regulation, RuleContext
from domain.types import STEPS, Category, Channel, FailureReason, PurchaseInterval, Role, Step
from tests.spec import NOW, START

CODES = ("anna", "boris", "clara")
STAFF = {employee_id(code): Employee(employee_id(code), 1, START, code, code, steps=frozenset(STEPS)) for code in CODES}
NOBODY = UUID(int=0)
SCRIPT = Script(
    UUID(int=0x5C), versions={1: tuple(ScriptStep(key=key, prompt=key) for key in ("opening", "need", "next_step"))}
)
_IDS = UUID(int=0xFACE)
_WHEN = timedelta(days=40)
RULES = Regulation(
    category_rules=CategoryRules(
        rules=(CategoryRule(name="Bought", category=Category.A, realised={"EUR": Decimal(500)}),), default=Category.C
    )
)


class Act(NamedTuple):
    """Somebody does something with a client, `hours` after the last act on it; `choice` picks one of several ways."""

    client: int
    kind: int
    choice: int
    hours: int


class Fact(NamedTuple):
    """An event of a stream, and when it occurred."""

    stream_id: UUID
    event: Event
    occurred_at: datetime


def client_id(number: int) -> UUID:
    """The id of client `number`."""
    return uuid5(_IDS, str(number))


def acts(clients: int = 6, at_most: int = 80) -> st.SearchStrategy[list[Act]]:
    """Acts on a few clients, mixed."""
    kind = st.one_of(st.just(0), st.integers(0, len(KINDS) - 1))
    act = st.builds(Act, st.integers(0, clients - 1), kind, st.integers(0, 11), st.integers(0, 100))
    return st.lists(act, min_size=1, max_size=at_most)


@dataclass
class Firm:
    """Plays acts, and keeps the clients."""

    clients: dict[int, Client] = field(default_factory=dict[int, Client])
    times: dict[int, datetime] = field(default_factory=dict[int, datetime])
    made: int = 0

    def play(self, script: Iterable[Act]) -> list[Fact]:
        """The facts that came of it, in their order."""
        return [fact for act in script for fact in self._act(act)]

    def _act(self, act: Act) -> list[Fact]:
        key = client_id(act.client)
        client = self.clients.get(act.client) or Client(key)
        at = min(self.times.get(act.client, START) + timedelta(hours=act.hours), NOW)
        command = KINDS[act.kind](client, act.choice) if client.version else _registration(act)
        try:
            events = decide(command, client, self._context(at, act.choice)) if command else []
        except Refused:
            return []
        for event in events:
            client = client.evolve(_recorded(event, client, at))
        self.clients[act.client], self.times[act.client] = client, at
        return [Fact(key, event, at) for event in events]

    def _context(self, at: datetime, choice: int) -> RuleContext:
        actor = Actor(employee_id(CODES[choice % 3]), frozenset({Role.HEAD}))
        return RuleContext(NOW, at, actor, RULES, STAFF.get, self._new_id, _known)

    def _new_id(self) -> UUID:
        self.made += 1
        return uuid5(_IDS, f"part {self.made}")


def staff() -> list[Fact]:
    """The facts by which the employees became known, one was moved and one left."""
    _, second, third = STAFF
    registered = [
        Fact(
            key,
            EmployeeRegistered(code=each.code, name=each.code.title(), roles=frozenset(), steps=frozenset(STEPS)),
            START,
        )
        for key, each in STAFF.items()
    ]
    moved = EmployeeChanged(
        changed=frozenset({"department", "steps"}), department="north", steps=frozenset({Step.FIRST_DEAL})
    )
    return [*registered, Fact(second, moved, START + _WHEN), Fact(third, EmployeeLeft(), START + 2 * _WHEN)]


def _known(kind: type[Any], key: UUID, /) -> Any:
    if kind is Script:
        return SCRIPT
    return OtherClient(key, START) if kind is OtherClient else None


def _recorded(event: Event, client: Client, at: datetime) -> Recorded:
    return Recorded(event, client.id, client.version + 1, 1, at, at, employee_id(CODES[0]), 0, client.id, None)


def _pick(ids: Iterable[UUID], choice: int) -> UUID:
    known = list(ids)
    return known[choice % len(known)] if known else NOBODY


def _of(values: Any, choice: int) -> Any:
    listed = list(values)
    return listed[choice % len(listed)]


def _registration(act: Act) -> RegisterClient:
    return RegisterClient(
        name=f"Клиент {act.client}, Ltd",
        origin=_of(("cold_base", "social", "referral"), act.choice),
        region=_of(("north", "south", None), act.choice),
        industry=_of(("metal", "wood"), act.choice),
        phones=(f"+7 900 000-00-0{act.client % 10}",),
        owner_id=_of((None, *STAFF), act.choice),
    )


def _forward(client: Client, choice: int) -> Command | None:
    """What takes the client on along the conveyor."""
    if client.handoffs.waiting:
        return AcceptHandoff(handoff_id=client.handoffs.waiting, employee_id=_pick(STAFF, choice))
    if client.step is Step.LEAD_GENERATION:
        return _towards_qualification(client, choice)
    if client.step is Step.FIRST_DEAL and client.deals.won_in_step:
        return OfferHandoff(to_employee_id=_of((None, *STAFF), choice))
    if client.step is Step.ACCOUNT_SERVICE:
        return _order(client, choice)
    opened = [key for key, deal in client.deals.by_id.items() if deal.state == "open"]
    return _won(opened[0], choice) if opened else _deal(client, choice)


def _won(deal_id: UUID, choice: int) -> Command:
    """Now and then without revenue, as a trial that only cost something."""
    return WinDeal(deal_id=deal_id, revenue=_money(choice) if choice % 3 else Decimal(), cost=Decimal(choice))


def _towards_qualification(client: Client, choice: int) -> Command:
    persons = list(client.key_persons.by_id)
    if not persons:
        return AddKeyPerson(name="Ольга", personality_type=_of(("driver", "amiable"), choice))
    if client.qualification.qualified:
        return OfferHandoff(to_employee_id=_of((None, *STAFF), choice))
    if not client.contacts.reached:
        return _contact(client, 0)
    return QualifyClient(need="steel")


def _money(choice: int) -> Decimal:
    return Decimal(1000 * choice + 1) / 4


def _contact(client: Client, choice: int, inquiry_id: UUID | None = None) -> Command:
    return RecordContact(
        channel=_of(Channel, choice),
        direction=_of(Direction, choice),
        outcome=_of(Outcome, choice),
        summary='said "no\\yes"',
        key_person_id=_pick(client.key_persons.by_id, choice) if client.key_persons.by_id else None,
        duration_minutes=_of((None, 5, 40), choice),
        script=_of((None, _followed(choice)), choice),
        answers_inquiry_id=inquiry_id,
    )


def _followed(choice: int) -> ScriptUse:
    keys = [step.key for step in SCRIPT.versions[1]]
    passed = choice % 4
    broke_off_at = keys[passed] if passed < len(keys) else None
    return ScriptUse(script_id=SCRIPT.id, version=1, steps_passed=tuple(keys[:passed]), broke_off_at=broke_off_at)


def _deal(_: Client, choice: int) -> Command:
    return OpenDeal(amount=_money(choice), currency=_of(("EUR", "RUB"), choice), title="first")


_EXPECTED: tuple[dict[str, Any], ...] = ({"amount": Decimal(7)}, {"title": "changed", "probability": 40})


def _order(client: Client, choice: int) -> Command:
    cost = _of((None, Decimal(1)), choice)
    won = [deal for deal in client.deals.by_id.values() if deal.state == "won"]
    if won and choice % 3 == 0:
        deal = won[choice % len(won)]
        return PlaceOrder(amount=deal.amount / 2, cost=cost, currency=deal.currency, deal_id=deal.id)
    return PlaceOrder(amount=_money(choice), cost=cost, currency=_of(("EUR", "RUB"), choice))


def _deal_id(client: Client, choice: int) -> UUID:
    return _pick(client.deals.by_id, choice)


def _card(_: Client, choice: int) -> Command:
    return _of(
        (
            ChangeCard(name="New name"),
            ChangeCard(category=Category.VIP, industry=None),
            ChangeCard(region="west", purchase_interval=PurchaseInterval.WEEKLY),
            ChangeCard(origin="tender", expected_purchase=Decimal(10), currency="EUR", retention_years=Decimal(3)),
        ),
        choice,
    )


KINDS: list[Callable[[Client, int], Command | None]] = [
    _forward,
    _contact,
    _card,
    _deal,
    _order,
    lambda _, choice: AddKeyPerson(name=f"Person {choice}", position="head"),
    lambda client, choice: ChangeKeyPerson(key_person_id=_pick(client.key_persons.by_id, choice), position=f"{choice}"),
    lambda client, choice: RemoveKeyPerson(key_person_id=_pick(client.key_persons.by_id, choice)),
    lambda _, choice: SetTask(text="call", due_at=NOW + timedelta(choice), employee_id=_pick(STAFF, choice)),
    lambda client, choice: CompleteTask(task_id=_pick(client.tasks.open, choice)),
    lambda client, choice: PostponeTask(task_id=_pick(client.tasks.open, choice), due_at=NOW),
    lambda client, choice: CancelTask(task_id=_pick(client.tasks.open, choice)),
    lambda _, choice: AssignEmployee(employee_id=_pick(STAFF, choice), failure_reason=_of(FailureReason, choice)),
    lambda _, choice: DisqualifyClient(reason=_of(DisqualificationReason, choice)),
    lambda _, __: ReopenClient(),
    lambda client, choice: ReturnHandoff(
        handoff_id=client.handoffs.waiting or NOBODY, reason=_of(ReturnReason, choice)
    ),
    lambda client, _: WithdrawHandoff(handoff_id=client.handoffs.waiting or NOBODY),
    lambda client, _: ExpireHandoff(handoff_id=client.handoffs.waiting or NOBODY),
    lambda _, choice: OfferHandoff(to_step=_of(STEPS, choice)),
    lambda client, choice: ChangeDeal(deal_id=_deal_id(client, choice), **_of(_EXPECTED, choice)),
    lambda client, choice: _won(_deal_id(client, choice), choice),
    lambda client, choice: LoseDeal(deal_id=_deal_id(client, choice), reason=_of(LossReason, choice)),
    lambda client, choice: ReopenDeal(deal_id=_deal_id(client, choice)),
    lambda client, choice: CancelOrder(order_id=_pick(client.fulfilment.orders, choice)),
    lambda _, choice: RecordPayment(amount=_money(choice + 1), currency="EUR"),
    lambda _, __: RecordDecision(text="we do it"),
    lambda _, __: ArchiveClient(),
    lambda _, __: RestoreClient(),
    lambda _, choice: AssignCategory(category=_of(Category, choice), reason="a friend"),
    lambda _, __: ReleaseCategory(),
    lambda _, __: ApplyCategoryRules(),
    lambda _, choice: DismissDuplicate(other_id=client_id(choice), reason="another works"),
    lambda _, choice: MergeClient(into_id=client_id(choice), reason="one firm"),
    lambda _, __: UnmergeClient(reason="two firms"),
    lambda _, choice: AbsorbClient(client_id=client_id(choice)),
    lambda client, choice: ReleaseClient(client_id=_pick(client.merging.absorbed, choice)),
    lambda _, choice: ReceiveInquiry(channel=_of(Channel, choice), text="how much?", subject=_of((None, "a"), choice)),
    lambda client, choice: AnswerInquiry(inquiry_id=_pick(client.inquiries.open, choice), text="920"),
    lambda client, choice: CloseInquiry(
        inquiry_id=_pick(client.inquiries.open, choice), reason=_of(ClosingReason, choice)
    ),
    lambda client, choice: _contact(client, choice, _pick(client.inquiries.open, choice)),
]
"""What may be done with a client; the first most often."""
