"""Names of Strong and Hevy, against the real library: the right exercise or none."""

import re
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from src.imports.context import KnownExercise
from src.imports.matching import ExerciseMatcher, infer_kind
from src.imports.workouts import ImportedSet
from src.vocabulary import SetType, WeightUnit

SEEDS = sorted((Path(__file__).parents[3] / "supabase" / "seeds").glob("exercises_*.sql"))
TEXT = r"'((?:[^']|'')*)'"
# slug, name, aliases, kind, category, level; primary and secondary muscles, equipment, contraindications.
ROW = re.compile(
    rf"^  \({', '.join([TEXT] * 6)}, (?:'\w+'|null), (?:true|false),\n +{', '.join([TEXT] * 4)},\n", re.MULTILINE
)

STRONG_NAMES = {
    "Ab Wheel": "ab-wheel-rollout",
    "Arnold Press (Dumbbell)": "arnold-press",
    "Ball Slams": "medicine-ball-slam",
    "Bench Dip": "bench-dip",
    "Bench Press (Barbell)": "bench-press",
    "Bench Press (Cable)": None,
    "Bench Press (Dumbbell)": "dumbbell-bench-press",
    "Bench Press (Smith Machine)": "smith-machine-bench-press",
    "Bench Press - Close Grip (Barbell)": "close-grip-bench-press",
    "Bench Press - Wide Grip (Barbell)": "wide-grip-bench-press",
    "Bent Over One Arm Row (Dumbbell)": None,
    "Bent Over Row (Band)": "band-bent-over-row",
    "Bent Over Row (Barbell)": "barbell-row",
    "Bent Over Row (Dumbbell)": "two-arm-dumbbell-row",
    "Bicep Curl (Barbell)": "barbell-curl",
    "Bicep Curl (Cable)": "cable-curl",
    "Bicep Curl (Dumbbell)": "dumbbell-curl",
    "Box Squat (Barbell)": "box-squat",
    "Bulgarian Split Squat": "bulgarian-split-squat",
    "Cable Crossover": "cable-fly",
    "Cable Kickback": "cable-kickback",
    "Calf Press on Leg Press": None,
    "Chest Dip": "dip",
    "Chest Dip (Assisted)": "assisted-dip",
    "Chest Fly (Dumbbell)": "dumbbell-fly",
    "Chest Press (Machine)": "machine-chest-press",
    "Chin Up": "chin-up",
    "Chin Up (Assisted)": "assisted-pull-up",
    "Clean (Barbell)": "clean",
    "Clean and Jerk (Barbell)": "clean-and-jerk",
    "Concentration Curl (Dumbbell)": "concentration-curl",
    "Crunch (Machine)": "machine-crunch",
    "Crunch (Stability Ball)": "swiss-ball-crunch",
    "Cycling (Indoor)": "stationary-bike",
    "Deadlift (Barbell)": "deadlift",
    "Deadlift (Dumbbell)": "dumbbell-deadlift",
    "Deadlift (Smith Machine)": None,
    "Decline Bench Press (Dumbbell)": "decline-dumbbell-press",
    "Face Pull (Cable)": "face-pull",
    "Front Raise (Dumbbell)": "front-raise",
    "Front Raise (Plate)": "plate-front-raise",
    "Front Squat (Barbell)": "front-squat",
    "Goblet Squat (Kettlebell)": "kettlebell-goblet-squat",
    "Good Morning (Barbell)": "good-morning",
    "Hack Squat": "hack-squat",
    "Hack Squat (Barbell)": None,
    "Hammer Curl (Cable)": "rope-hammer-curl",
    "Hammer Curl (Dumbbell)": "hammer-curl",
    "Hanging Leg Raise": "hanging-leg-raise",
    "Hip Abductor (Machine)": None,
    "Hip Thrust (Barbell)": "hip-thrust",
    "Hip Thrust (Bodyweight)": None,
    "Incline Bench Press (Barbell)": "incline-bench-press",
    "Incline Bench Press (Dumbbell)": "incline-dumbbell-press",
    "Incline Curl (Dumbbell)": "incline-dumbbell-curl",
    "Incline Row (Dumbbell)": "chest-supported-dumbbell-row",
    "Inverted Row (Bodyweight)": "inverted-row",
    "Jump Rope": "jump-rope",
    "Kettlebell Swing": "kettlebell-swing",
    "Lat Pulldown (Cable)": "lat-pulldown",
    "Lat Pulldown (Machine)": None,
    "Lat Pulldown (Single Arm)": "single-arm-lat-pulldown",
    "Lat Pulldown - Underhand (Cable)": "reverse-grip-lat-pulldown",
    "Lat Pulldown - Wide Grip (Cable)": "lat-pulldown",
    "Lateral Raise (Cable)": "cable-lateral-raise",
    "Lateral Raise (Dumbbell)": "lateral-raise",
    "Lateral Raise (Machine)": "machine-lateral-raise",
    "Leg Extension (Machine)": "leg-extension",
    "Leg Press": "leg-press",
    "Lunge (Barbell)": "barbell-lunge",
    "Lunge (Bodyweight)": "lunge",
    "Lunge (Dumbbell)": "dumbbell-lunge",
    "Lying Leg Curl (Machine)": "lying-leg-curl",
    "Overhead Press (Barbell)": "overhead-press",
    "Overhead Press (Dumbbell)": "dumbbell-shoulder-press",
    "Overhead Press (Smith Machine)": "smith-machine-shoulder-press",
    "Pec Deck (Machine)": "pec-deck",
    "Plank": "plank",
    "Preacher Curl (Barbell)": None,
    "Preacher Curl (Dumbbell)": "dumbbell-preacher-curl",
    "Pull Up": "pull-up",
    "Pull Up (Assisted)": "assisted-pull-up",
    "Pull Up (Band)": "band-assisted-pull-up",
    "Push Up": "push-up",
    "Push Up (Knees)": "knee-push-up",
    "Reverse Fly (Dumbbell)": "dumbbell-reverse-fly",
    "Reverse Fly (Machine)": "reverse-pec-deck",
    "Romanian Deadlift (Barbell)": "romanian-deadlift",
    "Romanian Deadlift (Dumbbell)": "dumbbell-romanian-deadlift",
    "Rowing (Machine)": "rowing-machine",
    "Running": "run",
    "Running (Treadmill)": "treadmill-run",
    "Seated Calf Raise (Machine)": "seated-calf-raise",
    "Seated Calf Raise (Plate Loaded)": None,
    "Seated Overhead Press (Barbell)": "seated-barbell-press",
    "Seated Overhead Press (Dumbbell)": None,
    "Seated Row (Cable)": "seated-cable-row",
    "Seated Row (Machine)": "machine-row",
    "Shoulder Press (Machine)": "machine-shoulder-press",
    "Shrug (Barbell)": "barbell-shrug",
    "Shrug (Dumbbell)": "dumbbell-shrug",
    "Skullcrusher (Barbell)": None,
    "Skullcrusher (Dumbbell)": "dumbbell-skull-crusher",
    "Spider Curls": "spider-curl",
    "Squat (Barbell)": "back-squat",
    "Squat (Bodyweight)": "bodyweight-squat",
    "Squat (Machine)": None,
    "Squat (Smith Machine)": "smith-machine-squat",
    "Standing Calf Raise (Dumbbell)": "dumbbell-calf-raise",
    "Step-up": "step-up",
    "Stiff Leg Deadlift (Barbell)": "stiff-leg-deadlift",
    "Sumo Deadlift (Barbell)": "sumo-deadlift",
    "Swimming": "freestyle-swim",
    "T Bar Row": "t-bar-row",
    "Toes To Bar": "toes-to-bar",
    "Triceps Dip (Assisted)": "assisted-dip",
    "Triceps Extension (Cable)": None,
    "Triceps Extension (Dumbbell)": "overhead-triceps-extension",
    "Triceps Pushdown (Cable - Straight Bar)": "triceps-pushdown",
    "Upright Row (Barbell)": "upright-row",
    "Walking": "walk",
    "Yoga": None,
}
HEVY_NAMES = {
    "Air Bike": "assault-bike",
    "Back Extension (Hyperextension)": None,
    "Back Extension (Machine)": None,
    "Back Extension (Weighted Hyperextension)": None,
    "Bicep Curl (Suspension)": "ring-curl",
    "Butterfly (Pec Deck)": None,
    "Chest Dip (Weighted)": "dip",
    "Chest Fly (Machine)": "pec-deck",
    "Chin Up (Weighted)": "chin-up",
    "Cycling": "outdoor-cycling",
    "Deadlift (Trap bar)": "trap-bar-deadlift",
    "Dumbbell Row": "one-arm-dumbbell-row",
    "EZ Bar Biceps Curl": "ez-bar-curl",
    "Elliptical Trainer": "elliptical",
    "Hack Squat (Machine)": "hack-squat",
    "Hip Abduction (Machine)": "hip-abduction-machine",
    "Hip Thrust (Machine)": "machine-hip-thrust",
    "Lat Pulldown - Close Grip (Cable)": "close-grip-lat-pulldown",
    "Leg Press Horizontal (Machine)": None,
    "Plank (Weighted)": "weighted-plank",
    "Pull Up (Weighted)": "pull-up",
    "Russian Twist (Weighted)": "weighted-russian-twist",
    "Seated Cable Row - V Grip (Cable)": None,
    "Shoulder Press (Dumbbell)": "dumbbell-shoulder-press",
    "Single Arm Lateral Raise (Cable)": None,
    "Skullcrusher (EZ Bar)": "skull-crusher",
    "Stair Machine (Floors)": None,
    "Treadmill": "treadmill-run",
    "Triceps Rope Pushdown": "rope-pushdown",
}
SPELT_OTHERWISE = {
    "  BENCH   press\u00a0(barbell) ": "bench-press",
    "Barbell Bench Press": "bench-press",
    "Bench Press - Barbell": "bench-press",
    "Bench Press \u2013 Barbell": "bench-press",
    "Bench Press (Barbells)": "bench-press",
    "Bench Press (DB)": "dumbbell-bench-press",
    "Bench Press (Smith)": "smith-machine-bench-press",
    "Machine Bench Press": None,
    "Machine Leg Press": "leg-press",
    "Barbell Squats": "back-squat",
    "Curl (EZ Bar)": "ez-bar-curl",
    "Curl (E-Z Bar)": "ez-bar-curl",
    "Deadlift (Hex Bar)": "trap-bar-deadlift",
    "Clean & Jerk": "clean-and-jerk",
    "Farmers Walk": "farmers-walk",
    "Farmer\u2019s Walks": "farmers-walk",
    "pullups": "pull-up",
    "Weighted Dips": "dip",
    "Weighted Pull-Up": "weighted-pull-up",
    "Pistol Squat (Assisted)": "assisted-pistol-squat",
    "Deadlifting": None,
    "Benchpress (Barbell)": "bench-press",
    "Bench Pres": None,
    "Row": None,
    "Curl (Barbell) (Slow)": None,
    "Curl ()": None,
    "(Barbell)": None,
    "Barbell": None,
    "()": None,
    " - ": None,
    "": None,
}


