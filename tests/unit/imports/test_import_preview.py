"""What a file would become: the same as importing makes of it."""

import gzip
import json
from datetime import date
from typing import Any

import pytest

from src.core.child_entry import InputRefused
from src.imports.context import ImportContext
from src.imports.options import ImportOptions
from src.imports.preview import preview_steps
from src.imports.schemas import ImportPreview
from src.vocabulary import WeightUnit
from tests.support.exports import FITNOTES_DAY, HEVY, HEVY_SQUAT, SQUAT, STRONG, file_of

ANA = "5b1d8f6e-0000-4000-8000-00000000000a"
CONTEXT = ImportContext.model_validate(
    {
        "timezone": "Europe/Oslo",
        "weight_unit": "kg",
        "distance_unit": "km",
        "body_weights": [],
        "exercises": [
            {
                "id": "5b1d8f6e-0000-4000-8000-000000000001",
                "slug": "back-squat",
                "name": "Back Squat",
                "aliases": ["Squat"],
                "kind": "weight_reps",
                "equipment": ["barbell"],
            }
        ],
    }
)


def preview_of(lines: list[str], **options: Any) -> ImportPreview:
    """As the API answers it: through JSON."""
    file = gzip.compress("".join(lines).encode())
    (item,) = preview_steps(file, ANA, ImportOptions(**options), CONTEXT)
    return ImportPreview.model_validate(json.loads(json.dumps(item["preview"], default=str)))


def test_what_a_file_would_become() -> None:
    rows = [
        SQUAT,
        SQUAT | {"Weight": "82.5", "RPE": "8.3"},
        SQUAT | {"Exercise Name": "Squat", "Weight": "", "Reps": "20"},
        SQUAT | {"Exercise Name": "Running", "Reps": "0", "Weight": "0", "Distance": "5", "Seconds": "1500"},
        SQUAT | {"Reps": "five"},
        SQUAT | {"Set Order": "Rest Timer"},
        SQUAT | {"Set Order": "Rest Timer"},
        SQUAT | {"Date": "2021-03-01 23:30:00", "mood": "good"},
    ]
    preview = preview_of(file_of(f"{STRONG},mood", *rows))
    assert (preview.app, preview.timezone, preview.weight_unit, preview.distance_unit) == (
        *("strong", "Europe/Oslo", "kg", "km"),
    )
    assert preview.columns_ignored == ["mood"]
    assert (preview.workouts, preview.sets, preview.rows.read, preview.rows.rejected) == (2, 5, 5, 3)
    assert (preview.first_date, preview.last_date) == (date(2021, 2, 14), date(2021, 3, 1))
    squat, run, plain = sorted(preview.exercises, key=lambda exercise: exercise.name != "Squat (Barbell)")
    if run.name != "Running":
        run, plain = plain, run
    assert (squat.exercise_name, squat.is_new, squat.sets, squat.workouts) == ("Back Squat", False, 3, 2)
    assert str(squat.exercise_id) == CONTEXT.exercises[0].id
    assert [load.model_dump() for load in squat.loads] == [{"unit": "kg", "min": 82.5, "max": 100.0, "sets": 3}]
    assert squat.imported_without == ["rpe"]
    assert squat.reps is not None
    assert (squat.reps.min, squat.reps.max, squat.distance_m) == (5, 5, None)
    assert (plain.exercise_name, plain.loads) == ("Back Squat", [])
    assert (run.exercise_id, run.is_new, run.kind, run.loads) == (None, True, "distance_duration", [])
    assert run.distance_m is not None
    assert (run.distance_m.max, run.reps) == (5000, None)
    assert [(bad.reason, bad.rows, bad.first_rows) for bad in preview.rejected] == [
        ("not a set: rest timer", 2, [7, 8]),
        ('reps is not a number: "five"', 1, [6]),
    ]


def test_loads_are_told_by_unit() -> None:
    header = f"{HEVY},weight_lbs"
    rows = [HEVY_SQUAT, HEVY_SQUAT | {"weight_kg": "", "weight_lbs": "225"}]
    (squat,) = preview_of(file_of(header, *rows)).exercises
    assert [(load.unit, load.max) for load in squat.loads] == [(WeightUnit.KG, 100), (WeightUnit.LB, 225)]


