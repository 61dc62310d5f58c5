"""What a day should have: energy, protein, carbohydrate and fat, and what the numbers rest on."""

from typing import Literal

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import listed, number, quantity
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.core.errors import ValidationFailed
from src.language.language import Language
from src.nutrition.constants import NutritionGoal
from src.nutrition.targets import Targets, targets_for
from src.vocabulary import EvidenceKind

_Missing = Literal["sex", "date_of_birth", "activity_level", "body_weight", "height", "other"]


class TargetsArguments(Arguments):
    """What the day is for."""

    goal: NutritionGoal = Field(NutritionGoal.MAINTAIN, description="lose, maintain or gain weight")


class _Found(BaseModel):
    goal: NutritionGoal
    energy_kcal: int | None = None
    protein_g: float | None = None
    carbohydrate_g: float | None = None
    fat_g: float | None = None
    steps: list[str] = []
    missing: list[_Missing] = []


class NutritionTargets(Tool[TargetsArguments]):
    """Targets from the profile and the newest measurements; what is missing is named instead."""

    name = "nutrition_targets"
    description = (
        "The person's daily targets: kcal, grams of protein, carbohydrate and fat, how they were computed, or which "
        "data is missing to compute them. For 'how much protein do I need', 'how many calories', 'my macros'."
    )
    Arguments = TargetsArguments

    async def call(self, arguments: TargetsArguments, toolbox: Toolbox, /) -> ToolAnswer:
        try:
            targets = targets_for(await toolbox.sources.nutrition.profile(), arguments.goal)
        except ValidationFailed as error:
            found = _Found(goal=arguments.goal, missing=[_missing(entry["loc"]) for entry in error.errors] or ["other"])
            return ToolAnswer(found.model_dump(mode="json"))
        found = _Found(goal=arguments.goal, **targets.document(), steps=[step.explanation for step in targets.steps])
        return ToolAnswer(found.model_dump(mode="json"), _receipts(targets, toolbox))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if found.missing == ["other"]:
            return say("food.targets_careful", language)
        if found.missing:
            names = [say(f"food.needs_{name}", language) for name in dict.fromkeys(found.missing)]
            return say("food.targets_missing", language, what=listed(names, language))
        grams = {name: _grams(getattr(found, name), language) for name in ("protein_g", "carbohydrate_g", "fat_g")}
        energy = quantity(found.energy_kcal or 0, "kcal", language)
        return say(f"food.targets_{found.goal.value}", language, energy=energy, **grams)


def _missing(place: object) -> _Missing:
    last = place[-1] if isinstance(place, list) and place else ""
    known: tuple[_Missing, ...] = ("sex", "date_of_birth", "activity_level", "body_weight", "height")
    return next((name for name in known if name == last), "other")


def _grams(value: float | None, language: Language) -> str:
    return quantity(round(value or 0), "g", language)


def _receipts(targets: Targets, toolbox: Toolbox) -> tuple[Receipt, ...]:
    language, person = toolbox.language, toolbox.asker.id
    values = [quantity(targets.energy_kcal, "kcal", language)]
    values += [_grams(grams, language) for grams in (targets.protein_g, targets.carbohydrate_g, targets.fat_g)]
    why = " ".join(step.explanation for step in targets.steps)
    receipts = [Receipt(EvidenceKind.PROFILE, person, value, why) for value in dict.fromkeys(values)]
    exact = dict.fromkeys(
        number(grams, language) for grams in (targets.protein_g, targets.carbohydrate_g, targets.fat_g)
    )
    return (*receipts, *(Receipt(EvidenceKind.PROFILE, person, value, why) for value in exact))
