"""Targets of a day: against values worked out by hand, and what must hold for everybody."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.nutrition import constants as c
from src.nutrition.constants import NutritionGoal
from src.nutrition.profile import Body, MissingNutritionData, NutritionProfile
from src.nutrition.targets import (
    TargetOverrides,
    Targets,
    compute_targets,
    min_energy,
    resting_energy,
    targets_for,
    total_energy,
)
from src.vocabulary import ActivityLevel, Sex

MAN = Body(Sex.MALE, 30, 80.0, 1.80, ActivityLevel.MODERATE)
WOMAN = Body(Sex.FEMALE, 40, 65.0, 1.65, ActivityLevel.LIGHT)
GIRL = Body(Sex.FEMALE, 15, 50.0, 1.60, ActivityLevel.ACTIVE)
KNOWN = {
    "sex": "male",
    "date_of_birth": "1996-01-01",
    "age": 30,
    "activity_level": "moderate",
    "body_weight": 80.0,
    "height": 1.8,
}
UNKNOWN = NutritionProfile.model_validate(dict.fromkeys(KNOWN))

bodies = st.builds(
    Body,
    sex=st.sampled_from(Sex),
    age=st.integers(10, 100),
    weight_kg=st.floats(20, 300),
    height_m=st.floats(1.0, 2.4),
    activity=st.sampled_from(ActivityLevel),
)
goals = st.sampled_from(NutritionGoal)


@pytest.mark.parametrize(
    ("body", "resting", "total"),
    [
        (MAN, 1780.0, 2759.0),  # 800 + 1125 - 150 + 5; x 1.55
        (WOMAN, 1320.25, 1815.34),  # 650 + 1031.25 - 200 - 161; x 1.375
        (GIRL, 1361.8, 2349.1),  # 13.384 x 50 + 692.6; x 1.725
        (Body(Sex.MALE, 17, 60.0, 1.7, ActivityLevel.SEDENTARY), 1719.36, 2063.23),  # 17.686 x 60 + 658.2; x 1.2
    ],
    ids=["a man", "a woman", "a girl", "a boy"],
)
def test_energy_by_hand(body: Body, resting: float, total: float) -> None:
    assert resting_energy(body) == pytest.approx(resting)
    assert total_energy(body) == pytest.approx(total, abs=0.01)


@pytest.mark.parametrize(
    ("body", "goal", "expected"),
    [
        # 80 x 0.005 x 7700 / 7 = 440 less; 2 g x 80; 30 % of 2319; the rest / 4.
        (MAN, NutritionGoal.LOSE, (2319, 160.0, 245.8, 77.3)),
        (MAN, NutritionGoal.MAINTAIN, (2759, 128.0, 354.8, 92.0)),
        (MAN, NutritionGoal.GAIN, (2979, 144.0, 377.3, 99.3)),
        # 1815.3 - 357.5; 2 g x 65 is more than 35 %: 127.6; 30 % fat would leave 127.6 g: fat makes room.
        (WOMAN, NutritionGoal.LOSE, (1458, 127.6, 130.0, 47.5)),
    ],
    ids=["lose", "maintain", "gain", "protein and fat give way"],
)
def test_targets_by_hand(body: Body, goal: NutritionGoal, expected: tuple[float, ...]) -> None:
    targets = compute_targets(body, goal)
    assert (targets.energy_kcal, targets.protein_g, targets.carbohydrate_g, targets.fat_g) == pytest.approx(
        expected, abs=0.15
    )


def test_nobody_who_grows_or_is_light_is_put_on_a_deficit() -> None:
    assert compute_targets(GIRL, NutritionGoal.LOSE).energy_kcal == round(total_energy(GIRL))
    thin = WOMAN._replace(weight_kg=45.0)
    assert compute_targets(thin, NutritionGoal.LOSE).energy_kcal == round(total_energy(thin))
    (words,) = [
        step.explanation for step in compute_targets(GIRL, NutritionGoal.LOSE).steps if step.name == "energy_kcal"
    ]
    assert "growing" in words


def test_the_floor_is_resting_energy_and_1200() -> None:
    sedentary = Body(Sex.FEMALE, 40, 90.0, 1.65, ActivityLevel.SEDENTARY)
    assert compute_targets(sedentary, NutritionGoal.LOSE).energy_kcal == round(resting_energy(sedentary))
    small = Body(Sex.FEMALE, 80, 45.0, 1.45, ActivityLevel.SEDENTARY)
    assert compute_targets(small, NutritionGoal.LOSE).energy_kcal == 1200
    assert compute_targets(MAN, NutritionGoal.LOSE, TargetOverrides(energy_kcal=1300)).energy_kcal == 1780
    assert compute_targets(GIRL, NutritionGoal.MAINTAIN, TargetOverrides(energy_kcal=1500)).energy_kcal == round(
        total_energy(GIRL)
    )
    assert (
        targets_for(UNKNOWN, NutritionGoal.MAINTAIN, TargetOverrides(energy_kcal=1000, protein_g=80)).energy_kcal
        == 1200
    )


def test_weight_above_bmi_30_does_not_count_for_protein() -> None:
    heavy = Body(Sex.MALE, 40, 150.0, 1.80, ActivityLevel.MODERATE)
    assert compute_targets(heavy, NutritionGoal.MAINTAIN).protein_g == pytest.approx(1.6 * 30 * 1.8**2, abs=0.1)


def test_what_is_set_stands() -> None:
    overrides = TargetOverrides(energy_kcal=2500, protein_g=150, carbohydrate_g=250, fat_g=100)
    targets = compute_targets(MAN, NutritionGoal.LOSE, overrides)
    assert targets.document() == {"energy_kcal": 2500, "protein_g": 150, "carbohydrate_g": 250, "fat_g": 100}


@pytest.mark.parametrize("field", ["sex", "date_of_birth", "activity_level", "body_weight", "height"])
def test_what_is_missing_is_named(field: str) -> None:
    with pytest.raises(MissingNutritionData) as missing:
        NutritionProfile.model_validate({**KNOWN, field: None}).body()
    place = "measurements" if field in {"body_weight", "height"} else "profile"
    assert [error["loc"] for error in missing.value.errors] == [[place, field]]


def test_small_children_are_not_computed() -> None:
    with pytest.raises(MissingNutritionData) as missing:
        NutritionProfile.model_validate({**KNOWN, "age": 9}).body()
    assert [error["loc"] for error in missing.value.errors] == [["profile", "date_of_birth"]]


@settings(derandomize=True, max_examples=200, deadline=None)
@given(bodies, goals)
def test_floors_are_never_crossed(body: Body, goal: NutritionGoal) -> None:
    targets = compute_targets(body, goal)
    assert targets.energy_kcal >= 1200
    assert targets.energy_kcal >= min(round(min_energy(body)), c.MAX_ENERGY_KCAL)
    weight = min(body.weight_kg, c.PROTEIN_BMI * body.height_m**2)
    assert targets.protein_g >= c.MIN_PROTEIN_PER_KG * weight - 0.1
    assert targets.fat_g * 9 >= 0.2 * targets.energy_kcal - 1
    assert targets.carbohydrate_g >= 0
    assert all(step.explanation for step in targets.steps)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(bodies, goals)
def test_more_activity_weight_and_ambition_never_mean_less_energy(body: Body, goal: NutritionGoal) -> None:
    order = list(ActivityLevel)
    by_activity = [compute_targets(body._replace(activity=level), goal).energy_kcal for level in order]
    assert by_activity == sorted(by_activity)
    energy = [
        compute_targets(body, aim).energy_kcal
        for aim in (NutritionGoal.LOSE, NutritionGoal.MAINTAIN, NutritionGoal.GAIN)
    ]
    assert energy == sorted(energy)
    assert total_energy(body) <= total_energy(body._replace(weight_kg=body.weight_kg + 5))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(bodies, goals)
def test_the_parts_add_up_to_the_energy(body: Body, goal: NutritionGoal) -> None:
    targets: Targets = compute_targets(body, goal)
    held = 4 * targets.protein_g + 4 * targets.carbohydrate_g + 9 * targets.fat_g
    assert held == pytest.approx(targets.energy_kcal, rel=0.01, abs=5)
