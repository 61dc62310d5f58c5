"""What src/exercises/kinds.py says of each kind of exercise is what the database accepts and refuses."""

import json
from collections.abc import Iterator
from itertools import combinations
from typing import Any

import asyncpg

from dev.stack import Stack
from src.exercises.kinds import LOGGED_FIELDS, OPEN_ENDED, PLANNED_FIELDS, RULES, SetFields, find_planned_problems
from src.vocabulary import ExerciseKind, SetType
from tests.support.people import Person
from tests.support.workouts import LOG, kg, session

LOGGED: dict[str, Any] = {"reps": 5, "weight": kg(40), "assist": kg(20), "duration_seconds": 60, "distance_m": 400}
PLANNED: dict[str, Any] = {
    "reps_min": 4,
    "reps_max": 6,
    "weight_kg": 40,
    "percent_e1rm": 70,
    "duration_seconds": 60,
    "distance_m": 400,
}
IN_SQL = {"weight": "entered_value", "assist": "entered_value"}


def subsets(fields: tuple[str, ...]) -> Iterator[frozenset[str]]:
    for size in range(len(fields) + 1):
        yield from map(frozenset, combinations(fields, size))


async def exercises_of_every_kind(person: Person) -> dict[ExerciseKind, str]:
    made = {}
    for kind in ExerciseKind:
        body = {"name": f"My {kind}", "kind": kind, "primary_muscles": ["chest"]}
        made[kind] = (await person.post("/api/v1/exercises", json=body)).json()["id"]
    return made


async def test_python_and_the_database_say_the_same_of_every_kind(ana: Person, stack: Stack) -> None:
    assert set(RULES) == set(ExerciseKind)
    assert (set(LOGGED), set(PLANNED)) == (set(LOGGED_FIELDS), set(PLANNED_FIELDS))
    exercises = await exercises_of_every_kind(ana)
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        # What an empty copy of the table accepts, by its constraints alone.
        await connection.execute("create temp table bare_sets (like public.sets including constraints)")
        await connection.execute(
            "do $$ declare name name; begin for name in select attname from pg_attribute"
            " where attrelid = 'bare_sets'::regclass and attnum > 0 and attnotnull"
            " loop execute format('alter table bare_sets alter %I drop not null', name); end loop; end $$"
        )
        for kind, exercise in exercises.items():
            await assert_logged_sets(connection, kind, exercise, str(ana.id))
            await assert_planned_sets(connection, kind, exercise)
    finally:
        await connection.close()
    for kind, exercise in exercises.items():
        await assert_logged_through_the_api(ana, kind, exercise)


async def assert_logged_sets(connection: asyncpg.Connection, kind: ExerciseKind, exercise: str, owner: str) -> None:
    """By `private.set_problems`, and by the constraint `sets_fields_of_kind`."""
    rules = RULES[kind].logged
    for fields in subsets(LOGGED_FIELDS):
        done = {"set_type": "working", **{field: LOGGED[field] for field in fields}}
        problems = await connection.fetch(
            "select * from private.set_problems($1, $2)",
            owner,
            json.dumps([{"exercise_id": exercise, "sets": [done]}]),
        )
        assert (not problems) is rules.hold(fields), (kind, fields, problems)
        extra = {json.loads(row["loc"])[-1] for row in problems if row["type"] == "extra_forbidden"}
        assert extra == fields - rules.allowed, (kind, fields)
        if {"weight", "assist"} <= fields:
            continue  # one column
        columns = {IN_SQL.get(field, field): LOGGED[field] for field in fields}
        entered = columns.get("entered_value")
        values = [kind, columns.get("reps"), entered and entered["value"], entered and "kg"]
        values += [columns.get("duration_seconds"), columns.get("distance_m")]
        column_rules = SetFields(
            *(
                frozenset(IN_SQL.get(field, field) for field in part)
                for part in (rules.required, rules.optional, rules.one_of, rules.recorded)
            )
        )
        insert = (
            "insert into bare_sets (kind, reps, entered_value, entered_unit, duration_seconds, distance_m)"
            " values ($1, $2, $3, $4, $5, $6)"
        )
        try:
            await connection.execute(insert, *values)
            is_accepted = True
        except asyncpg.CheckViolationError as error:
            is_accepted = error.constraint_name != "sets_fields_of_kind"
        assert is_accepted is column_rules.hold(frozenset(columns)), (kind, fields)


async def assert_planned_sets(connection: asyncpg.Connection, kind: ExerciseKind, exercise: str) -> None:
    """By `private.plan_problems`, which `find_planned_problems` says the same as."""
    owner = await connection.fetchval("select user_id from public.exercises where id = $1", exercise)
    question = "select private.plan_problems('workout', $1, $2, null)"
    rules = RULES[kind].planned
    for set_type in (SetType.WORKING, SetType.WARMUP, *OPEN_ENDED):
        for fields in subsets(PLANNED_FIELDS):
            if {"weight_kg", "percent_e1rm"} <= fields:
                continue  # these never go together, whatever the kind
            planned = {"set_type": set_type, **{field: PLANNED[field] for field in fields}}
            content = {"days": [{"name": "Day", "exercises": [{"exercise_id": exercise, "sets": [planned]}]}]}
            answer = await connection.fetchval(question, json.dumps(content), owner)
            problems = json.loads(answer)
            said = list(find_planned_problems(kind, fields, set_type))
            assert len(said) == len(problems), (kind, set_type, fields, problems, said)
            if set_type not in OPEN_ENDED:
                assert (not problems) is rules.hold(fields), (kind, fields, problems)
            extra = {problem["loc"][-1] for problem in problems if problem["type"] == "extra_forbidden"}
            assert extra == fields - rules.allowed, (kind, fields)


async def assert_logged_through_the_api(person: Person, kind: ExerciseKind, exercise: str) -> None:
    """Each field alone beside what is needed; and the records that the whole set can be, once it was beaten."""
    rules = RULES[kind].logged
    needed = rules.required | rules.one_of
    for field in LOGGED_FIELDS:
        done = {name: LOGGED[name] for name in needed | {field}}
        answer = await person.post(LOG, json=session(exercise, done))
        assert answer.status_code == (201 if field in rules.allowed else 422), (kind, field, answer.text)
    best = {name: LOGGED[name] for name in rules.allowed}
    assert (await person.post(LOG, json=session(exercise, best))).status_code == 201
    records = (await person.get("/api/v1/stats/records", params={"exercise_id": exercise, "per_page": 100})).json()
    assert {record["kind"] for record in records["items"]} == RULES[kind].records, kind
