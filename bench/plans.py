"""What a plan by rules costs: every sport, level, days a week and equipment, with and without injuries."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import asyncpg
from pydantic import TypeAdapter

from bench.table import TableRow, print_table
from dev.stack import Options, Stack
from src.training.candidates import Candidate
from src.training.generator.preferences import Person, Preferences
from src.training.generator.review import describe_shortfalls
from src.training.generator.rules import plan_by_rules
from src.vocabulary import Equipment, ExperienceLevel, Joint, Sport

_E = Equipment
_KITS = (frozenset[Equipment](), frozenset({_E.BAND}), frozenset({_E.DUMBBELL, _E.BENCH}), frozenset(_E))
_INJURIES = (frozenset[Joint](), frozenset({Joint.KNEE, Joint.SHOULDER}))
_CANDIDATES = """
    select jsonb_agg(to_jsonb(e) order by e.slug) from public.exercises as e
     where e.user_id is null and e.equipment <@ ($1::public.equipment[] || '{bodyweight}'::public.equipment[])
       and not e.contraindications && $2::public.joint[] and e.level <= $3"""

_read_candidates = TypeAdapter(list[Candidate]).validate_python


async def bench_plans(folder: Path) -> None:
    """Prints p50 and p95."""
    async with Stack(Options(folder, durable=False)) as stack:
        connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
        try:
            rows = {
                (level, kit, injuries): json.loads(
                    await connection.fetchval(_CANDIDATES, sorted(kit), sorted(injuries), level)
                )
                for level, kit, injuries in product(ExperienceLevel, _KITS, _INJURIES)
            }
        finally:
            await connection.close()
    print_table("A plan by rules (goal: p95 under 50 ms)", _measured(rows))


def _measured(rows: dict[Any, list[dict[str, Any]]]) -> list[TableRow]:
    known = {key: _read_candidates(each) for key, each in rows.items()}
    return [
        _row("the rules alone", lambda person, preferences, key: plan_by_rules(person, preferences, known[key])),
        _row(
            "all a job computes: rows to candidates, plan, notes, JSON",
            lambda person, preferences, key: _everything(person, preferences, rows[key]),
        ),
    ]


def _everything(person: Person, preferences: Preferences, rows: list[dict[str, Any]]) -> None:
    candidates = _read_candidates(rows)
    content = plan_by_rules(person, preferences, candidates)
    describe_shortfalls(content, person, preferences, candidates)
    content.model_dump(mode="json")


def _row(name: str, make: Callable[[Person, Preferences, Any], object]) -> TableRow:
    clock, processor = zip(*_times(make), strict=True)
    figures = {"p50 ms": _at(clock, 0.5), "p95 ms": _at(clock, 0.95), "p95 ms of CPU": _at(processor, 0.95)}
    return {"what": name, "plans": str(len(clock)), **{key: f"{value * 1000:.1f}" for key, value in figures.items()}}


def _at(times: Sequence[float], share: float) -> float:
    return sorted(times)[int(len(times) * share)]


def _times(make: Callable[[Person, Preferences, Any], object]) -> Iterator[tuple[float, float]]:
    """By the clock, and of the processor's time, which others on the machine leave alone."""
    for person, preferences, key in _asked():
        started, used = time.perf_counter(), time.process_time()
        make(person, preferences, key)
        yield time.perf_counter() - started, time.process_time() - used


def _asked() -> Sequence[tuple[Person, Preferences, Any]]:
    return [
        (
            Person(sport, level, equipment=kit, injuries=injuries),
            Preferences(days_per_week=days),
            (level, kit, injuries),
        )
        for sport, level, kit, injuries, days in product(Sport, ExperienceLevel, _KITS, _INJURIES, range(1, 8))
    ]
