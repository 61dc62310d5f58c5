"""Progression rules: what the next session asks for, after what was done."""

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from src.core.units import KG_PER_LB
from src.training.content import PlannedExercise
from src.training.history import PerformedSession, PerformedSet
from src.training.loads import Loading, choose_loading
from src.training.progression.targets import ExerciseTarget, next_targets
from src.vocabulary import Equipment, SetType, WeightUnit

KG = Loading(Decimal("2.5"))
LB = Loading(5 * KG_PER_LB, WeightUnit.LB)
DOUBLE = {"kind": "double_progression", "increment_kg": 2.5}
LINEAR = {"kind": "linear", "increment_kg": 2.5}
PERCENT = {"kind": "percent_e1rm"}


def planned(progression: dict[str, Any], *sets: dict[str, Any]) -> PlannedExercise:
    return PlannedExercise.model_validate({"exercise_id": UUID(int=1), "progression": progression, "sets": list(sets)})


def three(**fields: Any) -> tuple[dict[str, Any], ...]:
    return ({"reps_min": 6, "reps_max": 10, **fields},) * 3


def did(*sets: tuple[int, float], set_type: SetType = SetType.WORKING, is_judged: bool = True) -> PerformedSession:
    """A session of (reps, kg); the estimated maximum as the database computes it."""
    return PerformedSession([logged(reps, kg, f"{at}", set_type) for at, (reps, kg) in enumerate(sets)], is_judged)


def logged(reps: int, kg: float, name: str, set_type: SetType = SetType.WORKING) -> PerformedSet:
    weight = Decimal(str(kg))
    e1rm = weight if reps == 1 else weight * (30 + reps) / 30 if reps <= 12 else None
    return PerformedSet(name, set_type, reps, weight, e1rm_kg=e1rm)


def loads(target: ExerciseTarget) -> list[float | None]:
    return [None if set_target.weight_kg is None else float(set_target.weight_kg) for set_target in target.sets]


def reps(target: ExerciseTarget) -> list[int | None]:
    return [set_target.reps for set_target in target.sets]


class TestFirstTime:
    def test_the_planned_load_is_rounded_to_what_can_be_loaded(self) -> None:
        target = next_targets(planned(DOUBLE, *three(weight_kg=61)), [], KG)
        assert (target.rule, loads(target), target.evidence) == ("first_time", [60, 60, 60], ())

    def test_no_load_is_made_up(self) -> None:
        target = next_targets(planned(DOUBLE, *three()), [], KG)
        assert (target.rule, loads(target), reps(target)) == ("first_time", [None] * 3, [6, 6, 6])

    def test_a_little_load_is_still_a_load(self) -> None:
        assert loads(next_targets(planned(LINEAR, *three(weight_kg=0.5)), [], KG)) == [2.5] * 3