def items(array: str) -> list[str]:
    return [item for item in array.strip("{}").split(",") if item]


def library() -> list[KnownExercise]:
    """The library, read from the seeds."""
    exercises = []
    for values in (found for seed in SEEDS for found in ROW.findall(seed.read_text("utf-8"))):
        slug, name, aliases, kind, _, _, _, _, equipment, _ = (value.replace("''", "'") for value in values)
        exercise = {"id": slug, "slug": slug, "name": name, "aliases": items(aliases), "kind": kind}
        exercises.append(KnownExercise.model_validate(exercise | {"equipment": items(equipment)}))
    return exercises


LIBRARY = library()
# It is not changed by matching; tests that remember something make their own.
MATCHER = ExerciseMatcher(LIBRARY)


def own(name: str, *aliases: str, **values: Any) -> KnownExercise:
    """An own exercise."""
    plain = {"id": f"own {name}", "slug": None, "kind": "weight_reps", "equipment": ["other"]}
    return KnownExercise.model_validate({**plain, "name": name, "aliases": list(aliases), **values})


def with_own(*exercises: KnownExercise) -> ExerciseMatcher:
    return ExerciseMatcher([*LIBRARY, *exercises])


def slug_of(exercise: KnownExercise | None) -> str | None:
    return None if exercise is None else exercise.slug


