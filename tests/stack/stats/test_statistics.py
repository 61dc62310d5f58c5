"""Statistics against a recomputation from the sets, after any sequence of logging, editing and deleting."""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from src.core.config import Settings
from tests.support.jobs import result_of
from tests.support.people import Person, assert_problem
from tests.support.plans import exercise_id
from tests.support.workouts import LOG, WORKOUTS, ledger_of, lifted, log, score_of, session, squat

MONDAY = datetime(2025, 6, 2, 10, tzinfo=UTC)
RANGE = {"from": "2025-01-01", "to": "2025-12-31"}
STATS = "/api/v1/stats"
STRONG = "Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE"
ORDERS = {"warmup": "W", "drop": "D", "failure": "F"}

SETS = st.lists(
    st.fixed_dictionaries(
        {
            "set_type": st.sampled_from(["warmup", "working", "working", "failure", "drop"]),
            "reps": st.integers(1, 15),
            "weight": st.fixed_dictionaries(
                {"value": st.integers(0, 800).map(lambda n: n / 4), "unit": st.sampled_from(["kg", "lb"])}
            ),
        }
    ),
    min_size=1,
    max_size=4,
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["log", "log", "edit", "delete", "import"]),
        # Often the same day: what a workout earns depends on the others of its day.
        st.one_of(st.integers(0, 1), st.integers(0, 20)),
        st.integers(0, 9),
        SETS,
    ),
    min_size=1,
    max_size=8,
)


@dataclass
class Diary:
    """What a person did, kept twice: by the API, and here."""

    person: Person
    lifts: list[str]
    api: Settings
    workouts: dict[str, dict[str, Any]] = field(default_factory=dict)

    async def step(self, kind: str, day: int, which: int, sets: list[dict[str, Any]]) -> None:
        body = session(self.lifts[which % 2], *sets, at=MONDAY + timedelta(days=day, minutes=which))
        body["exercises"].append({"exercise_id": self.lifts[(which + 1) % 2], "sets": sets[:1]})
        chosen = sorted(self.workouts)[which % len(self.workouts)] if self.workouts else None
        if kind == "import":
            return await self.bring(MONDAY + timedelta(days=day, minutes=which), which, sets)
        if kind == "log" or chosen is None:
            answer = await self.person.post(LOG, json=body)
            self.workouts[answer.json()["workout"]["id"]] = answer.json()["workout"]
        elif kind == "edit":
            del body["client_id"]
            answer = await self.person.put(f"{WORKOUTS}/{chosen}", json=body)
            self.workouts[chosen] = answer.json()["workout"]
        else:
            answer = await self.person.delete(f"{WORKOUTS}/{chosen}")
            del self.workouts[chosen]
        assert answer.is_success, answer.text
        return None

    async def bring(self, at: datetime, which: int, sets: list[dict[str, Any]]) -> None:
        """The sets as another app exports them, in kg."""
        lift = ("Squat (Barbell)", "Bench Press (Barbell)")[which % 2]
        rows = [
            f"{at:%Y-%m-%d %H:%M:%S},Elsewhere,1h,{lift},{ORDERS.get(one['set_type'], number)},"
            f"{one['weight']['value']},{one['reps']},0,0,,,"
            for number, one in enumerate(sets, 1)
        ]
        content = "\n".join([STRONG, *rows, ""]).encode()
        headers = {"Content-Type": "text/csv"}
        accepted = await self.person.post(f"{WORKOUTS}/import?weight_unit=kg", content=content, headers=headers)
        result = await result_of(self.person, accepted, self.api)
        assert result["rows"]["rejected"] == 0, result
        for one in (await self.person.get(WORKOUTS, params={"per_page": 100})).json()["items"]:
            if one["id"] not in self.workouts:
                self.workouts[one["id"]] = (await self.person.get(f"{WORKOUTS}/{one['id']}")).json()

    def sets(self) -> list[tuple[dict[str, Any], str, dict[str, Any]]]:
        """Workout, exercise and set of all that counts."""
        return [
            (workout, exercise["exercise_id"], one)
            for workout in self.workouts.values()
            for exercise in workout["exercises"]
            for one in exercise["sets"]
            if one["set_type"] != "warmup"
        ]


