"""How much energy and protein, carbohydrate and fat a person's day should have, and why.

Pure. The numbers that it rests on are in constants.py, with their sources.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel, Field

from src.nutrition import constants as c
from src.nutrition.constants import NutritionGoal
from src.vocabulary import ActivityLevel, Sex


class Body(NamedTuple):
    """What targets are computed from: full years, kg and metres."""

    sex: Sex
    age: int
    weight_kg: float
    height_m: float
    activity: ActivityLevel

    @property
    def bmi(self) -> float:
        """kg/m²."""
        return self.weight_kg / self.height_m**2


class MissingData(Exception):
    """What a person must say or measure first: places such as ("profile", "sex")."""

    def __init__(self, places: list[tuple[str, str]]) -> None:
        super().__init__(", ".join(" ".join(place) for place in places))
        self.places = places


class Wished(BaseModel):
    """Targets that a person set themselves; what is None is computed."""

    energy_kcal: float | None = None
    protein_g: float | None = None
    carbohydrate_g: float | None = None
    fat_g: float | None = None


class Explained(BaseModel):
    """A number of a target, and how it came about."""

    name: str = Field(description="resting_energy, energy_kcal, protein_g, fat_g or carbohydrate_g.")
    value: float
    explanation: str


@dataclass(frozen=True)
class Targets:
    """A day's targets in kcal and g, and the steps that led to them."""

    energy_kcal: int
    protein_g: float
    carbohydrate_g: float
    fat_g: float
    steps: tuple[Explained, ...] = ()

    def document(self) -> dict[str, float]:
        """The numbers alone."""
        return {name: getattr(self, name) for name in ("energy_kcal", "protein_g", "carbohydrate_g", "fat_g")}


def body_of(person: Mapping[str, Any]) -> Body:
    """The body of a row of `private.nutrition_profile`. Raises MissingData: no number is invented."""
    places = [
        ("profile", "sex"),
        ("profile", "date_of_birth"),
        ("profile", "activity_level"),
        ("measurements", "body_weight"),
        ("measurements", "height"),
    ]
    if missing := [place for place in places if person[place[1]] is None]:
        raise MissingData(missing)
    if person["age"] < c.YOUNGEST:
        raise MissingData([("profile", "date_of_birth")])
    return Body(
        Sex(person["sex"]),
        int(person["age"]),
        float(person["body_weight"]),
        float(person["height"]),
        ActivityLevel(person["activity_level"]),
    )


def resting_energy(body: Body) -> float:
    """kcal a day at rest: Mifflin-St Jeor for adults, Schofield below 18."""
    if body.age < c.ADULT:
        slope, constant = c.SCHOFIELD[body.sex]
        return slope * body.weight_kg + constant
    base = c.MIFFLIN_KG * body.weight_kg + c.MIFFLIN_CM * body.height_m * 100 - c.MIFFLIN_YEAR * body.age
    return base + c.MIFFLIN_CONSTANT[body.sex]


def total_energy(body: Body) -> float:
    """kcal a day that keep the weight."""
    return resting_energy(body) * c.ACTIVITY_FACTOR[body.activity]


def least_energy(body: Body) -> float:
    """kcal a day that no target goes below: resting energy, and 1,200; for those who grow, all that they spend."""
    own = total_energy(body) if body.age < c.ADULT else resting_energy(body)
    return max(own, c.LEAST_ENERGY_KCAL)


def targets_of(body: Body, goal: NutritionGoal, wished: Wished | None = None) -> Targets:
    """Targets for a day; what was wished for stands, as far as the floors allow."""
    wished = wished or Wished()
    energy = _energy(body, goal, wished.energy_kcal)
    protein = _protein(body, goal, energy.value, wished.protein_g)
    resting = Explained(name="resting_energy", value=round(resting_energy(body)), explanation=_resting_words(body))
    return _filled_up(energy, protein, wished, (resting,))


def wished_targets(wished: Wished) -> Targets:
    """Targets of somebody who set energy and protein themselves, and of whom nothing else need be known."""
    if wished.energy_kcal is None or wished.protein_g is None:
        raise ValueError("energy and protein are needed")
    least = max(wished.energy_kcal, c.LEAST_ENERGY_KCAL)
    energy = Explained(name="energy_kcal", value=round(least), explanation="As you set it.")
    protein = Explained(name="protein_g", value=wished.protein_g, explanation="As you set it.")
    return _filled_up(energy, protein, wished, ())


def _resting_words(body: Body) -> str:
    who = f"{body.sex.value}, {body.age} years, {body.weight_kg:g} kg"
    if body.age < c.ADULT:
        return f"Schofield's equation for 10 to 17 years: {who}."
    return f"Mifflin-St Jeor: {who}, {body.height_m * 100:g} cm."


