"""The food library in memory, and one person's view of it."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self

from src.core.search import SearchIndex
from src.core.vocabulary import Allergen, Diet
from src.foods.schemas import Food, FoodQuery


class FoodCatalogue:
    """Foods that can be searched. Immutable, so that one copy serves everybody."""

    def __init__(self, foods: Iterable[Food]) -> None:
        self.foods = tuple(foods)
        self.ids = frozenset(food.id for food in self.foods)
        self._index = SearchIndex([food.name, *food.aliases] for food in self.foods)

    @classmethod
    def of(cls, rows: Iterable[dict[str, Any]]) -> Self:
        """The catalogue of some foods rows."""
        return cls(Food.of(row) for row in rows)

    def ranked(self, q: str | None) -> Iterator[tuple[float, Food]]:
        """Every food with the score 0 or, with a query, those that match it with theirs."""
        if q is None:
            yield from ((0.0, food) for food in self.foods)
        else:
            yield from ((score, self.foods[position]) for position, score in self._index.rank(q).items())


class PersonalFoods:
    """The library as one person sees it: with their own foods, and what they may eat."""

    def __init__(self, library: FoodCatalogue, overlay: dict[str, Any]) -> None:
        self._catalogues = (library, FoodCatalogue.of(overlay["foods"]))
        self._diet = Diet(overlay["diet"] or Diet.OMNIVORE)
        self._allergens = frozenset(map(Allergen, overlay["allergens"]))

    def search(self, query: FoodQuery) -> list[Food]:
        """All that match, in order: the best match first, or as sorted. Ties are broken by name and id."""
        scored = [
            (score, food)
            for catalogue in self._catalogues
            for score, food in catalogue.ranked(query.q)
            if self._matches(food, query)
        ]
        if query.q is None or query.sort is not None:
            order = query.sort or "name"
            found = sorted((food for _, food in scored), key=_orders[order.removeprefix("-")])
            return found[::-1] if order.startswith("-") else found
        return [food for _, food in sorted(scored, key=lambda one: (-one[0], len(one[1].name), *_by_name(one[1])))]

    def _matches(self, food: Food, query: FoodQuery) -> bool:
        return (
            (not query.category or food.category in query.category)
            and (query.diet is None or query.diet in food.diets)
            and set(query.free_from).isdisjoint(food.allergens)
            and (query.owned is None or query.owned == food.is_custom)
            and (query.suitable is None or query.suitable == self._suits(food))
        )

    def _suits(self, food: Food) -> bool:
        # As private.food_is_allowed() has it.
        return self._diet in food.diets and self._allergens.isdisjoint(food.allergens)


def _by_name(food: Food) -> tuple[str, str]:
    return food.name.casefold(), str(food.id)


_orders: dict[str, Callable[[Food], Any]] = {
    "name": _by_name,
    "energy_kcal": lambda food: (food.nutrients.energy_kcal, *_by_name(food)),
    "protein_g": lambda food: (food.nutrients.protein_g, *_by_name(food)),
}
