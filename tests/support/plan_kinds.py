"""The two kinds of plan, as data for tests of what both do alike."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from dev.stack import Stack
from src.vocabulary import PlanKind
from tests.support.meals import MEAL_PLANS, MILK, make_food, meals_with
from tests.support.people import Person
from tests.support.plans import EXERCISES, PLANS, content_with, exercise_id
from tests.support.proposals import MEAL_CHANGE, workout_change

Content = dict[str, Any]
MakeContent = Callable[[Person, Stack], Awaitable[Content]]


@dataclass(frozen=True)
class PlanKindCase:
    """What differs between the kinds in tests that are the same for both."""

    kind: PlanKind
    noun: str
    path: str
    fields: dict[str, Any]
    """Values for fields that only plans of this kind have."""
    content: MakeContent
    other_content: MakeContent
    change: Callable[[Content], dict[str, Any]]
    """A change that a proposal with this content may have."""
    make_item: MakeContent
    """Content with an exercise or a food of the person's own, at `item_at`."""
    item_path: str
    item_at: tuple[str | int, ...]
    own_routes: tuple[tuple[str, str, dict[str, Any] | None], ...]
    """Method, path under a plan, and body of the routes that the other kind does not have or asks otherwise."""

    def __str__(self) -> str:
        return self.kind

    def path_of(self, plan: dict[str, Any]) -> str:
        return f"{self.path}/{plan['id']}"

    def item_in(self, content: Content) -> str:
        """The id of the exercise or food at `item_at`."""
        found: Any = content
        for key in self.item_at:
            found = found[key]
        return str(found)

    async def make(self, person: Person, stack: Stack, **fields: Any) -> dict[str, Any]:
        """A new plan of this kind, with content unless `content` says otherwise."""
        if "content" not in fields:
            fields["content"] = await self.content(person, stack)
        response = await person.post(self.path, json={"name": "Mine", **fields})
        assert response.status_code == 201, response.text
        plan: dict[str, Any] = response.json()
        return plan


async def _bench_press(person: Person, _stack: Stack) -> Content:
    return content_with(await exercise_id(person, "Bench Press"))


async def _deadlift(person: Person, _stack: Stack) -> Content:
    return content_with(await exercise_id(person, "Deadlift"))


async def _log_press(person: Person, _stack: Stack) -> Content:
    own = {"name": "Log Press", "kind": "weight_reps", "primary_muscles": ["chest"]}
    return content_with((await person.post(EXERCISES, json=own)).json()["id"])


async def _rice(person: Person, stack: Stack) -> Content:
    return meals_with(await make_food(person, stack))


async def _milk(person: Person, stack: Stack) -> Content:
    return meals_with(await make_food(person, stack, MILK))


KINDS = (
    PlanKindCase(
        kind=PlanKind.WORKOUT,
        noun="plan",
        path=PLANS,
        fields={"days_per_week": 3},
        content=_bench_press,
        other_content=_deadlift,
        change=workout_change,
        make_item=_log_press,
        item_path=EXERCISES,
        item_at=("days", 0, "exercises", 0, "exercise_id"),
        own_routes=(("POST", "/adapt", {}),),
    ),
    PlanKindCase(
        kind=PlanKind.MEAL,
        noun="meal plan",
        path=MEAL_PLANS,
        fields={"target_energy_kcal": 2000, "target_protein_g": 100},
        content=_rice,
        other_content=_milk,
        change=lambda _content: MEAL_CHANGE,
        make_item=_rice,
        item_path="/api/v1/foods",
        item_at=("days", 0, "meals", 0, "items", 0, "food_id"),
        own_routes=(
            ("POST", "/adapt", {"kind": "swap_meal", "day": 0, "meal": 0}),
            ("POST", "/swap", {"day": 0, "meal": 0, "item": 0, "food_id": "00000000-0000-4000-8000-00000000dead"}),
            ("GET", "/grocery-list", None),
        ),
    ),
)


def other_kind(case: PlanKindCase) -> PlanKindCase:
    return KINDS[1 - KINDS.index(case)]
