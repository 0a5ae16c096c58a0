"""The passages of a client through the steps, and what conversion is split by: the state and its fold."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.category_events import CategoryAssigned
from domain.client.contacts import ContactRecorded
from domain.client.handoff_events import HandoffAccepted
from domain.client.registration import ClientRegistered
from domain.kernel import Event
from domain.types import STEPS, Step
from projections.client_type import PERSON_EVENTS, Person, client_type, persons_after
from projections.kernel import Row
from projections.standing import IN_WORK, STANDING_EVENTS, Standing

CONVERTED, LOST, RETURNED = "converted", "lost", "returned"
CARD_DIMENSIONS = ("origin", "industry", "region", "category", "personality_type", "search_assignment")
PASSAGE_DIMENSIONS = ("employee", "variant", "script")


class Profile(NamedTuple):
    """What reports split clients by, as the card has it now, and the client's name."""

    name: str | None = None
    origin: str | None = None
    industry: str | None = None
    region: str | None = None
    category: str | None = None
    personality_type: str | None = None
    search_assignment: str | None = None


class Passage(NamedTuple):
    """One stay in a step. `outcome`: None while it lasts, converted, lost, or returned (account service only).

    `employee_id` is who works or last worked the client in it, `variant` the variant of team work under which he was
    given it, `script` the version of the script that was followed last in it: its id and number.
    """

    step: str
    entered_at: datetime
    left_at: datetime | None = None
    outcome: str | None = None
    employee_id: UUID | None = None
    variant: str | None = None
    script: str | None = None

    @property
    def split(self) -> Row:
        """What it is split by, in the order of `PASSAGE_DIMENSIONS`."""
        return (self.employee_id, self.variant, self.script)


class ClientConversion(NamedTuple):
    """The passages of one client, the present one last. It is lost while disqualified or archived."""

    id: UUID
    profile: Profile = Profile()
    passages: tuple[Passage, ...] = ()
    standing: Standing = IN_WORK
    persons: Mapping[UUID, Person] = {}

    @property
    def client_type(self) -> str | None:
        """The type on the card, else that of a key person who decides."""
        return client_type(self.profile.personality_type, self.persons)

    @property
    def split(self) -> Row:
        """What all its passages are split by, in the order of `CARD_DIMENSIONS`."""
        _, origin, industry, region, category, _, found_for = self.profile
        return (origin, industry, region, category, self.client_type, found_for)

    @property
    def is_merged(self) -> bool:
        """Whether another client stands for this one, which is not counted then."""
        return self.standing.merged_into is not None

    @property
    def converted_at(self) -> datetime | None:
        """When the client first reached account service."""
        return next((p.entered_at for p in self.passages if p.step == Step.ACCOUNT_SERVICE), None)

    @property
    def lost_at(self) -> datetime | None:
        """When the client was lost, if it is."""
        last = self.passages[-1]
        return last.left_at if last.outcome == LOST else None


_PROFILE = frozenset(Profile._fields)
as_text = lru_cache(maxsize=10_000)(str)
"""The text of the id of an employee or a search assignment; there are few, and each is asked for many times."""


def _registered(state: ClientConversion, event: ClientRegistered, at: datetime) -> ClientConversion:
    found_for = None if event.search_assignment_id is None else as_text(event.search_assignment_id)
    card = (event.name, event.origin, event.industry, event.region, event.category, event.personality_type)
    profile = Profile(*card, found_for)
    return ClientConversion(state.id, profile, (Passage(Step.LEAD_GENERATION.value, at),))


def _changed(state: ClientConversion, event: CardChanged, _at: datetime) -> ClientConversion:
    changes = {name: getattr(event, name) for name in event.changed if name in _PROFILE}
    return ClientConversion(state.id, state.profile._replace(**changes), state.passages, state.standing, state.persons)


def _categorised(state: ClientConversion, event: CategoryAssigned, _at: datetime) -> ClientConversion:
    return state._replace(profile=state.profile._replace(category=event.category.value))


def _assigned(state: ClientConversion, event: EmployeeAssigned, _at: datetime) -> ClientConversion:
    passages, step = state.passages, event.step.value
    place = next((place for place in range(len(passages) - 1, -1, -1) if passages[place].step == step), None)
    if place is None:
        return state
    variant = event.variant.value if event.variant else None
    new = passages[place]._replace(employee_id=event.employee_id, variant=variant)
    return ClientConversion(
        state.id, state.profile, (*passages[:place], new, *passages[place + 1 :]), state.standing, state.persons
    )


def _met(state: ClientConversion, event: Any, _at: datetime) -> ClientConversion:
    return state._replace(persons=persons_after(state.persons, event))


def _contacted(state: ClientConversion, event: ContactRecorded, _at: datetime) -> ClientConversion:
    """A contact that followed a script marks the passage in which it was recorded."""
    if event.script is None:
        return state
    *earlier, last = state.passages
    last = last._replace(script=f"{event.script.script_id}/{event.script.version}")
    return ClientConversion(state.id, state.profile, (*earlier, last), state.standing, state.persons)


def _handed_over(state: ClientConversion, event: HandoffAccepted, at: datetime) -> ClientConversion:
    forward = STEPS.index(event.to_step) > STEPS.index(event.from_step)
    *earlier, last = state.passages
    closed = _closed(last, CONVERTED if forward else RETURNED, at)
    variant = event.variant.value if event.variant else None
    entered = Passage(event.to_step.value, closed.left_at or at, None, None, event.employee_id, variant)
    return ClientConversion(state.id, state.profile, (*earlier, closed, entered), state.standing, state.persons)


def _closed(passage: Passage, outcome: str, at: datetime) -> Passage:
    """The passage with its outcome. It never ends before it began, even if what ended it was dated earlier."""
    left_at = max(passage.entered_at, at)
    return Passage(passage.step, passage.entered_at, left_at, outcome, *passage.split)


def _stood(state: ClientConversion, event: Event, at: datetime) -> ClientConversion:
    """After the client was given up, archived or taken back: lost from the first of them until both are undone."""
    standing = state.standing.after(event)
    *earlier, last = state.passages
    if standing.lost and last.outcome != LOST:
        last = _closed(last, LOST, at)
    elif last.outcome == LOST and not standing.lost:
        last = Passage(last.step, last.entered_at, None, None, *last.split)
    return ClientConversion(state.id, state.profile, (*earlier, last), standing, state.persons)


FOLDS: Mapping[type[Event], Callable[[ClientConversion, Any, datetime], ClientConversion]] = {
    ClientRegistered: _registered,
    CardChanged: _changed,
    CategoryAssigned: _categorised,
    EmployeeAssigned: _assigned,
    ContactRecorded: _contacted,
    HandoffAccepted: _handed_over,
    **dict.fromkeys(PERSON_EVENTS, _met),
}
"""How each event is taken in; the others change the standing."""


def after(state: ClientConversion, event: Event, at: datetime) -> ClientConversion:
    """The state after one more event."""
    return FOLDS.get(type(event), _stood)(state, event, at)


READS: frozenset[type[Event]] = frozenset(FOLDS) | STANDING_EVENTS
"""The events that are taken in."""
