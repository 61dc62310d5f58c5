"""The foods that meals may consist of, by the role that they play."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from src.nutrition.ingredients import FoodRole, Ingredient


class FoodPool:
    """Foods by role, each role's in a fixed order. Foods without energy are left out."""

    def __init__(self, foods: Iterable[Ingredient]) -> None:
        self._by_role: dict[FoodRole, list[Ingredient]] = {}
        for food in sorted(foods, key=lambda food: food.id):
            if food.per_gram.energy_kcal > 0:
                self._by_role.setdefault(food.role, []).append(food)

    def of_role(self, role: FoodRole) -> Sequence[Ingredient]:
        """The foods of this role."""
        return self._by_role.get(role, ())

    def without_extras(self) -> list[Ingredient]:
        """The foods that meals usually consist of."""
        return [food for role, foods in self._by_role.items() if role is not FoodRole.EXTRA for food in foods]

    def most_similar(self, food: Ingredient, excluded: Collection[UUID] = ()) -> Ingredient | None:
        """The other food that can best stand in for this one: of its role, if there is one."""
        others = [
            other
            for foods in self._by_role.values()
            for other in foods
            if other.id != food.id and other.id not in excluded
        ]
        same_role = [other for other in others if other.role is food.role]
        return min(same_role or others, key=lambda other: (_distance(other, food), other.id), default=None)


def _distance(candidate: Ingredient, food: Ingredient) -> float:
    """How unlike two foods are in protein, energy and category; staples are a little nearer."""
    protein = candidate.protein_share - food.protein_share
    energy = (candidate.per_gram.energy_kcal - food.per_gram.energy_kcal) / max(food.per_gram.energy_kcal, 0.1)
    category = 0.0 if candidate.category == food.category else 0.5
    return abs(protein) * 2 + abs(energy) + category - (0.1 if candidate.is_staple else 0.0)
