"""Twelve simulated weeks: what the rules do to a plan as a person progresses, stalls, hurts and stays away."""

import json
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest

from bench.plot_adaptation import TARGET, drawing
from bench.simulation import (
    LIBRARY,
    PLAN,
    TWELVE_WEEKS,
    Simulation,
    Story,
    Sunday,
    Trained,
    changes_of,
    simulated,
    weeks,
)
from dev.stack import Stack
from src.training.adapter.constants import MAX_SETS, SWAP_MEMORY_DAYS, VOLUME_PAUSE_DAYS
from src.training.history import WORK
from src.training.loads import choose_loading
from src.vocabulary import Joint, ProposalStatus

STEADY = Story(seed=3)
IRREGULAR = Story(seed=4, missed=frozenset((week, day) for week in range(3, 13) for day in (1, 2)))
STORIES = {
    "twelve weeks": TWELVE_WEEKS,
    "steady": STEADY,
    "irregular": IRREGULAR,
    "a shoulder, and nothing agrees": Story(seed=5, hurt={3: Joint.SHOULDER}, rejects=0.5),
    "away twice": Story(seed=6, missed=weeks(3, 4, 5, 6, 10, 11)),
    "weaker all the time": Story(seed=8, stalled={one.slug or "": (2, 0.06) for one in LIBRARY.values()}),
}


@pytest.fixture(params=STORIES)
def lived(request: pytest.FixtureRequest) -> Simulation:
    return simulated(STORIES[request.param])


def rules_of(simulation: Simulation) -> set[str]:
    return {change.rule for _, change in changes_of(simulation)}


def test_the_story_has_everything_in_it() -> None:
    lived = simulated()
    assert rules_of(lived) >= {
        *("double_progression.increase", "linear.increase", "deload", "loads.lifted"),
        *("swap.pain", "swap.failure", "restart.lighter"),
    }
    assert ProposalStatus.REJECTED in {one.status for one in lived.sundays}
    # Nothing to change is an answer too, as in the week of the deload.
    assert lived.sundays[5].adaptation.changes == []
    bench = [one for one in lived.trained if one.exercise.slug == "bench-press"]
    best = [max(float(done.e1rm_kg or 0) for done in one.sets) for one in bench]
    assert best[-1] > best[0]


def test_the_same_story_is_the_same() -> None:
    assert simulated().sundays == simulated().sundays
    assert simulated(Story(seed=1)).sundays != simulated(Story(seed=2)).sundays


def test_every_load_can_be_loaded(lived: Simulation) -> None:
    for sunday in lived.sundays:
        for planned in (one for day in sunday.content.days for one in day.exercises):
            loading = choose_loading([*LIBRARY[planned.exercise_id].equipment], {}, sunday.context.unit)
            for kg in (one.weight_kg for one in planned.sets if one.weight_kg is not None):
                assert loading.nearest(Decimal(str(kg))) == Decimal(str(kg))
                assert kg > 0


def test_evidence_is_of_sets_that_were_done_by_then(lived: Simulation) -> None:
    for sunday in lived.sundays:
        known = {done.id: one for one in lived.trained if one.on <= sunday.on for done in one.sets}
        for change in sunday.adaptation.changes:
            assert {known[one].exercise.id for one in change.evidence} <= {change.exercise_id}
            if change.rule.endswith((".increase", "deload", ".failure", ".lifted")):
                assert change.evidence


def test_the_changes_are_the_content(lived: Simulation) -> None:
    for sunday in lived.sundays:
        adaptation = sunday.adaptation
        is_changed = adaptation.content != adaptation.base
        assert is_changed == bool(adaptation.changes)
        assert all(change.explanation for change in adaptation.changes)


def test_nothing_oscillates(lived: Simulation) -> None:
    """No number of sets and no exercise goes there and back within its pause, and no load without new sets."""
    made = changes_of(lived)
    for at, (sunday, change) in enumerate(made):
        for later, other in made[at + 1 :]:
            days = (later.on - sunday.on).days
            if change.rule.startswith("volume.") and other.rule.startswith("volume."):
                assert days == 0 or days >= VOLUME_PAUSE_DAYS
            if change.rule.startswith("swap.") and other.rule.startswith("swap.") and days <= SWAP_MEMORY_DAYS:
                assert other.after["exercise_id"] != str(change.exercise_id)
            is_same = other.exercise_id == change.exercise_id and other.path == change.path
            if is_same and change.path.endswith("weight_kg"):
                assert days >= 7
                if other.rule != "restart.lighter":
                    assert not set(change.evidence) & set(other.evidence)
                    assert other.after != change.before or _trained_between(lived, change.exercise_id, sunday, later)


