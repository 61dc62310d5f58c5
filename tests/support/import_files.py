"""Files of other apps, imported through the API and the worker."""

from typing import Any

from src.core.config import Settings
from tests.support.jobs import result_of
from tests.support.people import Person

IMPORT = "/api/v1/workouts/import"
CSV = {"Content-Type": "text/csv"}
STRONG = "Date,Workout Name,Duration,Exercise Name,Set Order,Weight,Reps,Distance,Seconds,Notes,Workout Notes,RPE\n"
HEVY = (
    "title,start_time,end_time,description,exercise_title,superset_id,exercise_notes,set_index,set_type,weight_kg,reps,"
    "distance_km,duration_seconds,rpe\n"
)


def strong(*sets: str, date: str = "2024-03-05 18:00:00") -> str:
    """An export of Strong: each set as `exercise,order,weight,reps,distance,seconds[,notes[,,rpe]]`."""
    rows = (f"{date},C,1h,{one}{',' * (8 - one.count(','))}\n" for one in sets)
    return STRONG + "".join(rows)


def hevy(*sets: str) -> str:
    """An export of Hevy: each set as `exercise,weight_kg,reps,distance_km,seconds`."""
    rows = []
    for one in sets:
        name, values = one.split(",", 1)
        rows.append(f'C,"5 Mar 2024, 18:00","5 Mar 2024, 19:10",,{name},,,0,normal,{values},\n')
    return HEVY + "".join(rows)


async def imported(person: Person, content: str, settings: Settings, **options: str) -> dict[str, Any]:
    """The result of importing a file."""
    accepted = await person.post(IMPORT, content=content.encode(), headers=CSV, params=options)
    return await result_of(person, accepted, settings)


async def workouts_of(person: Person) -> list[dict[str, Any]]:
    """The person's workouts, oldest first."""
    listed = (await person.get("/api/v1/workouts", params={"sort": "started_at"})).json()["items"]
    return [(await person.get(f"/api/v1/workouts/{item['id']}")).json() for item in listed]


async def sets_of(person: Person) -> list[tuple[str, str, dict[str, Any]]]:
    """Exercise, its kind, and what was recorded of every set, in order."""
    measures = ("reps", "weight", "assist", "duration_seconds", "distance_m")
    return [
        (exercise["exercise_name"], exercise["kind"], {name: one[name] for name in measures if one[name] is not None})
        for workout in await workouts_of(person)
        for exercise in workout["exercises"]
        for one in exercise["sets"]
    ]
