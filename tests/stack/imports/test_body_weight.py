"""Body weight that an app wrote down as a load is no load, and no record."""

from typing import Any

import pytest

from src.core.config import Settings
from tests.support.import_files import imported, sets_of, strong
from tests.support.people import Person
from tests.support.workouts import kg

DAY = "2024-02-25 12:51:01"


async def weigh(person: Person, value: float, day: str) -> None:
    body = {"kind": "body_weight", "value": value, "measured_at": f"{day}T07:00:00Z"}
    assert (await person.post("/api/v1/measurements", json=body)).status_code in {200, 201}


async def loads_and_report(
    person: Person, settings: Settings, *sets: str, **options: str
) -> tuple[list[Any], list[Any]]:
    result = await imported(person, strong(*sets, date=DAY), settings, **options)
    assert result["rows"]["imported"] == len(sets)
    return [recorded.get("weight") for *_, recorded in await sets_of(person)], result["report"]


async def test_body_weight_is_no_load(ana: Person, settings: Settings) -> None:
    await weigh(ana, 72.5, "2024-02-25")
    await weigh(ana, 90, "2024-06-25")
    loads, report = await loads_and_report(ana, settings, "Pull Up,1,72.456,10,0,0", "Pull Up,2,0,9,0,0")
    assert loads == [None, None]
    assert report[0]["imported_without"] == ["weight"]
    assert report[0]["reason"] == "72.456 kg is your body weight (72.5 kg on 2024-02-25): no load was added"
    assert (report[1]["imported_without"], report[1]["reason"]) == ([], None)
    records = (await ana.get("/api/v1/stats/records")).json()["items"]
    assert {record["kind"] for record in records} == {"most_reps"}


@pytest.mark.parametrize(
    ("row", "unit"),
    [("Push Up,1,159.8,20,0,0", "lb"), ("Plank,1,71.8,0,0,60", "kg"), ("Klimmzug XY,1,72.456,8,0,0", "kg")],
)
async def test_whatever_is_done_without_a_load(row: str, unit: str, ana: Person, settings: Settings) -> None:
    await weigh(ana, 72.5, "2024-02-10")
    loads, report = await loads_and_report(ana, settings, row, weight_unit=unit)
    assert loads == [None]
    assert "your body weight" in report[0]["reason"]


@pytest.mark.parametrize("row", ["Pull Up,1,20,10,0,0", "Bench Press (Barbell),1,72.5,10,0,0", "Press XY,1,72.5,8,0,0"])
async def test_other_loads_are_loads(row: str, ana: Person, settings: Settings) -> None:
    await weigh(ana, 72.5, "2024-02-25")
    loads, report = await loads_and_report(ana, settings, row)
    assert loads == [kg(float(row.split(",")[2]))]
    assert (report[0]["reason"], report[0]["imported_without"]) == (None, [])


async def test_who_adds_less_may_add_as_much(ana: Person, settings: Settings) -> None:
    await weigh(ana, 72.5, "2024-02-25")
    loads, report = await loads_and_report(ana, settings, "Dip,1,60,5,0,0", "Dip,2,72.5,3,0,0")
    assert loads == [kg(60), kg(72.5)]
    assert report[1]["reason"].endswith("it counts as added load")


@pytest.mark.parametrize(
    ("measured", "on", "load", "is_body"),
    [
        (72.5, "2023-08-25", 72.456, False),
        (72.5, "2023-12-25", 72.456, True),
        (72.5, "2023-12-25", 72.5, False),
        (75, "2024-02-20", 72.456, True),
        (80, "2024-02-20", 72.456, False),
    ],
)
async def test_how_near_a_weight_must_be(
    measured: float, on: str, load: float, is_body: bool, ana: Person, settings: Settings
) -> None:
    await weigh(ana, measured, on)
    loads, report = await loads_and_report(ana, settings, f"Pull Up,1,{load},10,0,0")
    assert loads == [None if is_body else kg(load)]
    assert (report[0]["reason"] is None) is (load == 72.5)


async def test_what_nobody_measured_is_a_load_with_a_word(ana: Person, settings: Settings) -> None:
    loads, report = await loads_and_report(
        ana, settings, "Pull Up,1,72.456,10,0,0", "Dip,1,12.3,5,0,0", "Plank,1,72.5,0,0,60"
    )
    assert loads == [kg(72.456), kg(12.3), kg(72.5)]
    assert report[0]["reason"].startswith("72.456 kg may be your body weight")
    assert [line["reason"] for line in report[1:]] == [None]
    await weigh(ana, 72.5, "2024-02-25")
    again = await imported(
        ana, strong("Pull Up,1,72.456,10,0,0", "Dip,1,12.3,5,0,0", "Plank,1,72.5,0,0,60", date=DAY), settings,
        on_conflict="replace",
    )  # fmt: skip
    assert again["report"][0]["differences"] == ["weight 72.456 kg here, none in the file"]
    assert [recorded.get("weight") for *_, recorded in await sets_of(ana)] == [None, kg(12.3), None]
