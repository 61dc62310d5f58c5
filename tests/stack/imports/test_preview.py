"""POST /workouts/import?dry_run=true: what a file would become, and nothing changes."""

import gzip
from typing import Any
from uuid import uuid4

from dev.stack import Stack
from src.core.config import Settings
from tests.stack.imports.test_import import HEVY, STRONG
from tests.support.cases import each_case
from tests.support.exports import JEFIT
from tests.support.import_files import CSV, IMPORT, imported, strong, workouts_of
from tests.support.people import Person, assert_problem, fields_of, rest_client

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


async def test_a_preview_says_what_is_here_already(ana: Person, bo: Person, settings: Settings) -> None:
    def here(preview: dict[str, Any]) -> tuple[int, int, int]:
        return preview["workouts"], preview["duplicates"], preview["differing"]

    assert here(await preview_of(ana, STRONG)) == (2, 0, 0)
    await imported(ana, STRONG, settings)
    assert here(await preview_of(ana, STRONG)) == (2, 2, 0)
    assert here(await preview_of(bo, STRONG)) == (2, 0, 0)
    changed = STRONG.replace("Aunt Erna's Shrug,1,40", "Aunt Erna's Shrug,1,45")
    other_days = [line for line in STRONG.replace("2025-02", "2025-03").splitlines()[1:] if line]
    grown = "\n".join([changed.strip(), *other_days])
    assert here(await preview_of(ana, grown)) == (4, 1, 1)
    before = (await ana.get("/api/v1/jobs")).json()["total"]
    result = await imported(ana, grown, settings)
    assert result["workouts"] == {"imported": 2, "duplicate": 2, "rejected": 0}
    assert (await ana.get("/api/v1/jobs")).json()["total"] == before + 1


async def test_a_preview_knows_renamed_workouts_and_deleted_exercises(ana: Person, settings: Settings) -> None:
    file = strong("Aunt Erna's Shrug,1,60,10,0,0")
    await imported(ana, file, settings)
    (exercise,) = (await preview_of(ana, file))["exercises"]
    assert (await ana.delete(f"/api/v1/exercises/{exercise['exercise_id']}")).status_code == 204
    preview = await preview_of(ana, file)
    assert (preview["duplicates"], preview["differing"]) == (1, 0)
    assert preview["exercises"] == [exercise]
    renamed = await preview_of(ana, file.replace(",C,", ",Traps,"))
    assert (renamed["duplicates"], renamed["differing"]) == (0, 1)


async def test_whoever_compares_sees_only_their_own(ana: Person, bo: Person, settings: Settings, stack: Stack) -> None:
    await imported(ana, strong("Squat (Barbell),1,60,10,0,0"), settings)
    (workout,) = await workouts_of(ana)
    async with rest_client(stack, ana.token) as hers, rest_client(stack, bo.token) as his:
        row = (await hers.get(f"/workouts?select=client_id&id=eq.{workout['id']}")).json()[0]
        item = {
            **{name: workout[name] for name in ("name", "started_at", "ended_at", "timezone")},
            "client_id": row["client_id"],
            "same_start": [],
            "exercises": [
                {
                    "exercise_id": workout["exercises"][0]["exercise_id"],
                    "sets": [{"set_type": "working", "reps": 10, "weight": {"value": 60, "unit": "kg"}}],
                }
            ],
        }
        for client, found in ((hers, "duplicate"), (his, "new")):
            for asked in (item, {**item, "client_id": str(uuid4())}):
                answer = await client.post("/rpc/compare_import", json={"batch": [asked]})
                assert answer.json() == [found], answer.text
        for bad in (None, 5, [5], [{"client_id": "x"}], {"a": 1}):
            assert (await his.post("/rpc/compare_import", json={"batch": bad})).status_code in {200, 400}
