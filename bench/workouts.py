"""Workouts to log: 25 sets each, heavier and lighter ones in turn, as a client would send them."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import httpx

from bench.people import BenchUser

EXERCISES, SETS_EACH = 5, 5
_KINDS = ("warmup", *("working",) * (SETS_EACH - 1))


async def lifts(url: str, person: BenchUser) -> list[str]:
    """The ids of the library's weight-and-reps exercises, as the API at `url` lists them."""
    async with httpx.AsyncClient(base_url=url, headers=person.headers) as client:
        answer = (await client.get("/api/v1/exercises", params={"per_page": 100})).raise_for_status()
    return [row["id"] for row in answer.json()["items"] if row["kind"] == "weight_reps"]


def sessions(exercises: list[str]) -> Callable[[], bytes]:
    """Gives another session each time: a body of POST /workouts/log.

    They are twenty minutes apart, from three months ago on: one day may have 5,000 sets.
    """
    numbers, begin = count(), datetime.now(UTC) - timedelta(days=90)

    def session() -> bytes:
        n = next(numbers)
        started = begin + timedelta(minutes=20 * n)
        return json.dumps(
            {
                "client_id": str(uuid4()),
                "name": "Session",
                "started_at": started.isoformat(),
                "ended_at": (started + timedelta(hours=1)).isoformat(),
                "timezone": "UTC",
                "exercises": [
                    {"exercise_id": exercises[(n * 3 + place) % len(exercises)], "sets": _sets(n, place)}
                    for place in range(EXERCISES)
                ],
            }
        ).encode()

    return session


def _sets(n: int, place: int) -> list[dict[str, object]]:
    return [
        {
            "set_type": kind,
            "reps": 3 + (n + number) % 10,
            "weight": {"value": 40 + (n * 7 + place * 3 + number) % 60, "unit": "kg"},
            "rpe": 8.5,
        }
        for number, kind in enumerate(_KINDS)
    ]
