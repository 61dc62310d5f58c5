"""What the active meal plan has for a day."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import day as day_in_words
from src.chat.phrases.formats import number, quantity
from src.chat.schemas import GenerateMealPlan, SwapMeal
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.language.language import Language
from src.nutrition.content import MealPlanContent
from src.plans.meal_schemas import MealPlan
from src.vocabulary import EvidenceKind, MealSlot


class MealsArguments(Arguments):
    """Which day, and which meal of it."""

    on: date | None = Field(None, description="YYYY-MM-DD; left out, today")
    slot: MealSlot | None = None


class _Meal(BaseModel):
    slot: MealSlot
    name: str
    energy_kcal: float
    protein_g: float


class _Found(BaseModel):
    on: date
    is_today: bool
    plan: str | None = None
    meals: list[_Meal] = []
    energy_kcal: float | None = None
    protein_g: float | None = None


class MealsOfDay(Tool[MealsArguments]):
    """The meals of a day with their energy and protein."""

    name = "meals_of_day"
    description = (
        "What the active meal plan has for a day (today unless `on` is given), each meal with kcal and protein. For "
        "'what is for dinner', 'what do I eat tomorrow'. `plan` is null without an active meal plan."
    )
    Arguments = MealsArguments

    async def call(self, arguments: MealsArguments, toolbox: Toolbox, /) -> ToolAnswer:
        on = arguments.on or toolbox.asker.today
        nothing = _Found(on=on, is_today=on == toolbox.asker.today)
        active = toolbox.state.meal_plan
        if active is None:
            return ToolAnswer(nothing.model_dump(mode="json"), actions=(GenerateMealPlan(kind="generate_meal_plan"),))
        plan = MealPlan.from_row(await toolbox.sources.meal_plans.get(active.id))
        number_of_day = None if plan.content is None else _day_on(plan.content, on, toolbox.asker.today)
        if plan.content is None or plan.nutrients is None or number_of_day is None:
            return ToolAnswer(nothing.model_copy(update={"plan": plan.name}).model_dump(mode="json"))
        return _answer(plan, number_of_day, nothing, arguments.slot, toolbox.language)

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if found.plan is None:
            return say("food.no_meal_plan", language)
        when = say("food.today", language) if found.is_today else day_in_words(found.on, language, found.on)
        if not found.meals:
            return say("food.nothing_planned", language, day=when, plan=found.plan)
        lines = [_line(meal, language) for meal in found.meals]
        energy, protein = (
            quantity(round(found.energy_kcal or 0), "kcal", language),
            _protein(found.protein_g, language),
        )
        total = say("food.day_total", language, energy=energy, protein=protein) if len(lines) > 1 else ""
        return "\n".join(filter(None, [say("food.meals_of_day", language, day=when, plan=found.plan), *lines, total]))


def _day_on(content: MealPlanContent, on: date, today: date) -> int | None:
    """The number of the day that is eaten on a date: by its weekday, else counted from today's first."""
    fitting = [number for number, day in enumerate(content.days) if day.weekday == on.isoweekday()]
    if fitting:
        return fitting[on.isocalendar().week % len(fitting)]
    if any(day.weekday is not None for day in content.days):
        return None
    return (on - today).days % len(content.days)


def _answer(
    plan: MealPlan, number_of_day: int, nothing: _Found, slot: MealSlot | None, language: Language
) -> ToolAnswer:
    if plan.content is None or plan.nutrients is None:
        raise ValueError("an empty plan has no meals")
    day = plan.content.days[number_of_day]
    nutrients = plan.nutrients.days[number_of_day]
    numbered = [
        (place, _Meal(slot=meal.slot, name=meal.name, energy_kcal=eaten.energy_kcal, protein_g=eaten.protein_g))
        for place, (meal, eaten) in enumerate(zip(day.meals, nutrients.meals, strict=True))
        if slot is None or meal.slot is slot
    ]
    found = nothing.model_copy(
        update={
            "plan": plan.name,
            "meals": [meal for _, meal in numbered],
            "energy_kcal": nutrients.nutrients.energy_kcal,
            "protein_g": nutrients.nutrients.protein_g,
        }
    )
    lines = [(f"{_energy(meal, language)}, {_protein(meal.protein_g, language)}", meal.name) for _, meal in numbered]
    total = f"{quantity(round(nutrients.nutrients.energy_kcal), 'kcal', language)}, "
    total += _protein(nutrients.nutrients.protein_g, language)
    receipts = [_receipt(plan.id, value, text) for value, text in [*lines, (total, plan.name)]]
    swap = (
        SwapMeal(kind="swap_meal", meal_plan_id=plan.id, day=number_of_day, meal=numbered[0][0])
        if slot and numbered
        else None
    )
    return ToolAnswer(found.model_dump(mode="json"), tuple(receipts), (swap,) if swap else ())


def _receipt(plan_id: UUID, value: str, text: str) -> Receipt:
    return Receipt(EvidenceKind.PLAN, plan_id, value, text)


def _energy(meal: _Meal, language: Language) -> str:
    return quantity(round(meal.energy_kcal), "kcal", language)


def _protein(grams: float | None, language: Language) -> str:
    return say("food.protein", language, grams=number(round(grams or 0), language))


def _line(meal: _Meal, language: Language) -> str:
    slot = say(f"food.{meal.slot.value}", language)
    energy, protein = _energy(meal, language), _protein(meal.protein_g, language)
    return say("food.meal_line", language, slot=slot, meal=meal.name, energy=energy, protein=protein)