def test_what_was_rejected_is_not_asked_again_by_the_same_sets(lived: Simulation) -> None:
    rejected = [one for one in lived.sundays if one.status is ProposalStatus.REJECTED]
    for sunday in rejected:
        for later in lived.sundays[sunday.week : sunday.week + 3]:
            asked = {(one.rule, one.path, one.exercise_id, one.evidence) for one in later.adaptation.changes}
            assert not asked & {
                (one.rule, one.path, one.exercise_id, one.evidence) for one in sunday.adaptation.changes
            }


def test_a_load_falls_only_after_two_misses_or_a_break(lived: Simulation) -> None:
    for sunday, change in changes_of(lived):
        if change.path.endswith("weight_kg") and sum(change.after) < sum(one or 0 for one in change.before):
            assert change.rule in {"deload", "restart.lighter"}
            if change.rule == "deload":
                done = [one for one in lived.trained if one.exercise.id == change.exercise_id and one.on <= sunday.on]
                judged = [one for one in done if one.week not in PLAN.deload_weeks]
                assert all(_missed(one) for one in judged[-2:])


def test_the_hurt_joint_is_spared_from_the_next_sunday_on(lived: Simulation) -> None:
    for week, joint in lived.story.hurt.items():
        for sunday in lived.sundays[week - 1 :]:
            used = {one.exercise_id for day in sunday.content.days for one in day.exercises}
            assert all(joint not in LIBRARY[one].contraindications for one in used)


def test_volume_follows_adherence() -> None:
    assert "volume.more" in rules_of(simulated(STEADY))
    assert "volume.less" not in rules_of(simulated(STEADY))
    less = simulated(IRREGULAR)
    assert "volume.less" in rules_of(less)
    assert "volume.more" not in rules_of(less)
    for lived in (less, simulated(STEADY)):
        counts = [
            sum(s.set_type in WORK for s in one.sets) for d in lived.sundays[-1].content.days for one in d.exercises
        ]
        assert min(counts) >= 2
        assert max(counts) <= MAX_SETS


def test_a_break_restarts_lighter_once() -> None:
    lived = simulated(STORIES["away twice"])
    lighter = [sunday for sunday, change in changes_of(lived) if change.rule == "restart.lighter"]
    assert {one.week for one in lighter} == {4, 11}
    # Five Sundays and more of nothing new say nothing new.
    assert [bool(lived.sundays[week - 1].adaptation.changes) for week in (3, 5, 6, 10)] == [False] * 4


async def test_the_database_takes_every_weeks_plan(stack: Stack) -> None:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        for lived in map(simulated, STORIES.values()):
            for sunday in lived.sundays[::3]:
                content = json.dumps(sunday.content.model_dump(mode="json"))
                assert await connection.fetchval("select public.validate_plan_content($1)", content) == "[]"
                changes = json.dumps([one.document for one in sunday.adaptation.changes])
                if sunday.adaptation.changes:
                    assert await connection.fetchval("select private.are_changes($1)", changes) is True
    finally:
        await connection.close()


def test_the_drawing_is_what_the_simulation_gives() -> None:
    assert TARGET.read_text() == drawing(simulated()), "draw it again: ./poew plot-adaptation"


def _trained_between(lived: Simulation, exercise: UUID, first: Sunday, last: Sunday) -> bool:
    return any(first.on < one.on <= last.on for one in lived.trained if one.exercise.id == exercise)


def _missed(one: Trained) -> bool:
    return any(
        (done.reps or 0) < (asked.planned.reps_min or 0)
        or (done.weight_kg or 0) < (asked.weight_kg or 0) - Decimal("0.01")
        for done, asked in zip(one.sets, one.target.sets, strict=True)
    )


def test_the_weeks_are_weeks() -> None:
    lived = simulated()
    assert [one.on for one in lived.sundays] == [lived.sundays[0].on + timedelta(weeks=week) for week in range(12)]
