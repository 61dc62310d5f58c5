"""The food library in memory, and one person's view of it."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any

from pydantic import BeforeValidator

from src.core.documents import Document
from src.core.search import SearchIndex, by_name, find, rank_best
from src.foods.schemas import Food, FoodQuery
from src.vocabulary import Allergen, Diet


class FoodOverlay(Document):
    """What public.food_overlay answers: a person's own foods, and what they may eat."""

    foods: list[Annotated[Food, BeforeValidator(Food.from_row)]]
    diet: Diet | None
    allergens: frozenset[Allergen]


def build_index(foods: Iterable[Food]) -> SearchIndex[Food]:
    """Makes foods searchable."""
    return SearchIndex(foods, lambda food: [food.name, *food.aliases])


class PersonalFoods:
    """The library as one person sees it: with their own foods, and what they may eat."""

    def __init__(self, library: SearchIndex[Food], overlay: FoodOverlay) -> None:
        self._indexes = (library, build_index(overlay.foods))
        self.diet = overlay.diet or Diet.OMNIVORE
        self.allergens = overlay.allergens

    def search(self, query: FoodQuery) -> list[Food]:
        """All that match, in order: the best match first, or as sorted. Ties are broken by name and id."""
        return find(self._indexes, query.q, lambda food: self._matches(food, query), query.sort, _ORDERS)

    def find(self, name: str, *, least: float = 0.0) -> Food | None:
        """The food that a name means best; None when the best is less like it than `least` (0 to 1)."""
        best = rank_best(hit for index in self._indexes for hit in index.ranked(name))
        return next((food for score, food in best[:1] if score >= least), None)

    def _matches(self, food: Food, query: FoodQuery) -> bool:
        return (
            (not query.category or food.category in query.category)
            and (query.diet is None or query.diet in food.diets)
            and set(query.free_from).isdisjoint(food.allergens)
            and (query.owned is None or query.owned == food.is_custom)
            and (query.suitable is None or query.suitable == self._suits(food))
        )

    def _suits(self, food: Food) -> bool:
        # The same rule as private.food_is_allowed().
        return self.diet in food.diets and self.allergens.isdisjoint(food.allergens)


_ORDERS: dict[str, Callable[[Food], Any]] = {
    "name": by_name,
    "energy_kcal": lambda food: (food.nutrients.energy_kcal, *by_name(food)),
    "protein_g": lambda food: (food.nutrients.protein_g, *by_name(food)),
}
