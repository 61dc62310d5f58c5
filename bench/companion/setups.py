"""What a question's person has: profile, measurements, plan, sessions, meals and memories, all through the API."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from bench.companion.person import Person

Setup = dict[str, Any]


def today_of(setup: Setup) -> date:
    """The person's day."""
    return datetime.now(ZoneInfo(setup["profile"]["timezone"])).date()


async def set_up(person: Person, setup: Setup) -> None:
    """Gives them all that the setup says."""
    await person.patch("/users/me", setup["profile"])
    for kind in ("measurements", "memories"):
        for body in setup.get(kind, ()):
            await person.post(f"/{kind}", body)
    for workout in setup.get("workouts", ()):
        await person.post("/workouts/log", await _workout(person, workout, setup))
    if plan := setup.get("plan"):
        await _activate(person, "/plans", await _plan(person, plan, today_of(setup)))
    if meals := setup.get("meal_plan"):
        await _activate(person, "/meal-plans", await _meal_plan(person, meals, today_of(setup)))


async def _activate(person: Person, path: str, body: dict[str, Any]) -> None:
    kept = await person.post(path, body)
    await person.post(f"{path}/{kept['id']}/activate", None)


async def _workout(person: Person, workout: dict[str, Any], setup: Setup) -> dict[str, Any]:
    timezone = setup["profile"]["timezone"]
    noon = datetime.combine(today_of(setup) - timedelta(days=workout["days_ago"]), time(12), ZoneInfo(timezone))
    exercises = [
        {
            "exercise_id": (await named(person, "/exercises", exercise["exercise"]))["id"],
            "sets": [_done(done) for done in exercise["sets"]],
        }
        for exercise in workout["exercises"]
    ]
    return {
        "client_id": str(uuid4()),
        "name": workout["name"],
        "started_at": noon.isoformat(),
        "ended_at": (noon + timedelta(hours=1)).isoformat(),
        "timezone": timezone,
        "exercises": exercises,
    }


def _done(done: dict[str, Any]) -> dict[str, Any]:
    load = {"weight": {"value": done["kg"], "unit": "kg"}} if "kg" in done else {}
    return {"set_type": "working", "reps": done["reps"], **load}


async def _plan(person: Person, plan: dict[str, Any], today: date) -> dict[str, Any]:
    days = []
    for day in plan["days"]:
        exercises = [
            {
                "exercise_id": (await named(person, "/exercises", planned["exercise"]))["id"],
                "rest_seconds": planned.get("rest", 150),
                "progression": {"kind": "double_progression", "increment_kg": 2.5},
                "sets": [_planned(planned)] * planned["sets"],
            }
            for planned in day["exercises"]
        ]
        days.append({"name": day["name"], "weekday": _weekday(day, today), "exercises": exercises})
    content = {"days": days, "deload_weeks": plan.get("deload_weeks", [])}
    return {"name": plan["name"], "duration_weeks": plan["duration_weeks"], "content": content}


def _planned(planned: dict[str, Any]) -> dict[str, Any]:
    least, most = planned["reps"]
    load = {"weight_kg": planned["kg"]} if "kg" in planned else {}
    return {"set_type": "working", "reps_min": least, "reps_max": most, **load}


async def _meal_plan(person: Person, plan: dict[str, Any], today: date) -> dict[str, Any]:
    days = [
        {
            "name": day["name"],
            "weekday": _weekday(day, today),
            "meals": [
                {
                    "slot": meal["slot"],
                    "name": meal["name"],
                    "items": [await _item(person, item) for item in meal["items"]],
                }
                for meal in day["meals"]
            ],
        }
        for day in plan["days"]
    ]
    return {"name": plan["name"], "content": {"days": days}}


async def _item(person: Person, item: dict[str, Any]) -> dict[str, Any]:
    return {"food_id": (await named(person, "/foods", item["food"]))["id"], "grams": item["grams"]}


def _weekday(day: dict[str, Any], today: date) -> int:
    return (today + timedelta(days=int(day["weekday"]))).isoweekday()


async def named(person: Person, path: str, name: str) -> dict[str, Any]:
    """The thing of the library with this name. Raises LookupError when there is none."""
    page = await person.get(f"{path}?q={name}&per_page=20")
    found: list[dict[str, Any]] = page["items"]
    for thing in found:
        if thing["name"] == name:
            return thing
    raise LookupError(f"{name} is not in the library; there are {[thing['name'] for thing in found]}")


def names_in(text: str, library: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The things of the library that a text names: of names within names the longest."""
    left, found = text.casefold(), []
    for thing in sorted(library, key=lambda thing: -len(thing["name"])):
        name = thing["name"].casefold()
        if name in left:
            found.append(thing)
            left = left.replace(name, "\n")
    return found