class TestDoubleProgression:
    plan = planned(DOUBLE, *three(weight_kg=60))

    def test_the_top_in_every_set_raises_the_load_and_starts_the_range_again(self) -> None:
        target = next_targets(self.plan, [did((10, 60), (10, 60), (11, 60))], KG)
        assert (target.rule, loads(target), reps(target)) == ("double_progression.increase", [62.5] * 3, [6] * 3)
        assert target.evidence == ("0", "1", "2")
        assert "60 kg" in target.explanation
        assert "62.5 kg" in target.explanation

    def test_within_the_range_repetitions_rise_first(self) -> None:
        target = next_targets(self.plan, [did((10, 60), (9, 60), (8, 60))], KG)
        assert (target.rule, loads(target), reps(target)) == ("double_progression.reps", [60] * 3, [10, 9, 9])

    def test_ten_with_less_is_not_ten(self) -> None:
        target = next_targets(self.plan, [did((10, 55), (10, 60), (10, 60))], KG)
        assert (target.rule, loads(target)) == ("repeat", [60] * 3)

    def test_a_set_that_was_left_out_was_missed(self) -> None:
        target = next_targets(self.plan, [did((10, 60), (10, 60))], KG)
        assert (target.rule, loads(target)) == ("repeat", [60] * 3)
        assert "2 of 3 sets" in target.explanation

    def test_two_misses_in_a_row_take_a_tenth_off(self) -> None:
        target = next_targets(planned(DOUBLE, *three(weight_kg=100)), [did((5, 100), (5, 100), (5, 100))] * 2, KG)
        assert (target.rule, loads(target), reps(target)) == ("deload", [90] * 3, [6] * 3)

    def test_two_misses_with_a_hit_between_do_not(self) -> None:
        miss, hit = did((5, 60), (5, 60), (5, 60)), did((7, 60), (7, 60), (7, 60))
        assert next_targets(self.plan, [miss, hit, miss], KG).rule == "repeat"

    def test_who_lifts_more_goes_on_from_there(self) -> None:
        target = next_targets(self.plan, [did((10, 80), (10, 80), (10, 80))], KG)
        assert loads(target) == [82.5] * 3

    def test_without_a_planned_load_the_chosen_one_counts(self) -> None:
        target = next_targets(planned(DOUBLE, *three()), [did((10, 42), (10, 42), (10, 42))], KG)
        assert loads(target) == [45.0] * 3

    def test_without_any_load_it_is_held(self) -> None:
        session = PerformedSession([PerformedSet("1", SetType.WORKING, reps=10)] * 3)
        target = next_targets(planned(DOUBLE, *three()), [session], KG)
        assert (target.rule, loads(target)) == ("double_progression.hold", [None] * 3)

    def test_without_any_load_two_misses_take_repetitions_off(self) -> None:
        session = PerformedSession([PerformedSet("1", SetType.WORKING, reps=8)] * 3)
        target = next_targets(planned(DOUBLE, *three(reps_min=10, reps_max=12)), [session, session], KG)
        assert (target.rule, reps(target)) == ("deload", [9] * 3)

    def test_a_session_that_was_not_asked_for_the_target_is_not_judged_by_it(self) -> None:
        light = did((10, 40), (10, 40), (10, 40), is_judged=False)
        target = next_targets(self.plan, [did((10, 60), (10, 60), (10, 60)), light, light], KG)
        assert (target.rule, loads(target)) == ("double_progression.increase", [62.5] * 3)

    def test_where_the_beginning_is_not_known_the_oldest_known_load_stands_for_it(self) -> None:
        target = next_targets(self.plan, [did((8, 40), (8, 40), (8, 40))], KG, is_truncated=True)
        assert (target.rule, loads(target)) == ("double_progression.reps", [40] * 3)


class TestLinear:
    plan = planned(LINEAR, *[{"reps_min": 5, "reps_max": 5, "weight_kg": 100}] * 3)

    def test_each_met_target_raises_the_load(self) -> None:
        history = [did((5, 100), (5, 100), (5, 100)), did((5, 102.5), (5, 102.5), (6, 102.5))]
        target = next_targets(self.plan, history, KG)
        assert (target.rule, loads(target)) == ("linear.increase", [105] * 3)

    def test_an_increment_below_the_step_still_raises(self) -> None:
        plan = planned({"kind": "linear", "increment_kg": 1}, {"reps_max": 5, "weight_kg": 40})
        assert loads(next_targets(plan, [did((5, 40))], KG)) == [42.5]

    def test_pounds_rise_by_what_can_be_loaded_in_pounds(self) -> None:
        # 225 lb, kept to the gram.
        target = next_targets(planned(LINEAR, {"reps_max": 5}), [did((5, 102.058))], LB)
        assert [LB.to_unit(set_target.weight_kg) for set_target in target.sets if set_target.weight_kg] == [230]
        assert "225 lb" in target.explanation

    def test_a_missed_target_of_time_repeats(self) -> None:
        plan = planned({"kind": "linear", "increment_kg": 2.5}, {"duration_seconds": 60, "weight_kg": 20})
        short = PerformedSession([PerformedSet("1", SetType.WORKING, weight_kg=Decimal(20), duration_seconds=50)])
        long = PerformedSession([PerformedSet("1", SetType.WORKING, weight_kg=Decimal(20), duration_seconds=60)])
        assert next_targets(plan, [short], KG).rule == "repeat"
        assert loads(next_targets(plan, [long], KG)) == [22.5]


class TestPercent:
    plan = planned(
        PERCENT, {"set_type": "warmup", "percent_e1rm": 50, "reps_max": 5}, {"percent_e1rm": 80, "reps_max": 5}
    )

    def test_loads_follow_from_the_estimated_maximum(self) -> None:
        # A hundred six times: 100 * (1 + 6/30) = 120
        target = next_targets(self.plan, [did((6, 100))], KG)
        assert (target.rule, loads(target)) == ("percent_e1rm", [60, 95])
        assert "120 kg" in target.explanation

    def test_without_a_maximum_there_is_no_load(self) -> None:
        target = next_targets(self.plan, [did((20, 50))], KG)
        assert (target.rule, loads(target)) == ("percent_e1rm.unknown", [None, None])

    def test_a_missed_target_repeats_and_two_take_a_tenth_off(self) -> None:
        once = next_targets(self.plan, [did((6, 100)), did((3, 95))], KG)
        assert (once.rule, loads(once)[1]) == ("repeat", 95)
        twice = next_targets(self.plan, [did((6, 100)), did((3, 95)), did((3, 95))], KG)
        assert (twice.rule, loads(twice)[1]) == ("deload", 87.5)

    def test_another_day_shows_what_the_maximum_is(self) -> None:
        target = next_targets(self.plan, [did((1, 100)), did((1, 150), is_judged=False)], KG)
        assert loads(target)[1] == 120


