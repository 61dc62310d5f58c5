"""POST /workouts/import?dry_run=true: what a file would become, and nothing changes."""

import gzip
from typing import Any

from src.core.config import Settings
from tests.stack.imports.test_import import HEVY, STRONG
from tests.support.cases import each_case
from tests.support.exports import JEFIT
from tests.support.import_files import CSV, IMPORT, imported
from tests.support.people import Person, assert_problem, fields_of

DRY = {"dry_run": "true"}


async def counts_of(person: Person) -> list[int]:
    paths = ("/api/v1/jobs", "/api/v1/workouts", "/api/v1/exercises")
    return [(await person.get(path)).json()["total"] for path in paths]


async def preview_of(person: Person, content: str, **options: str) -> dict[str, Any]:
    response = await person.post(IMPORT, content=content.encode(), headers=CSV, params={**DRY, **options})
    assert response.status_code == 200, response.text
    preview: dict[str, Any] = response.json()
    return preview


async def test_what_is_previewed_is_what_is_imported(ana: Person, bo: Person, settings: Settings) -> None:
    before = await counts_of(ana)
    preview = await preview_of(ana, STRONG, timezone="Europe/Oslo", distance_unit="mi")
    assert await counts_of(ana) == before
    assert (preview["app"], preview["workouts"], preview["rows"]) == ("strong", 2, {"read": 5, "rejected": 2})
    assert (preview["first_date"], preview["last_date"]) == ("2025-02-14", "2025-02-16")
    new = [one["exercise_name"] for one in preview["exercises"] if one["is_new"]]
    result = await imported(ana, STRONG, settings, timezone="Europe/Oslo", distance_unit="mi")
    assert result["exercises_added"] == new
    assert result["rows"] == {"imported": 5, "duplicate": 0, "rejected": 2}
    assert {reason["reason"] for reason in preview["rejected"]} == {
        line["reason"] for line in result["report"] if line["outcome"] == "rejected"
    }
    # The person's own exercises are known, and only theirs.
    again = {one["name"]: one for one in (await preview_of(ana, STRONG))["exercises"]}
    assert again["Aunt Erna's Shrug"]["is_new"] is False
    assert {one["name"]: one for one in (await preview_of(bo, STRONG))["exercises"]}["Aunt Erna's Shrug"]["is_new"]


async def test_a_preview_takes_what_an_import_takes(ana: Person) -> None:
    packed = await ana.post(
        IMPORT, content=gzip.compress(HEVY.encode()), headers={"Content-Type": "application/gzip"}, params=DRY
    )
    form = await ana.post(IMPORT, files={"file": ("h.csv", HEVY, "application/vnd.ms-excel")}, params=DRY)
    assert packed.json() == form.json()
    assert packed.json()["exercises"][0]["loads"][0]["unit"] == "lb"
    assert packed.json()["columns_ignored"] == ["set_index"]


async def test_a_file_that_cannot_be_read_is_told_at_once(ana: Person) -> None:
    header = STRONG.splitlines()[0]
    row = "2025-01-01 00:00:00,x,1h,Squat,1,1,1,0,0,,,"
    late = "\n".join([f"{header},Wucht", *[f"{row}," for _ in range(1000)], f"{row},7"])
    with each_case() as case:
        for name, content, said in (
            ("no export", "a,b\n1,2\n", "does not begin"),
            ("early", f"{header},Wucht\n{row},7\n{row},8\n", '"Wucht"'),
            ("late", late, '"Wucht"'),
            ("dates", f"{header}\n{row.replace('2025-01-01', '03/04/2024')}\n", "date_order"),
            ("rows", "\n".join([header, *[row] * 100_001]), "100,000 rows"),
        ):
            with case(name):
                response = await ana.post(IMPORT, content=content.encode(), headers=CSV, params=DRY)
                problem = assert_problem(response, 422, "validation_failed")
                assert fields_of(problem) == {("body",)}
                assert said in problem["errors"][0]["message"]
    decided = f"{header}\n{row.replace('2025-01-01', '03/04/2024')}\n"
    assert (await preview_of(ana, decided, date_order="month_first"))["first_date"] == "2024-03-04"


async def test_a_column_of_numbers_is_refused_before_there_is_a_job(ana: Person) -> None:
    header = STRONG.splitlines()[0]
    row = "2025-01-01 00:00:00,x,1h,Squat,1,1,1,0,0,,,"
    content = f"{header},Wucht\n{row},7\n{row},8\n"
    response = await ana.post(IMPORT, content=content.encode(), headers=CSV)
    assert '"Wucht"' in assert_problem(response, 422, "validation_failed")["errors"][0]["message"]
    assert (await ana.get("/api/v1/jobs")).json()["total"] == 0


async def test_who_may_and_how(ana: Person, anonymous: Person) -> None:
    assert_problem(
        await anonymous.post(IMPORT, content=STRONG.encode(), headers=CSV, params=DRY), 401, "unauthenticated"
    )
    assert_problem(await ana.post(IMPORT, json={}, params=DRY), 415, "unsupported_media_type")
    for params in ({"dry_run": "perhaps"}, {"dry_run": "true", "date_order": "year_first"}):
        wrong = await ana.post(IMPORT, content=STRONG.encode(), headers=CSV, params=params)
        assert fields_of(assert_problem(wrong, 422, "validation_failed")) == {("query", list(params)[-1])}


async def test_a_jefit_export_becomes_what_its_preview_says(ana: Person, settings: Settings) -> None:
    content = JEFIT.replace("2010-11-28", "2024-11-28")
    preview = await preview_of(ana, content)
    assert (preview["app"], preview["columns_ignored"]) == ("jefit", ["PROFILE"])
    result = await imported(ana, content, settings)
    assert result["rows"]["imported"] == preview["rows"]["read"]
    assert result["workouts"]["imported"] == preview["workouts"]
    assert result["columns_ignored"] == ["PROFILE"]
    assert (await imported(ana, f"\n{content}", settings))["workouts"]["duplicate"] == preview["workouts"]
