"""Conversion: passages, the report on both bases and by every dimension, the clients behind it, and time in step."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from hypothesis import given, settings

from domain.client.archive import ClientArchived, ClientRestored
from domain.client.assignment import EmployeeAssigned
from domain.client.card import CardChanged
from domain.client.contacts import ContactRecorded, Direction, Outcome
from domain.client.handoff_events import HandoffAccepted
from domain.client.key_persons import KeyPersonAdded
from domain.client.merging import ClientMerged, ClientUnmerged
from domain.client.qualification import ClientDisqualified, ClientReopened, DisqualificationReason
from domain.client.registration import ClientRegistered
from domain.kernel import Event, Recorded
from domain.playbook import ScriptUse
from domain.types import STEPS, Channel, DecisionRole, Step, Variant
from projections.conversion import (
    CONVEYOR,
    DIMENSIONS,
    MEASURES,
    MONTHS,
    OVERALL,
    PASSAGES,
    WORKED,
    ConversionView,
)
from projections.conversion_facts import Question
from projections.conversion_query import Figures, report_of
from projections.passages import ClientConversion
from tests.projections.histories import Act, Firm, acts
from tests.spec import CLOSER, MANAGER, SECOND_SELLER, SELLER, day, recorded
from tests.spec import Fact as Happened

VIEW = ConversionView()
LG, FD, AS = STEPS
FIRST, SECOND, THIRD, FOURTH = (UUID(int=number) for number in range(1, 5))
DISQUALIFIED = ClientDisqualified(step=LG, reason=DisqualificationReason.NO_NEED)
REOPENED = ClientReopened(step=LG)
ARCHIVED, RESTORED = ClientArchived(step=LG), ClientRestored(step=LG)

Story = list[tuple[float, Event]]


def registered(**card: Any) -> ClientRegistered:
    return ClientRegistered(name="Steelworks", **card)


def assigned(employee: Any, step: Step = LG, variant: Variant | None = None) -> EmployeeAssigned:
    return EmployeeAssigned(step=step, employee_id=employee.id, variant=variant)


SCRIPT = UUID(int=77)


def contacted(version: int | None) -> ContactRecorded:
    return ContactRecorded(
        contact_id=UUID(int=5),
        channel=Channel.PHONE,
        direction=Direction.OUTBOUND,
        outcome=Outcome.REACHED,
        summary="Asked for an offer",
        script=ScriptUse(script_id=SCRIPT, version=version) if version else None,
    )


def moved(from_step: Step, to_step: Step, employee: Any, variant: Variant | None = None) -> HandoffAccepted:
    return HandoffAccepted(
        handoff_id=UUID(int=9), from_step=from_step, to_step=to_step, employee_id=employee.id, variant=variant
    )


def fold(events: Iterable[Recorded]) -> ClientConversion:
    state = VIEW.start(FIRST)
    for event in events:
        state = VIEW.evolve(state, event)
    return state


def after(story: Story) -> ClientConversion:
    return fold(recorded([Happened(event, day(on)) for on, event in story]))


def passages(state: ClientConversion) -> list[tuple[str, Any, Any, str | None]]:
    return [(p.step, p.entered_at, p.left_at, p.outcome) for p in state.passages]


def figures(item: Any) -> tuple[Any, ...]:
    return (item.entered, item.converted, item.lost, item.returned, item.in_step, item.rate)


class TestFold:
    def test_a_client_that_was_merged_is_not_counted_until_it_is_parted(self) -> None:
        life: Story = [(0, registered()), (4, moved(LG, FD, CLOSER))]
        merged = after([*life, (5, ClientMerged(into_id=SECOND))])
        parted = after([*life, (5, ClientMerged(into_id=SECOND)), (6, ClientUnmerged(from_id=SECOND))])
        assert (VIEW.parts(merged)[PASSAGES], VIEW.counts(merged)[MONTHS]) == ((), ())
        assert (VIEW.columns(merged) or ())[-3:] == (None, None, None)
        alone = after(life)
        assert (VIEW.parts(parted), VIEW.counts(parted)) == (VIEW.parts(alone), VIEW.counts(alone))

    def test_a_client_enters_lead_generation_when_it_is_registered(self) -> None:
        assert passages(after([(0, registered())])) == [(LG, day(0), None, None)]

    def test_an_accepted_handoff_converts_the_passage_and_begins_the_next(self) -> None:
        state = after([(0, registered()), (4, moved(LG, FD, CLOSER))])
        assert passages(state) == [(LG, day(0), day(4), "converted"), (FD, day(4), None, None)]
        assert state.passages[1].employee_id == CLOSER.id

    def test_a_client_handed_back_from_account_service_has_returned(self) -> None:
        state = after(
            [(0, registered()), (1, moved(LG, FD, CLOSER)), (2, moved(FD, AS, MANAGER)), (90, moved(AS, FD, CLOSER))]
        )
        assert passages(state)[2:] == [(AS, day(2), day(90), "returned"), (FD, day(90), None, None)]

    def test_the_last_employee_of_a_step_has_the_passage(self) -> None:
        state = after(
            [(0, registered()), (0, assigned(SELLER)), (1, assigned(SECOND_SELLER)), (2, moved(LG, FD, CLOSER))]
        )
        assert [p.employee_id for p in state.passages] == [SECOND_SELLER.id, CLOSER.id]

    def test_a_passage_keeps_the_variant_and_the_script_followed_last(self) -> None:
        state = after(
            [
                (0, registered(personality_type="driver")),
                (0, assigned(SELLER, variant=Variant.DEMOCRATIC)),
                (1, contacted(1)),
                (2, contacted(2)),
                (2, contacted(None)),
                (4, moved(LG, FD, CLOSER, Variant.TRUSTING)),
                (5, DISQUALIFIED),
                (6, REOPENED),
            ]
        )
        first, second = state.passages
        assert first.split == (SELLER.id, "democratic", f"{SCRIPT}/2")
        assert second.split == (CLOSER.id, "trusting", None)
        split = {dimension: value for (dimension, _, step, value), _ in VIEW.counts(state)[MONTHS] if step == LG}
        assert split[WORKED] == f"{SELLER.id}/driver"

    def test_the_type_of_a_client_may_be_that_of_who_decides(self) -> None:
        person = KeyPersonAdded(
            key_person_id=UUID(int=6), name="Anna", role=DecisionRole.DECIDES, personality_type="amiable"
        )
        state = after([(0, registered()), (0, assigned(SELLER)), (1, person), (2, moved(LG, FD, CLOSER))])
        assert state.client_type == "amiable"
        assert {value for (name, *_, value), _ in VIEW.counts(state)[MONTHS] if name == WORKED} == {
            f"{SELLER.id}/amiable",
            f"{CLOSER.id}/amiable",
        }
        split = {value for (name, *_, value), _ in VIEW.counts(state)[MONTHS] if name == "personality_type"}
        assert split == {row[-2] for row in VIEW.parts(state)[PASSAGES]} == {"amiable"}
        assert after([(0, registered(personality_type="driver")), (1, person)]).client_type == "driver"

    def test_a_client_given_up_is_lost_until_it_is_reopened(self) -> None:
        lost: Story = [(0, registered()), (3, DISQUALIFIED)]
        assert passages(after(lost)) == [(LG, day(0), day(3), "lost")]
        assert passages(after([*lost, (5, REOPENED)])) == [(LG, day(0), None, None)]

    def test_a_client_both_disqualified_and_archived_is_lost_until_both_are_undone(self) -> None:
        lost: Story = [(0, registered()), (3, DISQUALIFIED), (4, ARCHIVED), (5, RESTORED)]
        assert passages(after(lost)) == [(LG, day(0), day(3), "lost")]
        assert passages(after([*lost, (6, REOPENED)])) == [(LG, day(0), None, None)]

    def test_a_passage_never_ends_before_it_began(self) -> None:
        state = after([(0, registered()), (4, moved(LG, FD, CLOSER)), (2, DISQUALIFIED)])
        assert passages(state)[1] == (FD, day(4), day(4), "lost")

    def test_a_changed_card_changes_what_the_client_is_split_by(self) -> None:
        state = after(
            [(0, registered(origin="social", region="north")), (1, CardChanged(changed=("region",), region="south"))]
        )
        assert (state.profile.origin, state.profile.region) == ("social", "south")
        assert VIEW.parts(state)[PASSAGES][0][-6:] == ("social", None, "south", None, None, None)


def states(script: Iterable[Act]) -> list[ClientConversion]:
    found: dict[UUID, ClientConversion] = {}
    for fact in Firm().play(script):
        if type(fact.event) in VIEW.reads:
            event = recorded([Happened(fact.event, fact.occurred_at)], fact.stream_id)[0]
            found[fact.stream_id] = VIEW.evolve(found.get(fact.stream_id) or VIEW.start(fact.stream_id), event)
    return [state for state in found.values() if state.passages]


def summed(found: Iterable[ClientConversion]) -> dict[tuple[Any, ...], list[int]]:
    sums: dict[tuple[Any, ...], list[int]] = {}
    for state in found:
        for key, numbers in VIEW.counts(state)[MONTHS]:
            known = sums.setdefault(key, [0] * len(MEASURES))
            sums[key] = [total + number for total, number in zip(known, numbers, strict=True)]
    return sums


@given(acts())
@settings(max_examples=100, deadline=None)
def test_counters_equal_a_direct_count_of_the_passages(script: list[Act]) -> None:
    found = [state for state in states(script) if not state.is_merged]
    rows = [row for state in found for row in VIEW.parts(state)[PASSAGES]]
    steps: dict[str, list[int]] = {step: [0] * len(MEASURES) for step in (*STEPS, CONVEYOR)}
    for (dimension, _, step, _), numbers in summed(found).items():
        if dimension == OVERALL:
            steps[step] = [total + number for total, number in zip(steps[step], numbers, strict=True)]
    for step in STEPS:
        outcomes = [row[5] for row in rows if row[2] == step]
        counted = [outcomes.count(outcome) for outcome in ("converted", "lost", "returned", None)]
        assert steps[step] == [len(outcomes), *counted[:3], counted[3], *counted]
    reached = [state.converted_at is not None for state in found]
    lost = [state.lost_at is not None for state in found]
    still = sum(not either for either in map(max, reached, lost))
    assert steps[CONVEYOR] == [len(found), sum(reached), sum(lost), 0, still, sum(reached), sum(lost), 0, still]


@given(acts())
@settings(max_examples=50, deadline=None)
def test_the_sums_by_any_dimension_equal_the_total(script: list[Act]) -> None:
    sums = summed(states(script))
    totals: list[Any] = []
    for by in (OVERALL, *DIMENSIONS):
        cells: dict[str, dict[str, Figures]] = {}
        for (dimension, _, step, value), numbers in sums.items():
            if dimension == by:
                steps = cells.setdefault(value, {})
                steps[step] = steps.get(step, Figures()).plus(Figures(numbers[0], *numbers[5:]))
        report = report_of(cells, Question("step" if by == OVERALL else by))
        totals.append(report.total)
        if by != OVERALL:
            added = [sum(column) for column in zip(*(figures(item)[:5] for item in report.items), strict=True)]
            assert added == ([*figures(report.total)[:5]] if report.items else [])
    assert all(total == totals[0] for total in totals)
