"""Training: logging, import and export, and reading after years of it. Each on a stack of its own."""

from pathlib import Path

import httpx

from bench.archive import bench_export
from bench.history import PEOPLE, SETS_PER_WORKOUT, WORKOUTS, fill
from bench.imports import bench_import
from bench.indexes import bench_indexes
from bench.logging import bench_logging, bench_logging_after_years
from bench.people import BenchUser, sign_up_user
from bench.reading import bench_reading
from bench.servers import Server, serving
from bench.table import print_table
from bench.workouts import lifts
from dev.stack import Options, Stack

ALL_SETS = PEOPLE * WORKOUTS * SETS_PER_WORKOUT


async def bench_moving(folder: Path) -> None:
    """Logging, importing and exporting, in a database with nothing else in it."""
    async with Stack(Options(folder, durable=False)) as stack:
        with serving("src.main:app", stack) as server:
            print_table("POST /api/v1/workouts/log, 25 sets", await bench_logging(stack, server))
            person = await sign_up_user(stack, plans=0)
            print_table("Import of a Strong export", await bench_import(stack, server, person))
        with serving("src.main:app", stack) as server:  # so that its memory is that of exports
            print_table("Export of what was imported", await bench_export(server, person))


async def bench_years(folder: Path, sets: int) -> None:
    """A person with 2,000 workouts in a database of that many sets, whose other people have as many."""
    async with Stack(Options(folder, durable=False)) as stack:
        person = await sign_up_user(stack, plans=0)
        total = await fill(stack, person.id, people=max(1, sets // (WORKOUTS * SETS_PER_WORKOUT)))
        with serving("src.main:app", stack) as server:
            exercise = await _follow_a_plan(server, person)
            among = f"{WORKOUTS:,} workouts among {total:,} sets"
            print_table(f"Reading, {among}", await bench_reading(server, person, exercise))
            print_table(f"What that reads, {among}", await bench_indexes(stack, person, exercise))
            print_table(f"POST /workouts/log, {among}", await bench_logging_after_years(server, person))


async def _follow_a_plan(server: Server, person: BenchUser) -> str:
    """A plan of eight exercises that are in the history, active; the first of them."""
    exercises = (await lifts(server.url, person))[:8]
    planned: list[dict[str, object]] = [
        {
            "exercise_id": exercise,
            "rest_seconds": 120,
            "progression": {"kind": "double_progression", "increment_kg": 2.5},
            "sets": [{"set_type": "working", "reps_min": 6, "reps_max": 10, "rir": 2}] * 4,
        }
        for exercise in exercises
    ]
    body = {"name": "Strength", "content": {"days": [{"name": "Full body", "weekday": 1, "exercises": planned}]}}
    async with httpx.AsyncClient(base_url=server.url, headers=person.headers) as client:
        plan = (await client.post("/api/v1/plans", json=body)).raise_for_status().json()
        (await client.post(f"/api/v1/plans/{plan['id']}/activate")).raise_for_status()
    return exercises[0]