def test_the_whole_library_is_read() -> None:
    assert len(LIBRARY) == 766
    assert {exercise.kind for exercise in LIBRARY} >= {"assisted", "bodyweight_reps"}


@pytest.mark.parametrize(("name", "slug"), [*STRONG_NAMES.items(), *HEVY_NAMES.items(), *SPELT_OTHERWISE.items()])
def test_names_of_other_apps(name: str, slug: str | None) -> None:
    assert slug_of(MATCHER.match(name)) == slug


def test_every_label_of_the_library_means_its_own_exercise() -> None:
    for exercise in LIBRARY:
        for label in exercise.labels:
            assert MATCHER.match(label) is exercise, label
            # BS and BSS are two exercises.
            assert len(label) < 4 or MATCHER.match(f" {label.upper()}s ") in (exercise, None), label


@pytest.mark.parametrize(
    "tool",
    [
        *("Barbell", "Dumbbell", "Kettlebell", "Cable", "Machine", "Smith Machine", "Band", "EZ Bar"),
        *("Trap Bar", "Landmine", "Rings", "Medicine Ball"),
    ],
)
def test_bracketed_equipment_is_always_used(tool: str) -> None:
    labels = [label for exercise in LIBRARY for label in exercise.labels]
    found = [match for label in labels if (match := MATCHER.match(f"{label} ({tool})"))]
    assert found
    without = {exercise.slug for exercise in found if tool.lower().replace(" ", "_") not in exercise.equipment}
    # Only this one is called a machine and filed under rowers.
    assert without <= {"rowing-machine"}


def test_bracketed_assistance_is_never_lost() -> None:
    found = [match for exercise in LIBRARY if (match := MATCHER.match(f"{exercise.name} (Assisted)"))]
    assert [exercise.slug for exercise in found if "Assisted" not in exercise.name] == []