def test_what_is_asked_for_counts() -> None:
    preview = preview_of(file_of(STRONG, SQUAT), weight_unit="lb", timezone="Asia/Tokyo", distance_unit="mi")
    assert (preview.weight_unit, preview.distance_unit, preview.timezone) == ("lb", "mi", "Asia/Tokyo")
    assert preview.exercises[0].loads[0].unit == WeightUnit.LB


def test_a_new_exercise_is_one_however_it_is_written() -> None:
    names = ("Aunt Erna's Shrug", "aunt erna's shrug", "AUNT ERNA'S SHRUG")
    preview = preview_of(file_of(STRONG, *(SQUAT | {"Exercise Name": name} for name in names)))
    assert [(one.name, one.sets, one.is_new) for one in preview.exercises] == [(names[0], 3, True)]


def test_a_name_may_become_two_exercises() -> None:
    rows = [SQUAT, SQUAT | {"Reps": "0", "Weight": "0", "Distance": "1", "Seconds": "600"}]
    preview = preview_of(file_of(STRONG, *rows))
    assert {(one.name, one.is_new) for one in preview.exercises} == {
        ("Squat (Barbell)", False),
        ("Squat (Barbell)", True),
    }


def test_a_file_without_sets() -> None:
    preview = preview_of(file_of(STRONG, SQUAT | {"Reps": "x"}))
    assert (preview.workouts, preview.first_date, preview.exercises) == (0, None, [])
    assert preview_of([STRONG]).rows.read == 0


def test_many_exercises_and_reasons_are_cut() -> None:
    rows = [SQUAT | {"Exercise Name": f"Lift {number}"} for number in range(1100)]
    rows += [SQUAT | {"Reps": f"x{number}"} for number in range(150)]
    preview = preview_of(file_of(STRONG, *rows))
    assert (preview.exercise_count, len(preview.exercises), len(preview.rejected)) == (1100, 1000, 100)
    assert (preview.rows.read, preview.rows.rejected) == (1100, 150)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"a,b\n1,2\n", "does not begin"),
        (f"{STRONG}\n\xff".encode("latin-1"), "not UTF-8"),
        ("".join(file_of(f"{STRONG},Wucht", SQUAT | {"Wucht": "7"})).encode(), '"Wucht"'),
        ("".join(file_of(STRONG, SQUAT | {"Date": "03/04/2024"})).encode(), "date_order"),
        ("\n".join([STRONG, *["x"] * 100_001]).encode(), "more than 100,000 rows"),
    ],
    ids=["other", "latin-1", "column", "dates", "rows"],
)
def test_files_that_cannot_be_read(content: bytes, said: str) -> None:
    with pytest.raises(InputRefused, match=said):
        list(preview_steps(gzip.compress(content), ANA, ImportOptions(), CONTEXT))


def test_a_damaged_file() -> None:
    with pytest.raises(InputRefused, match="damaged"):
        list(preview_steps(b"no gzip", ANA, ImportOptions(), CONTEXT))


def test_fitnotes() -> None:
    preview = preview_of(FITNOTES_DAY)
    assert (preview.app, preview.first_date, preview.sets) == ("fitnotes", date(2017, 6, 23), 2)


def test_workouts_are_compared_only_where_some_were_imported_before() -> None:
    rows = [SQUAT | {"Date": f"2021-03-{day:02d} 10:00:00"} for day in range(1, 4)]
    file = gzip.compress("".join(file_of(STRONG, *rows)).encode())
    (only,) = preview_steps(file, ANA, ImportOptions(), CONTEXT)
    assert (only["preview"]["duplicates"], only["preview"]["differing"]) == (0, 0)
    steps = preview_steps(file, ANA, ImportOptions(), CONTEXT.model_copy(update={"has_imports": True}))
    asked = next(steps)["items"]
    assert len({item["client_id"] for item in asked}) == 3
    preview = steps.send(["new", "duplicate", "differing"])["preview"]
    assert (preview["workouts"], preview["duplicates"], preview["differing"]) == (3, 1, 1)
