"""Shared by the jobs that make and adapt meal plans: their data from the database, and their results."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any
from uuid import UUID

from src.core.documents import Document, parse_document
from src.jobs.worker import ClaimedJob, JobFailed
from src.memories.told import FOOD_FIELDS, ToldFact, careful_notes, left_out_notes
from src.nutrition.content import MealPlanContent
from src.nutrition.errors import MealPlanningError
from src.nutrition.ingredients import FoodFacts, Ingredient
from src.nutrition.profile import MissingNutritionData, NotComputed, NutritionProfile
from src.nutrition.solver import Solution
from src.vocabulary import PlanSource


class PlannedFoodFacts(FoodFacts):
    """A food of a plan; `conflict`: its owner may not, or will not, eat it any more."""

    conflict: bool


class MealPlanOwner(Document):
    """The person a plan is for. `weekday`: today's in their time zone; 1 is Monday."""

    goals: list[str]
    weekday: int


class MealPlanToAdapt(Document):
    """A meal plan with its foods. `content` is null in an empty draft."""

    id: UUID
    version: int
    content: MealPlanContent | None
    foods: list[PlannedFoodFacts]


class EarlierResult(Document):
    """The plan or proposal that an earlier attempt of this job has stored, with its foods."""

    source: PlanSource
    model: str | None
    content: MealPlanContent
    foods: list[PlannedFoodFacts]


class MealContext(Document):
    """What `public.meal_context` returns. `foods`: those that the person may be offered."""

    profile: NutritionProfile
    person: MealPlanOwner
    told: list[ToldFact]
    foods: list[FoodFacts]
    plan: MealPlanToAdapt | None
    made: EarlierResult | None

    @property
    def notes(self) -> list[str]:
        """What a plan leaves out and because of whose words; first what asks for care."""
        return [*careful_notes(self.told), *left_out_notes(self.told, FOOD_FIELDS)]

    @cached_property
    def ingredients(self) -> list[Ingredient]:
        """The foods that a plan may use."""
        return [Ingredient.from_facts(food) for food in self.foods]


async def load_meal_context(job: ClaimedJob, plan_id: str | None = None) -> MealContext:
    """Loads the person and the foods of a job, and the plan to adapt if there is one."""
    params = {} if plan_id is None else {"plan_id": plan_id}
    return parse_document(MealContext.model_validate, await job.call("meal_context", **params))


@contextmanager
def planning_errors() -> Iterator[None]:
    """Raises JobFailed for errors that the job's owner can do something about."""
    try:
        yield
    except MealPlanningError as error:
        raise JobFailed(str(error)) from None
    except NotComputed as careful:
        raise JobFailed(careful.detail) from None
    except MissingNutritionData as missing:
        raise JobFailed(f"This is needed to compute targets: {missing.places}.") from None


def report(days: Sequence[Solution], notes: Sequence[str] = ()) -> dict[str, Any]:
    """The residual of each day, and `notes` with a sentence on the days that miss their targets."""
    missed = [str(number) for number, day in enumerate(days, 1) if not day.fits]
    words = (
        f"The foods that suit you do not reach energy and protein to 5 % on day {', '.join(missed)}; "
        "residual says by how much."
    )
    return {"residual": [day.residual_document() for day in days], "notes": [*notes, *([words] if missed else [])]}
