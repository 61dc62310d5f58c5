"""A person's daily targets for energy, protein, carbohydrate and fat, and how each number came about.

Pure. The numbers behind them are in constants.py, with their sources.
"""

from dataclasses import dataclass
from typing import Self

from pydantic import BaseModel, Field

from src.foods.energy import KCAL_PER_G_CARBOHYDRATE, KCAL_PER_G_FAT, KCAL_PER_G_PROTEIN
from src.nutrition import constants as c
from src.nutrition.constants import NutritionGoal
from src.nutrition.nutrients import Macros, Nutrients
from src.nutrition.profile import Body, MissingNutritionData, NotComputed, NutritionProfile


class TargetOverrides(BaseModel):
    """Targets that a person sets; those that are None are computed."""

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

    @classmethod
    def from_nutrients(cls, nutrients: Nutrients) -> Self:
        """Targets equal to these nutrients, so that a day keeps what it has."""
        return cls(
            max(round(nutrients.energy_kcal), 1),
            max(round(nutrients.protein_g, 1), 1.0),
            round(nutrients.carbohydrate_g, 1),
            round(nutrients.fat_g, 1),
        )

    @property
    def macros(self) -> Macros:
        """The numbers alone."""
        return Macros(self.energy_kcal, self.protein_g, self.carbohydrate_g, self.fat_g)

    def document(self) -> dict[str, float]:
        """The numbers by name."""
        return self.macros._asdict()

    def columns(self) -> dict[str, int]:
        """The numbers by name, rounded as a meal plan stores them."""
        return {name: round(value) for name, value in self.document().items()}


def targets_for(profile: NutritionProfile, goal: NutritionGoal, overrides: TargetOverrides | None = None) -> Targets:
    """Targets of a person. Raises MissingNutritionData, and NotComputed where no formula is to say what they need.

    An adult who sets energy and protein needs no other data. The minimum for somebody who is growing depends on all of
    it.
    """
    overrides = overrides or TargetOverrides()
    if profile.careful is not None:
        if overrides.energy_kcal is None or overrides.protein_g is None:
            raise NotComputed.because(profile.careful)
        if not profile.is_growing:
            return _targets_as_set(overrides, overrides.energy_kcal, overrides.protein_g)
    try:
        return compute_targets(profile.body(), goal, overrides)
    except MissingNutritionData:
        if profile.is_growing or overrides.energy_kcal is None or overrides.protein_g is None:
            raise
        return _targets_as_set(overrides, overrides.energy_kcal, overrides.protein_g)


def resting_energy(body: Body) -> float:
    """kcal a day at rest: Mifflin-St Jeor for adults, Schofield below 18."""
    if body.is_growing:
        slope, constant = c.SCHOFIELD[body.sex]
        return slope * body.weight_kg + constant
    base = c.MIFFLIN_KG * body.weight_kg + c.MIFFLIN_CM * body.height_m * 100 - c.MIFFLIN_YEAR * body.age
    return base + c.MIFFLIN_CONSTANT[body.sex]


def total_energy(body: Body) -> float:
    """kcal a day that keep the weight."""
    return resting_energy(body) * c.ACTIVITY_FACTOR[body.activity]


def min_energy(body: Body) -> float:
    """kcal a day that no target goes below: resting energy and 1,200; all that they spend for those who are growing."""
    own = total_energy(body) if body.is_growing else resting_energy(body)
    return max(own, c.MIN_ENERGY_KCAL)


def compute_targets(body: Body, goal: NutritionGoal, overrides: TargetOverrides | None = None) -> Targets:
    """Targets for a day; what a person sets stands, as far as the minimums allow."""
    overrides = overrides or TargetOverrides()
    energy = _energy(body, goal, overrides.energy_kcal)
    protein = _protein(body, goal, energy.value, overrides.protein_g)
    resting = Explained(name="resting_energy", value=round(resting_energy(body)), explanation=_explain_resting(body))
    return _with_fat_and_carbohydrate(energy, protein, overrides, (resting,))


def _targets_as_set(overrides: TargetOverrides, energy_kcal: float, protein_g: float) -> Targets:
    value = round(max(energy_kcal, c.MIN_ENERGY_KCAL))
    energy = Explained(name="energy_kcal", value=value, explanation="As you set it.")
    protein = Explained(name="protein_g", value=protein_g, explanation="As you set it.")
    return _with_fat_and_carbohydrate(energy, protein, overrides, ())


def _explain_resting(body: Body) -> str:
    who = f"{body.sex.value}, {body.age} years, {body.weight_kg:g} kg"
    if body.is_growing:
        return f"Schofield's equation for 10 to 17 years: {who}."
    return f"Mifflin-St Jeor: {who}, {body.height_m * 100:g} cm."


