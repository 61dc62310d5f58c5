"""What a model answers that chooses foods for meals: good answers, and everything that it can get wrong."""

import json
from collections.abc import Callable
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from src.nutrition.generator.composer import Composer
from src.nutrition.ingredients import FoodFacts, Ingredient
from src.nutrition.targets import Targets
from src.vocabulary import MealSlot
from tests.support.gemini import Reply, answers, cut_off, fails

Answer = dict[str, Any]


def data_of(prompt: str) -> dict[str, Any]:
    """The document in a prompt."""
    data: dict[str, Any] = json.loads(prompt)["data"]
    return data


def refs_of(data: dict[str, Any]) -> dict[UUID, str]:
    """The references of the foods that foods_of() gives."""
    return {uuid5(NAMESPACE_URL, ref): ref for ref, *_ in data["foods"]}


def foods_of(data: dict[str, Any]) -> list[Ingredient]:
    """The foods of a prompt, as a model could read them."""
    return [_food(*columns) for columns in data["foods"]]


def _food(ref: str, name: str, category: str, *numbers: float | None) -> Ingredient:
    *per_100_g, serving_g = numbers
    names = ("energy_kcal", "protein_g", "carbohydrate_g", "fat_g")
    row = {"fibre_g": 0, "sugar_g": 0, "salt_g": 0, **dict(zip(names, per_100_g, strict=True))}
    servings = [{"name": "x", "grams": serving_g}] if serving_g else []
    facts = {**row, "id": uuid5(NAMESPACE_URL, ref), "name": name, "category": category, "servings": servings}
    return Ingredient.from_facts(FoodFacts.model_validate(facts))


def good_answer(prompt: str) -> Answer:
    """What a model answers that knows what it does."""
    data = data_of(prompt)
    refs, foods = refs_of(data), foods_of(data)
    composer = Composer(foods, Targets(**data["targets"]), "model")
    days = [composer.compose_day([MealSlot(slot) for slot in data["meals"]]) for _ in range(data["days"])]
    return {
        "days": [
            {
                "meals": [
                    {
                        "name": f"The model's {meal.slot}",
                        "items": [{"ref": refs[food.id], "grams": round(grams * 1.1)} for food, grams in items],
                    }
                    for meal, items in day.items()
                ]
            }
            for day in days
        ]
    }


def unknown_food(prompt: str) -> Answer:
    """An answer with a reference that is not in the prompt."""
    return _changed(prompt, ref="f99999")


def _another_persons_food(prompt: str) -> Answer:
    return _changed(prompt, ref=str(uuid5(NAMESPACE_URL, "bo")))


def _absurd_grams(prompt: str) -> Answer:
    return _changed(prompt, grams=1e9)


def _negative_grams(prompt: str) -> Answer:
    return _changed(prompt, grams=-50)


def _macros_nobody_asked_for(prompt: str) -> Answer:
    return _changed(prompt, protein_g=999)


def _changed(prompt: str, **fields: Any) -> Answer:
    answer = good_answer(prompt)
    answer["days"][0]["meals"][1]["items"][0].update(fields)
    return answer


def too_few_days(prompt: str) -> Answer:
    """An answer for the first day only."""
    return {"days": good_answer(prompt)["days"][:1]}


def _too_many_meals(prompt: str) -> Answer:
    answer = good_answer(prompt)
    answer["days"][0]["meals"] *= 2
    return answer


def _one_food_again_and_again(prompt: str) -> Answer:
    """Whose portions cannot be made to add up."""
    data = data_of(prompt)
    leaves = min(foods_of(data), key=lambda food: food.per_gram.energy_kcal or 99)
    item = {"ref": refs_of(data)[leaves.id], "grams": 20}
    return {"days": [{"meals": [{"name": "Leaves", "items": [item]}] * 3}] * 2}


def _nameless(prompt: str) -> Answer:
    answer = good_answer(prompt)
    answer["days"][0]["meals"][0]["name"] = " \u0000 "
    return answer


WRONG: dict[str, Callable[[str], Reply]] = {
    "illegal ids": lambda prompt: answers(unknown_food(prompt)),
    "another person's food": lambda prompt: answers(_another_persons_food(prompt)),
    "too few days": lambda prompt: answers(too_few_days(prompt)),
    "too many meals": lambda prompt: answers(_too_many_meals(prompt)),
    "absurd grams": lambda prompt: answers(_absurd_grams(prompt)),
    "negative grams": lambda prompt: answers(_negative_grams(prompt)),
    "macros nobody asked for": lambda prompt: answers(_macros_nobody_asked_for(prompt)),
    "macros that cannot add up": lambda prompt: answers(_one_food_again_and_again(prompt)),
    "a name that is none": lambda prompt: answers(_nameless(prompt)),
    "garbage": lambda _: answers("This is not JSON."),
    "cut off": lambda prompt: cut_off(json.dumps(good_answer(prompt))[:200]),
    "overloaded": lambda _: fails(503),
}
"""What goes wrong by name, and the reply to a prompt."""
