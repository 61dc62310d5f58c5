"""What a week of meals by rules costs: people of every diet, and of narrow ones, on the real library."""

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import asyncpg

from bench.table import TableRow, print_table
from dev.stack import Options, Stack
from src.nutrition.constants import NutritionGoal
from src.nutrition.generator.composer import Composer
from src.nutrition.generator.days import ComposedDay
from src.nutrition.generator.templates import SLOTS
from src.nutrition.ingredients import FoodFacts, Ingredient
from src.nutrition.profile import Body
from src.nutrition.solver import load_scipy, solve
from src.nutrition.targets import Targets, compute_targets
from src.vocabulary import ActivityLevel, Allergen, Diet, Sex

PEOPLE = 200
_LIBRARY = """
    select private.food_facts(f) as facts, f.diets::text[], f.allergens::text[] from public.foods as f
     where f.user_id is null and f.alcohol_g = 0 order by f.id"""


class _LibraryFood(NamedTuple):
    food: Ingredient
    diets: set[str]
    allergens: set[str]


class _Request(NamedTuple):
    foods: Sequence[Ingredient]
    targets: Targets
    meals: int
    seed: str


async def bench_meals(folder: Path) -> None:
    """Prints p50 and p95."""
    async with Stack(Options(folder, durable=False)) as stack:
        library = await _library(stack)
    started = time.perf_counter()
    load_scipy()
    loaded = time.perf_counter() - started
    requests = _requests(library)
    weeks = [_compose(request) for request in requests]
    rows = [
        _row("foods chosen and portions solved", [partial(_compose, request) for request in requests]),
        _row(
            "the solver alone, on the chosen foods",
            [partial(_solve, request, week) for request, week in zip(requests, weeks, strict=True)],
        ),
    ]
    print_table(f"A week of meals by rules (goal: p95 under 100 ms; scipy loads once, in {loaded:.1f} s)", rows)
    days = [day for week in weeks for day in week]
    fitting = sum(day.solution.fits for day in days)
    print(f"{fitting} of {len(days)} days have their energy and protein to 5 %.")


async def _library(stack: Stack) -> list[_LibraryFood]:
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        rows = await connection.fetch(_LIBRARY)
    finally:
        await connection.close()
    return [
        _LibraryFood(
            Ingredient.from_facts(FoodFacts.model_validate_json(row["facts"])), set(row["diets"]), set(row["allergens"])
        )
        for row in rows
    ]


def _requests(library: Sequence[_LibraryFood]) -> list[_Request]:
    chance = random.Random(7)  # noqa: S311  # seeded: the same people each time
    requests = []
    for number in range(PEOPLE):
        body = Body(
            chance.choice(list(Sex)),
            chance.randint(14, 80),
            chance.uniform(45, 130),
            chance.uniform(1.5, 2.0),
            chance.choice(list(ActivityLevel)),
        )
        diet, allergens = chance.choice(list(Diet)), set(chance.sample(list(Allergen), chance.randint(0, 5)))
        foods = [known.food for known in library if diet in known.diets and known.allergens.isdisjoint(allergens)]
        targets = compute_targets(body, chance.choice(list(NutritionGoal)))
        requests.append(_Request(foods, targets, chance.choice(sorted(SLOTS)), f"{number}"))
    return requests


def _compose(request: _Request) -> list[ComposedDay]:
    return Composer(request.foods, request.targets, request.seed).compose_week(7, request.meals)


def _solve(request: _Request, week: Sequence[ComposedDay]) -> None:
    for day in week:
        solve([portion for meal in day.meals for portion in meal.portions], request.targets)


def _row(name: str, calls: Sequence[Callable[[], object]]) -> TableRow:
    times = []
    for call in calls:
        started, used = time.perf_counter(), time.process_time()
        call()
        times.append((time.perf_counter() - started, time.process_time() - used))
    clock, processor = (sorted(column) for column in zip(*times, strict=True))
    figures = {"p50 ms": (clock, 0.5), "p95 ms": (clock, 0.95), "p95 ms of CPU": (processor, 0.95)}
    return {
        "what": name,
        "weeks": str(len(times)),
        **{key: f"{_at(*value) * 1000:.1f}" for key, value in figures.items()},
    }


def _at(times: Sequence[float], share: float) -> float:
    return times[int(len(times) * share)]