def _energy(body: Body, goal: NutritionGoal, override: float | None) -> Explained:
    if override is not None:
        value, why = override, "As you set it"
    else:
        change, words = _energy_change(body, goal)
        value = total_energy(body) + change
        why = f"Resting energy x {c.ACTIVITY_FACTOR[body.activity]:g} ({body.activity.value}){words}"
    if value < (minimum := min_energy(body)):
        value, why = minimum, f"{why}; raised to {_explain_minimum(body)}"
    return Explained(name="energy_kcal", value=round(min(value, c.MAX_ENERGY_KCAL)), explanation=f"{why}.")


def _energy_change(body: Body, goal: NutritionGoal) -> tuple[float, str]:
    """kcal a day on top of what keeps the weight."""
    if goal is NutritionGoal.LOSE and body.is_growing:
        return 0.0, "; no deficit, because you are growing"
    if goal is NutritionGoal.LOSE and body.bmi < c.UNDERWEIGHT_BMI:
        return 0.0, "; no deficit, because your weight is low for your height"
    change = max(c.WEEKLY_CHANGE[goal] * body.weight_kg * c.KCAL_PER_KG / 7, -c.MAX_DEFICIT_KCAL)
    if change == 0:
        return 0.0, ""
    sign = "+" if change > 0 else "-"
    return change, f" {sign} {abs(change):.0f} for {abs(c.WEEKLY_CHANGE[goal]):.2%} of your weight a week"


def _explain_minimum(body: Body) -> str:
    if body.is_growing:
        return "what you spend, because you are growing"
    if resting_energy(body) > c.MIN_ENERGY_KCAL:
        return "your resting energy, below which no plan goes"
    return f"{c.MIN_ENERGY_KCAL} kcal, below which no plan goes"


def _protein(body: Body, goal: NutritionGoal, energy: float, override: float | None) -> Explained:
    weight = min(body.weight_kg, c.PROTEIN_BMI * body.height_m**2)
    minimum = c.MIN_PROTEIN_PER_KG * weight
    if override is not None:
        value, why = override, "As you set it"
    else:
        per_kg = c.PROTEIN_PER_KG[goal]
        value, why = per_kg * weight, f"{per_kg:g} g for each kg"
        if weight < body.weight_kg:
            why += f" up to {weight:.0f} kg"
        if (maximum := c.MAX_PROTEIN_SHARE * energy / KCAL_PER_G_PROTEIN) < value:
            value, why = maximum, f"{c.MAX_PROTEIN_SHARE:.0%} of energy, the most that is usual"
    if value < minimum:
        value, why = minimum, f"{why}; raised to {c.MIN_PROTEIN_PER_KG:g} g for each kg, which covers the need"
    return Explained(name="protein_g", value=round(value, 1), explanation=f"{why}.")


def _with_fat_and_carbohydrate(
    energy: Explained, protein: Explained, overrides: TargetOverrides, before: tuple[Explained, ...]
) -> Targets:
    """Fat at its share, less where carbohydrate would be short; carbohydrate is the rest."""
    left = energy.value - KCAL_PER_G_PROTEIN * protein.value
    fat = _fat(energy.value, left, overrides)
    rest = max((left - KCAL_PER_G_FAT * fat.value) / KCAL_PER_G_CARBOHYDRATE, 0.0)
    carbohydrate = Explained(name="carbohydrate_g", value=round(rest, 1), explanation="What energy is left.")
    if overrides.carbohydrate_g is not None:
        carbohydrate = Explained(name="carbohydrate_g", value=overrides.carbohydrate_g, explanation="As you set it.")
    steps = (*before, energy, protein, fat, carbohydrate)
    return Targets(int(energy.value), protein.value, carbohydrate.value, fat.value, steps)


def _fat(energy: float, left: float, overrides: TargetOverrides) -> Explained:
    minimum = c.MIN_FAT_SHARE * energy
    if overrides.fat_g is not None:
        grams = round(max(overrides.fat_g, minimum / KCAL_PER_G_FAT), 1)
        return Explained(name="fat_g", value=grams, explanation="As you set it.")
    if overrides.carbohydrate_g is not None:
        room = left - KCAL_PER_G_CARBOHYDRATE * overrides.carbohydrate_g
        why = "What energy your carbohydrate leaves."
    else:
        room = min(c.FAT_SHARE * energy, left - KCAL_PER_G_CARBOHYDRATE * c.MIN_CARBOHYDRATE_G)
        why = f"{c.FAT_SHARE:.0%} of energy, less where carbohydrate would fall below {c.MIN_CARBOHYDRATE_G:.0f} g."
    return Explained(name="fat_g", value=round(max(room, minimum) / KCAL_PER_G_FAT, 1), explanation=why)
