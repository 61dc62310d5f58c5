"""Two weeks of one person, from the log to the next session and back, on the real stack."""

from typing import Any

from src.core.config import Settings
from tests.support.adaptation import bench_plan, path_of, press, proposed
from tests.support.people import Person
from tests.support.plans import PLANS

EQUIPMENT = ["barbell", "rack", "bench", "dumbbell", "cable", "machine"]


async def next_load(person: Person) -> tuple[str, float | None]:
    """The exercise that comes next, and its load."""
    (planned,) = (await person.get("/api/v1/workouts/next")).json()["exercises"]
    return planned["exercise_name"], planned["sets"][0]["weight_kg"]


async def adapted(person: Person, plan: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The one change of a proposal that is made, and accepted."""
    proposal = await proposed(person, plan, settings)
    assert (await person.post(path_of(proposal, "accept"))).status_code == 200
    change: dict[str, Any]
    (change,) = proposal["changes"]
    return change


async def test_two_weeks_of_training_move_the_plan(ana: Person, settings: Settings) -> None:
    profile = {"experience_level": "intermediate", "equipment": EQUIPMENT}
    assert (await ana.patch("/api/v1/users/me", json=profile)).status_code == 200
    plan = await bench_plan(ana)
    # Twelve and not thirteen: shortly after midnight, two hours before that is another day, and fourteen are a break.
    for days_ago, weight, expected in ((12, 60.0, 62.5), (11, 62.5, 65.0)):
        sets = await press(ana, plan, days_ago, 10, 10, 10, weight=weight)
        change = await adapted(ana, plan, settings)
        assert (change["rule"], change["evidence"]) == ("double_progression.increase", sets)
        assert await next_load(ana) == ("Bench Press", expected)

    # A miss repeats, and is remembered; the second one in a row makes it lighter.
    await press(ana, plan, 9, 5, 5, 4, weight=65)
    assert await next_load(ana) == ("Bench Press", 65)
    await press(ana, plan, 7, 5, 4, 4, weight=65)
    change = await adapted(ana, plan, settings)
    assert (change["rule"], change["to"]) == ("deload", [57.5] * 3)
    assert await next_load(ana) == ("Bench Press", 57.5)

    # Failing again after that, the exercise goes.
    for days_ago in (4, 2):
        await press(ana, plan, days_ago, 5, 4, 3, weight=57.5)
    change = await adapted(ana, plan, settings)
    assert change["rule"] == "swap.failure"
    name, load = await next_load(ana)
    assert name in change["explanation"]
    assert load is None

    # The history says who made each version and why, and another one can be had back.
    versions = (await ana.get(f"{PLANS}/{plan['id']}/versions")).json()["items"]
    assert [one["changed_by"] for one in versions] == [*["companion"] * 4, "person"]
    assert (await ana.post(f"{PLANS}/{plan['id']}/versions/1/restore")).json()["content"] == plan["content"]
