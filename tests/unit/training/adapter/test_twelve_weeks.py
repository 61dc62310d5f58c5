"""Twelve simulated weeks: what the rules do to a plan as a person progresses, stalls, hurts and stays away."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from bench.plot_adaptation import TARGET, drawing
from bench.simulated_plan import LIBRARY, PLAN
from bench.simulation import (
    PerformedExercise,
    Scenario,
    Simulation,
    WeeklyReview,
    accepted_changes,
    simulate,
)
from src.training.adapter.constants import MAX_SETS, SWAP_MEMORY_DAYS, VOLUME_PAUSE_DAYS
from src.training.history import WORK
from src.training.loads import choose_loading
from src.vocabulary import ProposalStatus
from tests.support.scenarios import IRREGULAR, SCENARIOS, STEADY


@pytest.fixture(scope="module", params=SCENARIOS)
def simulation(request: pytest.FixtureRequest) -> Simulation:
    return simulate(SCENARIOS[request.param])


def accepted_rules(simulation: Simulation) -> set[str]:
    return {change.rule for _, change in accepted_changes(simulation)}


def test_the_story_has_everything_in_it() -> None:
    simulation = simulate()
    assert accepted_rules(simulation) >= {
        *("double_progression.increase", "linear.increase", "deload", "loads.lifted"),
        *("swap.pain", "swap.failure", "restart.lighter"),
    }
    assert ProposalStatus.REJECTED in {review.status for review in simulation.reviews}
    # Nothing to change is an answer too, as in the week of the deload.
    assert simulation.reviews[5].adaptation.changes == []
    bench = [performed for performed in simulation.performed if performed.exercise.slug == "bench-press"]
    best = [max(float(done.e1rm_kg or 0) for done in performed.sets) for performed in bench]
    assert best[-1] > best[0]


def test_the_same_story_is_the_same() -> None:
    assert simulate().reviews == simulate().reviews
    assert simulate(Scenario(seed=1)).reviews != simulate(Scenario(seed=2)).reviews


def test_every_load_can_be_loaded(simulation: Simulation) -> None:
    for review in simulation.reviews:
        for planned in (exercise for day in review.content.days for exercise in day.exercises):
            loading = choose_loading([*LIBRARY[planned.exercise_id].equipment], {}, review.context.unit)
            for kg in (asked.weight_kg for asked in planned.sets if asked.weight_kg is not None):
                assert loading.nearest(Decimal(str(kg))) == Decimal(str(kg))
                assert kg > 0


def test_evidence_is_of_sets_that_were_done_by_then(simulation: Simulation) -> None:
    for review in simulation.reviews:
        known = {
            done.id: performed
            for performed in simulation.performed
            if performed.on <= review.on
            for done in performed.sets
        }
        for change in review.adaptation.changes:
            assert {known[set_id].exercise.id for set_id in change.evidence} <= {change.exercise_id}
            if change.rule.endswith((".increase", "deload", ".failure", ".lifted")):
                assert change.evidence


def test_the_changes_are_the_content(simulation: Simulation) -> None:
    for review in simulation.reviews:
        adaptation = review.adaptation
        is_changed = adaptation.content != adaptation.base
        assert is_changed == bool(adaptation.changes)
        assert all(change.explanation for change in adaptation.changes)


def test_nothing_oscillates(simulation: Simulation) -> None:
    """No number of sets and no exercise goes there and back within its pause, and no load without new sets."""
    made = accepted_changes(simulation)
    for at, (review, change) in enumerate(made):
        for later, other in made[at + 1 :]:
            days = (later.on - review.on).days
            if change.rule.startswith("volume.") and other.rule.startswith("volume."):
                assert days == 0 or days >= VOLUME_PAUSE_DAYS
            if change.rule.startswith("swap.") and other.rule.startswith("swap.") and days <= SWAP_MEMORY_DAYS:
                assert other.after["exercise_id"] != str(change.exercise_id)
            is_same = other.exercise_id == change.exercise_id and other.path == change.path
            if is_same and change.path.endswith("weight_kg"):
                assert days >= 7
                if other.rule != "restart.lighter":
                    assert not set(change.evidence) & set(other.evidence)
                    assert other.after != change.before or _is_trained_between(
                        simulation, change.exercise_id, review, later
                    )


def test_what_was_rejected_is_not_asked_again_by_the_same_sets(simulation: Simulation) -> None:
    rejected = [review for review in simulation.reviews if review.status is ProposalStatus.REJECTED]
    for review in rejected:
        for later in simulation.reviews[review.week : review.week + 3]:
            assert not _proposed(later) & _proposed(review)


def test_a_load_falls_only_after_two_misses_or_a_break(simulation: Simulation) -> None:
    for review, change in accepted_changes(simulation):
        if change.path.endswith("weight_kg") and sum(change.after) < sum(load or 0 for load in change.before):
            assert change.rule in {"deload", "restart.lighter"}
            if change.rule == "deload":
                judged = [
                    performed
                    for performed in simulation.performed
                    if performed.exercise.id == change.exercise_id
                    and performed.on <= review.on
                    and performed.week not in PLAN.deload_weeks
                ]
                assert all(_missed(performed) for performed in judged[-2:])


def test_the_hurt_joint_is_spared_from_the_next_sunday_on(simulation: Simulation) -> None:
    for week, joint in simulation.scenario.hurt.items():
        for review in simulation.reviews[week - 1 :]:
            used = {exercise.exercise_id for day in review.content.days for exercise in day.exercises}
            assert all(joint not in LIBRARY[exercise_id].contraindications for exercise_id in used)


def test_volume_follows_adherence() -> None:
    assert "volume.more" in accepted_rules(simulate(STEADY))
    assert "volume.less" not in accepted_rules(simulate(STEADY))
    less = simulate(IRREGULAR)
    assert "volume.less" in accepted_rules(less)
    assert "volume.more" not in accepted_rules(less)
    for simulation in (less, simulate(STEADY)):
        counts = [
            sum(planned.set_type in WORK for planned in exercise.sets)
            for day in simulation.reviews[-1].content.days
            for exercise in day.exercises
        ]
        assert min(counts) >= 2
        assert max(counts) <= MAX_SETS


def test_a_break_restarts_lighter_once() -> None:
    simulation = simulate(SCENARIOS["away twice"])
    lighter = [review for review, change in accepted_changes(simulation) if change.rule == "restart.lighter"]
    assert {review.week for review in lighter} == {4, 11}
    # Five Sundays and more of nothing new say nothing new.
    assert [bool(simulation.reviews[week - 1].adaptation.changes) for week in (3, 5, 6, 10)] == [False] * 4


def test_the_drawing_is_what_the_simulation_gives() -> None:
    assert TARGET.read_text() == drawing(simulate()), "draw it again: ./poew plot-adaptation"


def _is_trained_between(simulation: Simulation, exercise: UUID, first: WeeklyReview, last: WeeklyReview) -> bool:
    days = [performed.on for performed in simulation.performed if performed.exercise.id == exercise]
    return any(first.on < day <= last.on for day in days)


def _proposed(review: WeeklyReview) -> set[object]:
    return {(change.rule, change.path, change.exercise_id, change.evidence) for change in review.adaptation.changes}


def _missed(performed: PerformedExercise) -> bool:
    return any(
        (done.reps or 0) < (asked.planned.reps_min or 0)
        or (done.weight_kg or 0) < (asked.weight_kg or 0) - Decimal("0.01")
        for done, asked in zip(performed.sets, performed.target.sets, strict=True)
    )


def test_the_weeks_are_weeks() -> None:
    simulation = simulate()
    first = simulation.reviews[0].on
    assert [review.on for review in simulation.reviews] == [first + timedelta(weeks=week) for week in range(12)]
