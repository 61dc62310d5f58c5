"""What to buy for a week of the active meal plan."""

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import number, quantity
from src.chat.schemas import GenerateMealPlan
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.language.language import Language
from src.nutrition.content import MealPlanContent
from src.nutrition.grocery import Grocery, grocery_list
from src.vocabulary import EvidenceKind

_MAX_SHOWN = 60


class GroceriesArguments(Arguments):
    """For how long."""

    days: int = Field(7, ge=1, le=28)


class _Item(BaseModel):
    name: str
    grams: float
    portion: str | None
    count: float | None

    @classmethod
    def of(cls, grocery: Grocery) -> "_Item":
        portion = grocery.portion
        return cls(
            name=grocery.name,
            grams=grocery.grams,
            portion=portion and portion.name,
            count=None if portion is None else portion.count,
        )

    def words(self, language: Language) -> str:
        """How much of it."""
        weight = quantity(round(self.grams), "g", language)
        if self.count is None or self.portion is None:
            return weight
        return f"{weight} (≈ {number(self.count, language)} x {self.portion})"


class _Found(BaseModel):
    plan: str | None
    days: int
    items: list[_Item] = []


class Groceries(Tool[GroceriesArguments]):
    """The shopping list of the active meal plan."""

    name = "grocery_list"
    description = (
        "The foods and grams to buy for the active meal plan over `days` (a week unless given). For 'what do I need to "
        "buy', 'shopping list'. `plan` is null without an active meal plan."
    )
    Arguments = GroceriesArguments

    async def call(self, arguments: GroceriesArguments, toolbox: Toolbox, /) -> ToolAnswer:
        active = toolbox.state.meal_plan
        if active is None:
            nothing = _Found(plan=None, days=arguments.days)
            return ToolAnswer(nothing.model_dump(mode="json"), actions=(GenerateMealPlan(kind="generate_meal_plan"),))
        row = await toolbox.sources.meal_plans.get(active.id)
        content = MealPlanContent.model_validate(row["content"]) if row["content"] else None
        bought = grocery_list(content, row["foods_used"], arguments.days)
        groceries = [item for group in bought.groups for item in group.items][:_MAX_SHOWN]
        found = _Found(plan=row["name"], days=arguments.days, items=[_Item.of(item) for item in groceries])
        receipts = [
            Receipt(EvidenceKind.FOOD, grocery.food_id, item.words(toolbox.language), grocery.name)
            for grocery, item in zip(groceries, found.items, strict=True)
        ]
        days = Receipt(EvidenceKind.PLAN, active.id, number(arguments.days, toolbox.language), active.name)
        return ToolAnswer(found.model_dump(mode="json"), (*receipts[:49], days))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if found.plan is None:
            return say("food.no_meal_plan", language)
        if not found.items:
            return say("food.nothing_to_buy", language, plan=found.plan)
        lines = [f"• {item.name}: {item.words(language)}" for item in found.items]
        return "\n".join([say("food.groceries", language, n=found.days, plan=found.plan), *lines])