class TestDeloadWeek:
    def test_takes_a_tenth_off_without_counting_as_a_miss(self) -> None:
        plan = planned(DOUBLE, *three(weight_kg=60))
        target = next_targets(plan, [did((8, 60), (8, 60), (8, 60))], KG, is_deload_week=True)
        assert (target.rule, loads(target), reps(target)) == ("deload_week", [55] * 3, [6] * 3)


class TestNone:
    def test_targets_stay_as_planned(self) -> None:
        plan = planned({"kind": "none"}, *three(weight_kg=60))
        target = next_targets(plan, [did((10, 80), (10, 80), (10, 80))], KG)
        assert (target.rule, loads(target)) == ("none", [60] * 3)


def test_warm_ups_and_drop_sets_are_not_judged_and_keep_their_place() -> None:
    plan = planned(
        LINEAR,
        {"set_type": "warmup", "reps_max": 5, "weight_kg": 20},
        {"reps_max": 5, "weight_kg": 60},
        {"set_type": "drop", "reps_max": 10, "weight_kg": 40},
    )
    target = next_targets(plan, [did((5, 60))], KG)
    assert loads(target) == [20, 62.5, 40]


@pytest.mark.parametrize(
    ("equipment", "steps", "unit", "step"),
    [
        ([Equipment.BARBELL, Equipment.RACK], {}, WeightUnit.KG, "2.5"),
        ([Equipment.DUMBBELL], {}, WeightUnit.KG, "2"),
        ([Equipment.MACHINE], {}, WeightUnit.LB, "4.5359237"),
        ([Equipment.BARBELL], {}, WeightUnit.LB, "2.26796185"),
        ([Equipment.RACK, Equipment.BARBELL], {"barbell": 1}, WeightUnit.KG, "1"),
    ],
)
def test_the_step_is_the_persons_own_or_the_usual_one(
    equipment: list[Equipment], steps: dict[str, float], unit: WeightUnit, step: str
) -> None:
    assert choose_loading(equipment, steps, unit).step_kg == Decimal(step)


# Whatever was done ---------------------------------------------------------------------------------------------------

steps = st.sampled_from([KG, LB, Loading(Decimal(1)), Loading(Decimal("0.5")), Loading(Decimal(4))])
kilograms = st.decimals(min_value=1, max_value=400, places=2)
sessions = st.lists(
    st.lists(st.tuples(st.integers(1, 15), st.integers(1, 300).map(float)), min_size=1, max_size=5).map(
        lambda sets: did(*sets)
    ),
    max_size=8,
)
progressions = st.sampled_from([DOUBLE, LINEAR, {"kind": "linear", "increment_kg": 0.5}])


@given(loading=steps, kg=kilograms, by=st.sampled_from([Decimal("0.1"), Decimal("2.5"), Decimal(20)]))
def test_a_raise_raises_and_a_deload_lowers_and_both_can_be_loaded(loading: Loading, kg: Decimal, by: Decimal) -> None:
    up, down = loading.increase(kg, by), loading.deload(kg)
    assert down < kg < up
    assert up % loading.step_kg == down % loading.step_kg == 0
    # No further from what was asked than the step makes necessary.
    assert abs(up - (kg + by)) <= loading.step_kg
    assert abs(down - kg * Decimal("0.9")) <= loading.step_kg


@given(progression=progressions, history=sessions, loading=steps, weight=st.integers(5, 200))
def test_the_load_rises_only_after_every_set_was_done_with_it(
    progression: dict[str, Any], history: list[PerformedSession], loading: Loading, weight: int
) -> None:
    plan = planned(progression, *three(weight_kg=weight))
    before = next_targets(plan, history[:-1], loading)
    after = next_targets(plan, history, loading)
    if not history:
        return
    last = history[-1].sets[:3]
    for asked, now, at in zip(loads(before), loads(after), range(3), strict=True):
        assert asked is not None
        assert now is not None
        if now > asked:
            assert len(last) == 3
            done = last[at]
            assert all((done.reps or 0) >= 6 for done in last)
            assert float(done.weight_kg or 0) >= asked - 0.01
    if after.rule in {"repeat", "deload"}:
        assert all(
            now is not None and asked is not None and now <= asked
            for asked, now in zip(loads(before), loads(after), strict=True)
        )


