"""Plans and exercises to test with."""

from typing import Any

from tests.support.people import Person

PLANS = "/api/v1/plans"
EXERCISES = "/api/v1/exercises"


async def exercise_id(person: Person, name: str) -> str:
    """The id of the library exercise that is found first by this name."""
    response = await person.get(EXERCISES, params={"q": name})
    assert response.status_code == 200, response.text
    found: str = response.json()["items"][0]["id"]
    return found


def content_with(exercise: str, **changes: Any) -> dict[str, Any]:
    """Sound plan content: one day with one weight-and-reps exercise."""
    planned = {
        "exercise_id": exercise,
        "rest_seconds": 120,
        "progression": {"kind": "double_progression", "increment_kg": 2.5},
        "sets": [{"set_type": "working", "reps_min": 6, "reps_max": 10, "rir": 2}],
    }
    return {"days": [{"name": "Push", "weekday": 1, "exercises": [planned | changes]}], "deload_weeks": [4]}


async def make_plan(person: Person, **fields: Any) -> dict[str, Any]:
    """A new plan of this person, with content unless `content` says otherwise."""
    if "content" not in fields:
        fields["content"] = content_with(await exercise_id(person, "Bench Press"))
    response = await person.post(PLANS, json={"name": "Strength", **fields})
    assert response.status_code == 201, response.text
    plan: dict[str, Any] = response.json()
    return plan
