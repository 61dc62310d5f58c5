"""Whether a food suits the person: their allergens, diet and dislikes."""

from typing import Final
from uuid import UUID

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import listed
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.chat.tools.wording import capitalized
from src.foods.library import PersonalFoods
from src.foods.schemas import Food
from src.foods.usual_contents import usual_contents
from src.language.language import Language
from src.language.phrase_finder import finder
from src.vocabulary import Allergen, Diet, EvidenceKind, FactField, FactOp

# The same name, but for a plural or a word left out.
_CERTAIN: Final = 0.95


class FoodArguments(Arguments):
    """What they want to eat."""

    food: str = Field(min_length=1, max_length=120, description="the food or dish as the person calls it")


class _Found(BaseModel):
    food: str
    food_id: UUID | None = None
    is_known: bool = False
    is_usual: bool = False
    avoided: list[Allergen] = []
    diet: Diet | None = None
    all_avoided: list[Allergen] = []


class MayIEat(Tool[FoodArguments]):
    """A careful answer: yes only for a food that is known, and a look at the label where recipes differ."""

    name = "may_i_eat"
    description = (
        "Whether the person may eat a food or dish, by their allergens and diet. `avoided`: what it has that they "
        "avoid; `diet`: their diet where it does not fit; `is_usual`: recipes differ, so they should read the label; "
        "`is_known`: false when nothing is known of the food: never say yes then."
    )
    Arguments = FoodArguments

    async def call(self, arguments: FoodArguments, toolbox: Toolbox, /) -> ToolAnswer:
        person = await toolbox.sources.foods.eater()
        allergens, diet = _avoided(person, toolbox)
        usual = usual_contents(arguments.food)
        known = None if usual else _find(person, arguments.food, toolbox.language)
        found = _Found(food=arguments.food, all_avoided=sorted(allergens))
        if usual is not None:
            found = found.model_copy(
                update={
                    "is_known": True,
                    "is_usual": True,
                    "avoided": sorted(usual.allergens & allergens),
                    "diet": None if usual.suits(diet) else diet,
                }
            )
        elif known is not None:
            found = found.model_copy(
                update={
                    "food": known.name,
                    "food_id": known.id,
                    "is_known": True,
                    "avoided": sorted(allergens.intersection(known.allergens)),
                    "diet": None if diet in known.diets else diet,
                }
            )
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, toolbox))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        food = capitalized(found.food)
        if not found.is_known:
            names = _allergens(found.all_avoided, language)
            key = "food.unknown_with_allergens" if names else "food.unknown"
            return say(key, language, food=found.food, allergens=names)
        reasons = [say("food.because_of", language, allergens=_allergens(found.avoided, language))] * bool(
            found.avoided
        )
        if found.diet is not None:
            reasons.append(say("food.because_of_diet", language, diet=say(f"food.diet_{found.diet.value}", language)))
        if not reasons:
            return say(
                "food.yes_usually" if found.is_usual else "food.yes",
                language,
                food=found.food if found.is_usual else food,
            )
        key = "food.no_usually" if found.is_usual else "food.no"
        return say(key, language, food=food, reasons=listed(reasons, language))


def _avoided(person: PersonalFoods, toolbox: Toolbox) -> tuple[frozenset[Allergen], Diet]:
    """Their allergens and diet, with what they say in the very message that asks."""
    added = [fact for fact in toolbox.told if fact.op is not FactOp.REMOVE]
    allergens = {Allergen(str(fact.value)) for fact in added if fact.field is FactField.ALLERGENS}
    diets = [Diet(str(fact.value)) for fact in added if fact.field is FactField.DIET]
    return person.allergens | allergens, next(iter(diets), person.diet)


def _find(person: PersonalFoods, name: str, language: Language) -> Food | None:
    """The food of the library; a word in another language than the library's has to be it and not only be like it."""
    if language is Language.EN:
        return person.find(name)
    in_english = finder("foods", language, inflected=True).find(name)
    exactly = person.find(name, least=_CERTAIN)
    return person.find(in_english.value) if exactly is None and in_english is not None else exactly


def _allergens(allergens: list[Allergen], language: Language) -> str:
    return listed([say(f"food.allergen_{allergen.value}", language) for allergen in allergens], language)


def _receipts(found: _Found, toolbox: Toolbox) -> tuple[Receipt, ...]:
    because = _allergens(found.avoided, toolbox.language) or (found.diet and found.diet.value)
    receipts = []
    if found.food_id is not None:
        receipts.append(Receipt(EvidenceKind.FOOD, found.food_id, found.food, found.food))
    if because:
        receipts.append(Receipt(EvidenceKind.PROFILE, toolbox.asker.id, because, found.food))
    return tuple(receipts)