@given(progression=progressions, history=sessions, loading=steps)
def test_the_rule_is_one_of_those_that_exist_and_names_what_it_saw(
    progression: dict[str, Any], history: list[PerformedSession], loading: Loading
) -> None:
    target = next_targets(planned(progression, *three()), history, loading)
    kind = progression["kind"]
    rules = {f"{kind}.increase", "double_progression.reps", "repeat", "deload"} if history else {"first_time"}
    assert target.rule in rules
    assert target.explanation
    assert len(target.sets) == 3
    assert bool(target.evidence) == bool(history)


class TestAfterThePlanChanged:
    """What was done before the plan asked for these sets does not answer to them."""

    heavier = planned(DOUBLE, *three(weight_kg=62.5))

    def test_what_was_lighter_before_is_no_miss(self) -> None:
        before = [earlier((10, 57.5), (10, 57.5), (10, 57.5)), earlier((10, 60), (10, 60), (10, 60))]
        target = next_targets(self.heavier, before, KG)
        assert (target.rule, loads(target)) == ("planned", [62.5] * 3)
        assert target.explanation == "Your plan goes on from 62.5 kg."

    def test_a_lower_load_is_not_raised_by_what_led_to_it(self) -> None:
        before = [earlier((10, 62.5), (10, 62.5), (10, 62.5)), *[earlier((4, 70), (4, 70), (4, 70))] * 2]
        assert loads(next_targets(self.heavier, before, KG)) == [62.5] * 3

    def test_the_last_sessions_with_just_these_sets_count(self) -> None:
        before = [earlier((10, 60), (10, 60), (10, 60)), earlier((9, 62.5), (8, 62.5), (8, 62.5))]
        target = next_targets(self.heavier, before, KG)
        assert (target.rule, reps(target)) == ("double_progression.reps", [9, 9, 9])
        missed = next_targets(self.heavier, [*before, earlier((5, 62.5), (5, 62.5), (5, 62.5))], KG)
        assert (missed.rule, loads(missed)) == ("repeat", [62.5] * 3)

    def test_another_set_is_no_miss_of_the_sessions_without_it(self) -> None:
        more = planned(DOUBLE, *three(weight_kg=60), {"reps_min": 6, "reps_max": 10, "weight_kg": 60})
        target = next_targets(more, [earlier((10, 60), (10, 60), (10, 60))] * 3, KG)
        assert (target.rule, loads(target)) == ("planned", [60] * 4)

    def test_a_session_of_fewer_sets_counts_with_those_it_had(self) -> None:
        target = next_targets(planned(DOUBLE, *three()), [earlier((10, 60), (10, 60))], KG)
        assert (target.rule, loads(target)) == ("double_progression.increase", [62.5] * 3)
        assert target.evidence == ("0", "1")

    def test_what_was_done_since_does(self) -> None:
        history = [earlier((10, 60), (10, 60), (10, 60)), did((10, 62.5), (10, 62.5), (10, 62.5))]
        assert loads(next_targets(self.heavier, history, KG)) == [65] * 3
        # However many there were before: where they began is known, for the plan says it.
        assert loads(next_targets(self.heavier, [history[0]] * 19 + [history[1]], KG, is_truncated=True)) == [65] * 3

    def test_where_it_has_not_been_asked_yet_the_plan_says_the_load(self) -> None:
        elsewhere = [did((10, 80), (10, 80), (10, 80), is_judged=False)] * 20
        target = next_targets(self.heavier, elsewhere, KG, is_truncated=True)
        assert (target.rule, loads(target)) == ("first_time", [62.5] * 3)

    def test_without_planned_loads_all_of_it_counts(self) -> None:
        target = next_targets(planned(DOUBLE, *three()), [earlier((10, 60), (10, 60), (10, 60))], KG)
        assert loads(target) == [62.5] * 3

    def test_an_estimated_maximum_outlives_the_change(self) -> None:
        sets = ({"reps_min": 5, "reps_max": 5, "percent_e1rm": 80},) * 3
        history = [earlier((5, 100), (5, 100)), earlier((5, 90)), earlier((5, 90))]
        target = next_targets(planned(PERCENT, *sets), history, KG)
        assert (target.rule, loads(target)) == ("percent_e1rm", [92.5] * 3)


def earlier(*sets: tuple[int, float]) -> PerformedSession:
    return replace(did(*sets), is_earlier=True)