def kilograms(one: dict[str, Any]) -> Decimal:
    factor = Decimal("0.45359237") if one["weight"]["unit"] == "lb" else Decimal(1)
    return (Decimal(str(one["weight"]["value"])) * factor).quantize(Decimal("0.001"), ROUND_HALF_UP)


def epley(one: dict[str, Any]) -> Decimal | None:
    reps = one["reps"]
    if reps > 12:
        return None
    weight = kilograms(one)
    return weight if reps == 1 else (weight * (30 + reps) / 30).quantize(Decimal("0.001"), ROUND_HALF_UP)


def near(value: Decimal | float) -> Any:
    return pytest.approx(float(value), abs=0.0005)


@examples(max_examples=16, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(steps=STEPS)
async def test_statistics_follow_from_the_sets(
    steps: list[Any], newcomer: Callable[[], Awaitable[Person]], settings: Settings
) -> None:
    person = await newcomer()
    await person.patch("/api/v1/users/me", json={"days_per_week": 2})
    diary = Diary(person, [await squat(person), await exercise_id(person, "Bench Press")], settings)
    for step in steps:
        await diary.step(*step)
        events = await ledger_of(person)
        assert await score_of(person) == sum(points for _, points in events) >= 0
        await check_points(diary)
    await check_summary(diary)
    await check_records(diary)
    await check_days(diary)
    await check_history(diary)


async def check_points(diary: Diary) -> None:
    """Of each day the first workout has 10 points and every other one 2, whatever was changed since."""
    params = {"per_page": 100}
    points: dict[str, int] = {}
    for event in (await diary.person.get("/api/v1/affinity/events", params=params)).json()["items"]:
        if event["rule"] == "workout_logged":
            # The newest comes first; it is the one that was not taken back.
            points.setdefault(event["source_id"], event["points"])
    days = defaultdict(list)
    for one in (await diary.person.get(WORKOUTS, params=params)).json()["items"]:
        if one["source"] == "app":
            days[one["local_date"]].append(points[one["id"]])
    assert {day: sorted(found) for day, found in days.items()} == {
        day: [*[2] * (len(found) - 1), 10] for day, found in days.items()
    }


async def check_summary(diary: Diary) -> None:
    summary = (await diary.person.get(f"{STATS}/summary")).json()
    done = diary.sets()
    days = {date.fromisoformat(workout["local_date"]) for workout in diary.workouts.values()}
    assert (summary["workouts"], summary["days"]) == (len(diary.workouts), len(days))
    assert (summary["sets"], summary["reps"]) == (len(done), sum(one["reps"] for *_, one in done))
    assert summary["volume_kg"] == near(sum((kilograms(one) * one["reps"] for *_, one in done), Decimal()))
    assert summary["first_on"] == (min(days).isoformat() if days else None)
    assert summary["duration_seconds"] == 3600 * len(diary.workouts)
    per_week: dict[date, set[date]] = defaultdict(set)
    for day in days:
        per_week[day - timedelta(days=day.weekday())].add(day)
    reached = sorted(week for week, trained in per_week.items() if len(trained) >= 2)
    longest = run = 0
    for number, week in enumerate(reached):
        run = run + 1 if number and week - reached[number - 1] == timedelta(days=7) else 1
        longest = max(longest, run)
    assert summary["streak"] == {"current_weeks": 0, "longest_weeks": longest}


async def check_records(diary: Diary) -> None:
    best: dict[tuple[str, str, float | None], Decimal] = {}
    for _, exercise, one in diary.sets():
        marks: list[tuple[str, float | None, Decimal | None]] = [
            ("heaviest", None, kilograms(one)),
            ("e1rm", None, epley(one)),
        ]
        marks.append(("most_reps", float(kilograms(one)), Decimal(one["reps"])))
        for kind, at_kg, value in marks:
            if value:
                key = (exercise, kind, at_kg)
                best[key] = max(best.get(key, value), value)
    found = (await diary.person.get(f"{STATS}/records", params={"per_page": 100})).json()
    assert found["total"] == len(best)
    for record in found["items"]:
        assert record["value"] == near(best[record["exercise_id"], record["kind"], record["at_kg"]])


async def check_days(diary: Diary) -> None:
    calendar = (await diary.person.get(f"{STATS}/calendar", params=RANGE)).json()["days"]
    assert [day["date"] for day in calendar] == sorted({one["local_date"] for one in diary.workouts.values()})
    assert sum(day["workouts"] for day in calendar) == len(diary.workouts)
    assert sum(day["sets"] for day in calendar) == len(diary.sets())
    muscles: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for workout, exercise, _ in diary.sets():
        day = date.fromisoformat(workout["local_date"])
        week = (day - timedelta(days=day.weekday())).isoformat()
        known = (await diary.person.get(f"/api/v1/exercises/{exercise}")).json()
        for share, names in ((1, known["primary_muscles"]), (0.5, known["secondary_muscles"])):
            for muscle in names:
                muscles[week, muscle] += Decimal(share)
    volume = (await diary.person.get(f"{STATS}/volume", params=RANGE)).json()["weeks"]
    found = {(week["week"], one["muscle"]): one["sets"] for week in volume for one in week["muscles"]}
    assert found == {key: float(value) for key, value in muscles.items()}


async def check_history(diary: Diary) -> None:
    lift = diary.lifts[0]
    points = (await diary.person.get(f"{STATS}/exercises/{lift}", params=RANGE)).json()["points"]
    mine: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for workout, exercise, one in diary.sets():
        if exercise == lift:
            mine[workout["id"]].append(one)
    assert {point["workout_id"] for point in points} == mine.keys()
    assert [point["started_at"] for point in points] == sorted(point["started_at"] for point in points)
    for point in points:
        done = mine[point["workout_id"]]
        assert point["heaviest_kg"] == near(max(kilograms(one) for one in done))
        assert point["most_reps"] == max(one["reps"] for one in done)
        estimates = [estimate for one in done if (estimate := epley(one)) is not None]
        assert point["e1rm_kg"] == (near(max(estimates)) if estimates else None)


async def test_nothing_yet(ana: Person) -> None:
    summary = (await ana.get(f"{STATS}/summary")).json()
    assert summary["streak"] == {"current_weeks": 0, "longest_weeks": 0}
    assert summary["first_on"] is None
    assert summary["this_week"]["target_days"] is None
    assert (await ana.get(f"{STATS}/records")).json() == {"items": [], "total": 0, "page": 1, "per_page": 20}
    assert (await ana.get(f"{STATS}/volume")).json() == {"weeks": []}
    assert (await ana.get(f"{STATS}/calendar")).json() == {"days": []}
    assert (await ana.get(f"{STATS}/exercises/{await squat(ana)}")).json()["points"] == []


async def test_an_account_that_is_gone_is_told_so(newcomer: Callable[[], Awaitable[Person]]) -> None:
    person = await newcomer()
    assert (await person.delete("/api/v1/users/me")).status_code == 204
    assert_problem(await person.get(f"{STATS}/summary"), 401, "unauthenticated")


async def test_this_week_and_the_streak_run_until_now(ana: Person) -> None:
    lift = await squat(ana)
    for weeks in range(3):
        await log(ana, lift, at=datetime.now(UTC) - timedelta(days=7 * weeks), ended_at=None)
    summary = (await ana.get(f"{STATS}/summary")).json()
    assert summary["streak"] == {"current_weeks": 3, "longest_weeks": 3}
    assert (summary["this_week"]["workouts"], summary["this_week"]["sets"]) == (1, 1)
    # By a target of their own, none of these weeks counts.
    await ana.patch("/api/v1/users/me", json={"days_per_week": 2})
    assert (await ana.get(f"{STATS}/summary")).json()["streak"]["current_weeks"] == 0


async def test_of_equal_records_the_first_stands(ana: Person) -> None:
    lift = await squat(ana)
    first = await log(ana, lift, lifted(5, 100), at=MONDAY)
    await log(ana, lift, lifted(5, 100), at=MONDAY + timedelta(days=1))
    for record in (await ana.get(f"{STATS}/records", params={"exercise_id": lift})).json()["items"]:
        assert record["workout_id"] == first["workout"]["id"]


@pytest.mark.parametrize("path", ["calendar", "volume"])
async def test_days_in_the_wrong_order_are_named(path: str, ana: Person) -> None:
    for params in ({"from": "2025-06-02", "to": "2025-06-01"}, {"from": "0001-01-01"}, {"to": "x"}, {"days": 1}):
        assert_problem(await ana.get(f"{STATS}/{path}", params=params), 422, "validation_failed")
