"""Workouts to test with."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.support.people import Person
from tests.support.plans import exercise_id

LOG = "/api/v1/workouts/log"
WORKOUTS = "/api/v1/workouts"


def kg(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "kg"}


def lb(value: float) -> dict[str, Any]:
    return {"value": value, "unit": "lb"}


def lifted(reps: int, weight: float, **more: Any) -> dict[str, Any]:
    """A set of a weight-and-reps exercise, in kg."""
    return {"set_type": "working", "reps": reps, "weight": kg(weight), **more}


def session(exercise: str, *sets: dict[str, Any], at: datetime | str | None = None, **more: Any) -> dict[str, Any]:
    """A body to log: one exercise, an hour long, an hour ago unless `at` says otherwise."""
    started = at or datetime.now(UTC) - timedelta(hours=2)
    begins = started if isinstance(started, datetime) else datetime.fromisoformat(started)
    return {
        "client_id": str(uuid4()),
        "started_at": begins.isoformat(),
        "ended_at": (begins + timedelta(hours=1)).isoformat(),
        "timezone": "UTC",
        "exercises": [{"exercise_id": exercise, "sets": list(sets) or [lifted(5, 100)]}],
        **more,
    }


async def log(person: Person, exercise: str, *sets: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Logs a session; what the API answers."""
    response = await person.post(LOG, json=session(exercise, *sets, **more))
    assert response.status_code == 201, response.text
    logged: dict[str, Any] = response.json()
    return logged


async def squat(person: Person) -> str:
    """The id of a weight-and-reps exercise."""
    return await exercise_id(person, "Squat")


async def score_of(person: Person) -> int:
    score: int = (await person.get("/api/v1/affinity")).json()["score"]
    return score


async def ledger_of(person: Person) -> list[tuple[str, int]]:
    """Rule and points of every event, oldest first."""
    events = (await person.get("/api/v1/affinity/events", params={"per_page": 100})).json()["items"]
    return [(event["rule"], event["points"]) for event in reversed(events)]