def test_an_own_exercise_comes_first() -> None:
    mine = own("Bench-Press (barbell)")
    assert with_own(mine).match("Bench Press (Barbell)") is mine
    assert slug_of(with_own(mine).match("Bench Press")) == "bench-press"


def test_the_exact_name_comes_before_its_plural() -> None:
    mine = own("Squat")
    matcher = with_own(mine)
    assert matcher.match("squat") is mine
    assert slug_of(matcher.match("Squats")) == "back-squat"
    assert with_own(own("Skiing Squat")).match("Skiing Squats") == own("Skiing Squat")


def test_own_aliases_come_after_the_library() -> None:
    mine = own("Seated Thing", "Leg Press", "Leg Press (Technogym)")
    assert slug_of(with_own(mine).match("Leg Press")) == "leg-press"
    assert with_own(mine).match("leg press technogym") is mine


def test_an_own_exercise_is_no_base() -> None:
    mine = own("Hammer Throw", equipment=["dumbbell"])
    assert with_own(mine).match("Hammer Throw (Dumbbell)") is None


def test_what_is_remembered_is_found() -> None:
    matcher = with_own()
    assert matcher.match("Yoga (Hot)") is None
    mine = own("Yoga (Hot)")
    matcher.remember(mine)
    assert matcher.match("yoga hot") is mine
    matcher.remember(mine)
    assert matcher.match("Yoga (Hot)") is mine


def test_of_two_that_read_alike_only_the_one_written_so() -> None:
    dashed, spaced = own("Hammer-Throw"), own("Hammer Throw")
    matcher = with_own(dashed, spaced)
    assert matcher.match("Hammer-Throw") is dashed
    assert matcher.match("hammer throw") is spaced
    assert matcher.match("Hammer/Throw") is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1 1/2 Throw", "11/2 Throw"),
        ("\U0001f525", "\U0001f4aa"),
        ("\u30ac", "\u30ab"),
        ("\u0915\u093f", "\u0915\u093e"),
        ("\u00e4", "a"),
        ("!", "?"),
    ],
)
def test_other_signs_are_other_names(one: str, other: str) -> None:
    mine = own(one)
    assert with_own(mine).match(one) is mine
    assert with_own(mine).match(other) is None


def test_a_matcher_of_nothing() -> None:
    assert ExerciseMatcher([]).match("Squat (Barbell)") is None


labels = st.sampled_from([label for exercise in LIBRARY for label in exercise.labels])
words = st.sampled_from(
    ["Barbell", "Dumbbell", "Machine", "Assisted", "Weighted", "(", ")", " - ", "", "Band", "Squat"]
)


@settings(derandomize=True, database=None, max_examples=300, deadline=None)
@given(name=st.one_of(st.text(), st.builds("{} {} ({})".format, words, labels, words)))
def test_any_name_matches_an_exercise_or_none(name: str) -> None:
    found = MATCHER.match(name)
    assert found is None or found in LIBRARY


def done(
    reps: int | None = None, weight: int | None = None, seconds: int | None = None, metres: int | None = None
) -> ImportedSet:
    return ImportedSet(
        row=2,
        exercise="Anything",
        superset=None,
        notes=None,
        set_type=SetType.WORKING,
        reps=reps,
        weight=None if weight is None else Decimal(weight),
        weight_unit=WeightUnit.KG,
        rpe=None,
        duration_seconds=seconds,
        distance_m=None if metres is None else Decimal(metres),
    )


@pytest.mark.parametrize(
    ("sets", "kind"),
    [
        ([done(reps=5, weight=100)], "weight_reps"),
        ([done(reps=5)], "reps"),
        ([done(reps=5, seconds=60)], "reps"),
        ([done(metres=400)], "distance_duration"),
        ([done(metres=400, seconds=90)], "distance_duration"),
        ([done(metres=20, weight=60)], "weight_duration"),
        ([done(metres=20, weight=60), done(metres=20)], "distance_duration"),
        ([done(metres=20), done(seconds=60), done(seconds=60)], "distance_duration"),
        ([done(metres=20, reps=2)], "distance_duration"),
        ([done(metres=20, reps=2, weight=60)], "weight_reps"),
        ([done(seconds=60, weight=10)], "weight_duration"),
        ([done(seconds=60)], "duration"),
        ([done(reps=5), done(reps=5), done(reps=5, weight=10)], "weight_reps"),
        ([done(seconds=60), done(seconds=60), done(seconds=60, weight=10)], "weight_duration"),
        ([done(metres=400), done(metres=400), done(reps=1)], "distance_duration"),
        ([done(reps=5, weight=100), done(metres=400)], "weight_reps"),
    ],
)
def test_kinds(sets: Iterable[ImportedSet], kind: str) -> None:
    assert infer_kind(list(sets)) == kind
