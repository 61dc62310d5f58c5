"""Reading, changing and deleting workouts."""

import asyncio
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.support.cases import each_case
from tests.support.people import Person, assert_problem
from tests.support.plans import content_with, exercise_id, make_plan
from tests.support.workouts import LOG, WORKOUTS, kg, lb, ledger_of, lifted, log, score_of, session, squat

DAY = datetime(2025, 6, 2, 10, tzinfo=UTC)  # a Monday


def body_of(workout: dict[str, Any], *sets: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A PUT body for a workout with one exercise."""
    fields = ("name", "started_at", "ended_at", "timezone", "plan_id", "plan_day")
    exercise = workout["exercises"][0]
    done = [{key: one[key] for key in ("set_type", "reps", "weight")} for one in exercise["sets"]]
    return {field: workout[field] for field in fields} | {
        "exercises": [{"exercise_id": exercise["exercise_id"], "sets": list(sets) or done}],
        **changes,
    }


async def test_the_list_is_filtered_and_paged(ana: Person) -> None:
    lift, bench = await squat(ana), await exercise_id(ana, "Bench Press")
    for number in range(5):
        await log(ana, bench if number == 2 else lift, at=DAY + timedelta(days=number), name=f"Day {number}")

    async def names(**params: Any) -> list[str]:
        answer = await ana.get(WORKOUTS, params=params)
        assert answer.status_code == 200, answer.text
        return [item["name"][-1] for item in answer.json()["items"]]

    assert await names() == list("43210")
    assert await names(sort="started_at") == list("01234")
    assert await names(**{"from": "2025-06-03", "to": "2025-06-05"}) == list("321")
    assert await names(exercise_id=bench) == ["2"]
    assert await names(plan_id=str(uuid4())) == []
    assert await names(page=2, per_page=2) == list("21")
    first = (await ana.get(WORKOUTS, params={"per_page": 2})).json()
    assert first["total"] == 5
    seen, cursor = [item["name"][-1] for item in first["items"]], first["next"]
    while cursor:
        page = (await ana.get(WORKOUTS, params={"per_page": 2, "before": cursor})).json()
        seen += [item["name"][-1] for item in page["items"]]
        cursor = page["next"]
    assert seen == list("43210")
    assert (await ana.get(WORKOUTS, params={"page": 9})).json()["items"] == []


async def test_a_cursor_that_is_none_is_named(ana: Person) -> None:
    with each_case() as case:
        for cursor in ("x", "", "====", "MjAyNS0wNi0wMg", "ä"):
            with case(cursor):
                problem = assert_problem(await ana.get(WORKOUTS, params={"before": cursor}), 422, "validation_failed")
                assert problem["errors"][0]["loc"] == ["query", "before"]


async def test_a_list_item_sums_up_without_warm_ups(ana: Person) -> None:
    await log(ana, await squat(ana), lifted(5, 60, set_type="warmup"), lifted(5, 100), lifted(3, 110, set_type="drop"))
    item = (await ana.get(WORKOUTS)).json()["items"][0]
    assert (item["sets"], item["volume_kg"], item["exercises"][0]["sets"]) == (2, 830, 2)


async def test_a_list_item_sums_up_however_many_sets_there_are(ana: Person) -> None:
    lift = await squat(ana)
    body = session(lift, *[lifted(5, 100)] * 100)
    body["exercises"] *= 11
    assert (await ana.post(LOG, json=body)).status_code == 201
    item = (await ana.get(WORKOUTS, params={"exercise_id": lift})).json()["items"][0]
    assert (item["sets"], item["volume_kg"], [one["sets"] for one in item["exercises"]]) == (1100, 550_000, [100] * 11)


async def test_an_edit_changes_what_follows(ana: Person) -> None:
    lift = await squat(ana)
    await log(ana, lift, lifted(5, 100), at=DAY)
    second = (await log(ana, lift, lifted(5, 120), at=DAY + timedelta(days=1)))["workout"]
    assert {record["kind"] for record in second["records"]} == {"heaviest", "e1rm"}
    assert await score_of(ana) == 25
    path = f"{WORKOUTS}/{second['id']}"
    edited = await ana.put(path, json=body_of(second, lifted(5, 90)))
    assert edited.status_code == 200, edited.text
    assert edited.json()["records"] == []
    assert edited.json()["affinity"]["score"] == 20
    assert (await ana.get(path)).json()["exercises"][0]["sets"][0]["weight_kg"] == 90
    records = (await ana.get("/api/v1/stats/records", params={"kind": "heaviest"})).json()["items"]
    assert [record["value"] for record in records] == [100]
    assert (await ledger_of(ana))[-2:] == [("workout_logged", 10), ("reversal", -15)]


async def test_an_edit_that_earns_the_same_leaves_the_ledger_alone(ana: Person) -> None:
    workout = (await log(ana, await squat(ana)))["workout"]
    before = await ledger_of(ana)
    for name in ("One", "Two"):
        assert (await ana.put(f"{WORKOUTS}/{workout['id']}", json=body_of(workout, name=name))).status_code == 200
    assert await ledger_of(ana) == before


async def test_editing_back_and_forth_never_adds_up(ana: Person) -> None:
    lift = await squat(ana)
    await log(ana, lift, lifted(5, 100), at=DAY)
    workout = (await log(ana, lift, lifted(5, 120), at=DAY + timedelta(days=1)))["workout"]
    for _ in range(3):
        await ana.put(f"{WORKOUTS}/{workout['id']}", json=body_of(workout, lifted(5, 90)))
        assert await score_of(ana) == 20
        await ana.put(f"{WORKOUTS}/{workout['id']}", json=body_of(workout, lifted(5, 120)))
        assert await score_of(ana) == 25
    await ana.delete(f"{WORKOUTS}/{workout['id']}")
    assert await score_of(ana) == 10


async def test_a_deleted_workout_takes_back_what_it_earned(ana: Person) -> None:
    lift = await squat(ana)
    first = (await log(ana, lift, at=DAY))["workout"]
    again = await log(ana, lift, at=DAY + timedelta(hours=3))
    assert again["affinity"]["change"] == 2
    assert (await ana.delete(f"{WORKOUTS}/{first['id']}")).status_code == 204
    assert_problem(await ana.get(f"{WORKOUTS}/{first['id']}"), 404, "not_found")
    assert_problem(await ana.delete(f"{WORKOUTS}/{first['id']}"), 404, "not_found")
    assert (await ledger_of(ana))[-1] == ("reversal", -10)
    # What is left is the first workout of its day.
    assert await score_of(ana) == 10
    second = (await ana.get(f"{WORKOUTS}/{again['workout']['id']}")).json()
    assert [event["points"] for event in second["affinity"]] == [2, 10, -2]


async def test_a_workout_that_moves_to_another_day_is_or_is_not_the_first_there(ana: Person) -> None:
    lift = await squat(ana)
    first = (await log(ana, lift, at=DAY))["workout"]
    await log(ana, lift, at=DAY + timedelta(hours=3))
    await log(ana, lift, at=DAY + timedelta(days=1))
    assert await score_of(ana) == 10 + 2 + 10
    path = f"{WORKOUTS}/{first['id']}"

    async def move(days: int) -> int:
        moved = session(lift, at=DAY + timedelta(days=days))
        del moved["client_id"]
        assert (await ana.put(path, json=moved)).status_code == 200
        return await score_of(ana)

    # Two on the next day, and the other one alone.
    assert await move(1) == 10 + 10 + 2
    # Each has a day of its own.
    assert await move(2) == 10 + 10 + 10
    assert await move(0) == 10 + 2 + 10
    assert (await ana.delete(path)).status_code == 204
    assert await score_of(ana) == 10 + 10


async def test_a_day_of_the_active_plan_earns_more(ana: Person) -> None:
    lift = await squat(ana)
    plan = await make_plan(ana, content=content_with(lift))
    assert (await log(ana, lift, at=DAY, plan_id=plan["id"], plan_day=0))["affinity"]["change"] == 10
    await ana.post(f"/api/v1/plans/{plan['id']}/activate")
    logged = await log(ana, lift, at=DAY + timedelta(days=1), plan_id=plan["id"], plan_day=0)
    assert {event["rule"] for event in logged["affinity"]["events"]} == {"workout_logged", "planned_day"}
    no_day = await log(ana, lift, at=DAY + timedelta(days=2), plan_id=plan["id"], plan_day=5)
    assert no_day["affinity"]["change"] == 10
    # It stays a planned day when the plan is put away.
    await ana.put(f"/api/v1/plans/{plan['id']}", json={"name": "x", "content": plan["content"], "status": "archived"})
    workout = logged["workout"]
    edited = await ana.put(f"{WORKOUTS}/{workout['id']}", json=body_of(workout, name="x"))
    assert edited.json()["affinity"]["change"] == 13


async def test_a_day_of_a_plan_that_was_deleted_keeps_its_points(ana: Person) -> None:
    lift = await squat(ana)
    plan = await make_plan(ana, content=content_with(lift))
    await ana.post(f"/api/v1/plans/{plan['id']}/activate")
    workout = (await log(ana, lift, at=DAY, plan_id=plan["id"], plan_day=0))["workout"]
    assert (workout["plan_version"], workout["plan_day"]) == (1, 0)
    assert (await ana.delete(f"/api/v1/plans/{plan['id']}")).status_code == 204
    kept = (await ana.get(f"{WORKOUTS}/{workout['id']}")).json()
    assert (kept["plan_id"], kept["plan_version"], kept["plan_day"]) == (None, None, None)
    # A phone that has not read it since still sends the day.
    for sent in (kept, workout):
        edited = (await ana.put(f"{WORKOUTS}/{workout['id']}", json=body_of(sent, plan_id=None, name="x"))).json()
        assert edited["affinity"]["score"] == 13


async def test_a_higher_target_takes_back_no_week_that_was_reached(ana: Person) -> None:
    lift = await squat(ana)
    await ana.patch("/api/v1/users/me", json={"days_per_week": 3})
    done = [(await log(ana, lift, at=DAY + timedelta(days=number)))["workout"] for number in range(3)]
    assert await score_of(ana) == 3 * 10 + 10
    await ana.patch("/api/v1/users/me", json={"days_per_week": 5})
    done.append((await log(ana, lift, at=DAY + timedelta(days=3)))["workout"])
    assert await score_of(ana) == 4 * 10 + 10
    # A day less than that is still as many as it was reached with.
    await ana.delete(f"{WORKOUTS}/{done[3]['id']}")
    assert await score_of(ana) == 3 * 10 + 10
    moved = body_of(done[2], started_at=done[1]["started_at"], ended_at=done[1]["ended_at"])
    assert (await ana.put(f"{WORKOUTS}/{done[2]['id']}", json=moved)).status_code == 200
    assert (await ledger_of(ana))[-1] == ("reversal", -10)
    assert await score_of(ana) == 2 * 10 + 2


async def test_a_lower_target_keeps_a_week_that_still_reaches_it(ana: Person) -> None:
    lift = await squat(ana)
    await ana.patch("/api/v1/users/me", json={"days_per_week": 3})
    done = [(await log(ana, lift, at=DAY + timedelta(days=number)))["workout"] for number in range(3)]
    await ana.patch("/api/v1/users/me", json={"days_per_week": 2})
    await ana.delete(f"{WORKOUTS}/{done[2]['id']}")
    assert await score_of(ana) == 2 * 10 + 10
    await ana.patch("/api/v1/users/me", json={"days_per_week": 5})
    await log(ana, lift, at=DAY + timedelta(hours=1))
    assert await score_of(ana) == 2 * 10 + 10 + 2
    await ana.delete(f"{WORKOUTS}/{done[1]['id']}")
    assert ("reversal", -10) in (await ledger_of(ana))[-2:]
    assert await score_of(ana) == 10 + 2


async def test_a_week_that_reaches_the_target_earns_once(ana: Person) -> None:
    lift = await squat(ana)
    await ana.patch("/api/v1/users/me", json={"days_per_week": 2})
    await log(ana, lift, at=DAY)
    await log(ana, lift, at=DAY + timedelta(hours=2))
    second = await log(ana, lift, at=DAY + timedelta(days=6))
    assert ("week_streak", 10) in await ledger_of(ana)
    assert second["affinity"]["change"] == 20
    await log(ana, lift, at=DAY + timedelta(days=3))
    assert Counter(await ledger_of(ana))["week_streak", 10] == 1
    score = await score_of(ana)
    # Two other days remain.
    await ana.delete(f"{WORKOUTS}/{second['workout']['id']}")
    assert await score_of(ana) == score - 10
    remaining = (await ana.get(WORKOUTS)).json()["items"]
    await ana.delete(f"{WORKOUTS}/{remaining[0]['id']}")
    assert (await ledger_of(ana))[-1] == ("reversal", -10)
    await log(ana, lift, at=DAY + timedelta(days=4))
    assert Counter(await ledger_of(ana))["week_streak", 10] == 2


async def test_at_most_three_records_of_a_workout_earn(ana: Person) -> None:
    names = ("Squat", "Bench Press", "Deadlift", "Overhead Press", "Barbell Row")
    lifts = [await exercise_id(ana, name) for name in names]
    for weight, day in ((50, 0), (60, 1)):
        body = session(lifts[0], at=DAY + timedelta(days=day))
        body["exercises"] = [{"exercise_id": lift, "sets": [lifted(5, weight)]} for lift in lifts]
        answer = (await ana.post(LOG, json=body)).json()
    assert len({record["exercise_id"] for record in answer["records"]}) == 5
    assert Counter(event["rule"] for event in answer["affinity"]["events"])["personal_record"] == 3


async def test_if_match_guards_a_change(ana: Person) -> None:
    logged = await ana.post(LOG, json=session(await squat(ana)))
    workout, path = logged.json()["workout"], logged.headers["location"]
    read = await ana.get(path)
    answers = await asyncio.gather(
        *(
            ana.put(path, json=body_of(workout, name=f"x{n}"), headers={"If-Match": read.headers["etag"]})
            for n in range(9)
        )
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 8}
    stale = {"If-Match": logged.headers["etag"]}
    assert_problem(await ana.delete(path, headers=stale), 412, "precondition_failed")
    current = {"If-Match": (await ana.get(path)).headers["etag"]}
    assert (await ana.get(path, headers={"If-None-Match": current["If-Match"]})).status_code == 304
    assert (await ana.delete(path, headers=current)).status_code == 204


async def test_records_beat_what_came_before_in_time(ana: Person) -> None:
    lift = await squat(ana)
    await log(ana, lift, lifted(5, 100), at=DAY)
    late = await log(ana, lift, lifted(5, 140), at=DAY + timedelta(days=9))
    between = await log(ana, lift, lifted(5, 120), at=DAY + timedelta(days=5))
    assert {(r["kind"], r["value"], r["previous"]) for r in between["records"]} >= {("heaviest", 120, 100)}
    now = (await ana.get(f"{WORKOUTS}/{late['workout']['id']}")).json()
    assert {(r["kind"], r["value"], r["previous"]) for r in now["records"]} >= {("heaviest", 140, 120)}


async def test_less_help_is_a_record(ana: Person) -> None:
    def helped(reps: int, assist: dict[str, Any]) -> dict[str, Any]:
        return {"set_type": "working", "reps": reps, "assist": assist}

    pull_up = await exercise_id(ana, "Assisted Pull-Up")
    first = await log(ana, pull_up, helped(8, kg(40)), helped(5, kg(30)), at=DAY)
    assert first["records"] == []
    less = await log(ana, pull_up, helped(8, kg(35)), helped(8, kg(25)), helped(9, kg(10)), at=DAY + timedelta(days=7))
    (record,) = less["records"]
    assert {key: record[key] for key in ("kind", "value", "previous", "unit", "at_reps", "at_kg")} == {
        "kind": "least_assist", "value": 25, "previous": 40, "unit": "kg", "at_reps": 8, "at_kg": None,
    }  # fmt: skip
    assert record["set_id"] == less["workout"]["exercises"][0]["sets"][1]["id"]
    assert ("personal_record", 5) in await ledger_of(ana)
    # As much, in another unit or as a warm-up, is none; nor is less help before it.
    for done in (helped(8, lb(55.116)), helped(8, kg(5)) | {"set_type": "warmup"}):
        assert (await log(ana, pull_up, done, at=DAY + timedelta(days=8)))["records"] == []
    assert (await log(ana, pull_up, helped(8, kg(26)), at=DAY + timedelta(days=9)))["records"] == []
    now = (await ana.get("/api/v1/stats/records", params={"kind": "least_assist"})).json()["items"]
    assert [(r["at_reps"], r["value"], r["local_date"]) for r in now] == [
        (5, 30, "2025-06-02"), (8, 25, "2025-06-09"), (9, 10, "2025-06-09"),
    ]  # fmt: skip
    assert now[1]["workout_id"] == less["workout"]["id"]


async def test_the_records_of_a_set_follow_from_its_kind(ana: Person) -> None:
    """A band has a load, a bike a distance, a jump both; how long a set of repetitions took is no record."""
    sets: dict[str, tuple[dict[str, Any], dict[str, Any], set[tuple[str, float, float]]]] = {
        "Band Lateral Raise": (
            {"reps": 12, "weight": kg(10), "duration_seconds": 30},
            {"reps": 12, "weight": kg(15), "duration_seconds": 60},
            {("heaviest", 15, 10)},
        ),
        "Farmer's Walk": (
            {"weight": kg(40), "distance_m": 30}, {"weight": kg(50), "distance_m": 40.5},
            {("heaviest", 50, 40), ("farthest", 40.5, 30)},
        ),
        "Stationary Bike": (
            {"distance_m": 12_500, "duration_seconds": 1800}, {"distance_m": 13_000, "duration_seconds": 1700},
            {("farthest", 13_000, 12_500)},
        ),
        "Broad Jump": ({"reps": 3, "distance_m": 2.4}, {"reps": 3, "distance_m": 2.55}, {("farthest", 2.55, 2.4)}),
        "Plank": (
            {"duration_seconds": 60, "weight": kg(10)}, {"duration_seconds": 90, "weight": kg(20)},
            {("heaviest", 20, 10), ("longest", 90, 60)},
        ),
    }  # fmt: skip
    for name, (done, better, records) in sets.items():
        exercise = await exercise_id(ana, name)
        await log(ana, exercise, done, at=DAY)
        answer = await log(ana, exercise, better, at=DAY + timedelta(days=1))
        (logged,) = answer["workout"]["exercises"][0]["sets"]
        assert {field: logged[field] for field in better} == better
        assert {(r["kind"], r["value"], r["previous"]) for r in answer["records"]} == records, name