def _energy(body: Body, goal: NutritionGoal, wished: float | None) -> Explained:
    total, floor = total_energy(body), least_energy(body)
    if wished is not None:
        value, why = wished, "As you set it"
    else:
        change, words = _change(body, goal)
        value, why = (
            total + change,
            f"Resting energy x {c.ACTIVITY_FACTOR[body.activity]:g} ({body.activity.value}){words}",
        )
    if value < floor:
        value, why = floor, f"{why}; raised to {_floor_words(body)}"
    return Explained(name="energy_kcal", value=round(min(value, c.MOST_ENERGY_KCAL)), explanation=f"{why}.")


def _change(body: Body, goal: NutritionGoal) -> tuple[float, str]:
    """kcal a day on top of what keeps the weight."""
    if goal is NutritionGoal.LOSE and body.age < c.ADULT:
        return 0.0, "; no deficit, because you are growing"
    if goal is NutritionGoal.LOSE and body.bmi < c.UNDERWEIGHT_BMI:
        return 0.0, "; no deficit, because your weight is low for your height"
    change = max(c.WEEKLY_CHANGE[goal] * body.weight_kg * c.KCAL_PER_KG / 7, -c.MOST_DEFICIT_KCAL)
    if change == 0:
        return 0.0, ""
    return (
        change,
        f" {'+' if change > 0 else '-'} {abs(change):.0f} for {abs(c.WEEKLY_CHANGE[goal]):.2%} of your weight a week",
    )


def _floor_words(body: Body) -> str:
    if body.age < c.ADULT:
        return "what you spend, because you are growing"
    if resting_energy(body) > c.LEAST_ENERGY_KCAL:
        return "your resting energy, below which no plan goes"
    return f"{c.LEAST_ENERGY_KCAL} kcal, below which no plan goes"


def _protein(body: Body, goal: NutritionGoal, energy: float, wished: float | None) -> Explained:
    weight = min(body.weight_kg, c.PROTEIN_BMI * body.height_m**2)
    floor = c.LEAST_PROTEIN_PER_KG * weight
    if wished is not None:
        value, why = wished, "As you set it"
    else:
        per_kg = c.PROTEIN_PER_KG[goal]
        value, why = per_kg * weight, f"{per_kg:g} g for each kg"
        if weight < body.weight_kg:
            why += f" up to {weight:.0f} kg"
        if (most := c.MOST_PROTEIN_SHARE * energy / c.KCAL_PER_G_PROTEIN) < value:
            value, why = most, f"{c.MOST_PROTEIN_SHARE:.0%} of energy, the most that is usual"
    if value < floor:
        value, why = floor, f"{why}; raised to {c.LEAST_PROTEIN_PER_KG:g} g for each kg, which covers the need"
    return Explained(name="protein_g", value=round(value, 1), explanation=f"{why}.")


def _filled_up(energy: Explained, protein: Explained, wished: Wished, before: tuple[Explained, ...]) -> Targets:
    """Fat at its share, less where carbohydrate would be short; carbohydrate the rest."""
    left = energy.value - c.KCAL_PER_G_PROTEIN * protein.value
    fat = _fat(energy.value, left, wished)
    rest = max((left - c.KCAL_PER_G_FAT * fat.value) / c.KCAL_PER_G_CARBOHYDRATE, 0.0)
    carbohydrate = Explained(name="carbohydrate_g", value=round(rest, 1), explanation="What energy is left.")
    if wished.carbohydrate_g is not None:
        carbohydrate = Explained(name="carbohydrate_g", value=wished.carbohydrate_g, explanation="As you set it.")
    steps = (*before, energy, protein, fat, carbohydrate)
    return Targets(int(energy.value), protein.value, carbohydrate.value, fat.value, steps)


def _fat(energy: float, left: float, wished: Wished) -> Explained:
    least = c.LEAST_FAT_SHARE * energy
    if wished.fat_g is not None:
        return Explained(
            name="fat_g", value=round(max(wished.fat_g, least / c.KCAL_PER_G_FAT), 1), explanation="As you set it."
        )
    if wished.carbohydrate_g is not None:
        room, why = left - c.KCAL_PER_G_CARBOHYDRATE * wished.carbohydrate_g, "What energy your carbohydrate leaves."
    else:
        room = min(c.FAT_SHARE * energy, left - c.KCAL_PER_G_CARBOHYDRATE * c.LEAST_CARBOHYDRATE_G)
        why = f"{c.FAT_SHARE:.0%} of energy, less where carbohydrate would fall below {c.LEAST_CARBOHYDRATE_G:.0f} g."
    kcal = max(room, least)
    return Explained(name="fat_g", value=round(kcal / c.KCAL_PER_G_FAT, 1), explanation=why)
