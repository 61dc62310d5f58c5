"""Changing a meal plan: another meal, other targets, using up what is left; and always what no longer suits the person.

Pure. Each change names its rule, the meal it changed and why; what a day misses afterwards is told, not hidden.
"""

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any, Final
from uuid import UUID

from src.nutrition.choosing import Choice
from src.nutrition.composer import MOST_ITEMS, Composer, Day, NothingToEat, name_of
from src.nutrition.food import Food
from src.nutrition.nutrients import Nutrients, total
from src.nutrition.schemas import Leftover, SwapMeal, UseUp
from src.nutrition.solver import Portion, Solved, ceiling_of, step_of, totals_of
from src.nutrition.targets import Targets
from src.vocabulary import MealSlot

_SWAPS_TRIED: Final = 8
# With fewer foods than this besides those of the old meal, some of them may come again.
_FEW: Final = 12
_LIGHTEST, _HEAVIEST = 1.0, 2000.0
_MOST_OF_A_SWAP: Final = 1.6
# A leftover may be that much more than the largest usual portion before some of it is left.
_GENEROUS: Final = 1.5


class NoSuchMeal(Exception):
    """The plan has no such day or meal."""


@dataclass
class PlannedMeal:
    """A meal of a plan: its foods and grams can be changed."""

    slot: str
    name: str
    notes: str
    items: list[tuple[Food, float]]

    def document(self) -> dict[str, Any]:
        """As it stands in the content."""
        items = [{"food_id": str(food.id), "grams": grams} for food, grams in self.items]
        return {"slot": self.slot, "name": self.name, "notes": self.notes, "items": items}

    @property
    def totals(self) -> Nutrients:
        """What it holds."""
        return totals_of([food for food, _ in self.items], [grams for _, grams in self.items])


@dataclass
class Sheet:
    """The content of a plan with its foods looked up; what else a day says is kept."""

    days: list[list[PlannedMeal]]
    headings: list[dict[str, Any]]

    @classmethod
    def of(cls, content: Mapping[str, Any], foods: Sequence[Food]) -> "Sheet":
        """The content, whose foods must all be given."""
        by_id = {food.id: food for food in foods}
        days = [
            [
                PlannedMeal(
                    meal["slot"],
                    meal["name"],
                    meal.get("notes", ""),
                    [(by_id[UUID(item["food_id"])], float(item["grams"])) for item in meal["items"]],
                )
                for meal in day["meals"]
            ]
            for day in content["days"]
        ]
        return cls(days, [{key: value for key, value in day.items() if key != "meals"} for day in content["days"]])

    def content(self) -> dict[str, Any]:
        """The content again."""
        days = zip(self.headings, self.days, strict=True)
        return {"days": [{**heading, "meals": [meal.document() for meal in meals]} for heading, meals in days]}

    def copy(self) -> "Sheet":
        """One that can be changed without changing this."""
        return Sheet([[copy.copy(meal) for meal in meals] for meals in self.days], self.headings)

    def totals(self, day: int) -> Nutrients:
        """What a day holds."""
        return total(meal.totals for meal in self.days[day])

    def solved(self, day: int, targets: Targets) -> Solved:
        """A day as it is, held against targets."""
        return Solved(tuple(grams for meal in self.days[day] for _, grams in meal.items), self.totals(day), targets)


@dataclass(frozen=True)
class Adapted:
    """What is proposed."""

    content: dict[str, Any]
    changes: list[dict[str, Any]]
    days: list[Solved]
    notes: list[str]
    targets: Targets | None = None


@dataclass
class _Draft:
    sheet: Sheet
    wanted: list[Targets]
    why: dict[tuple[int, int], list[tuple[str, str]]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def because(self, day: int, meal: int, rule: str, words: str) -> None:
        self.why.setdefault((day, meal), []).append((rule, words))


class Adaptation:
    """One plan and whom it is for, from `public.meal_context`; `seed` decides between equals."""

    def __init__(self, context: Mapping[str, Any], seed: str) -> None:
        plan = context["plan"]
        self._foods = [Food.of(row) for row in context["foods"]]
        self._by_id = {food.id: food for food in self._foods}
        self._conflicts = {UUID(row["id"]) for row in plan["foods"] if row["conflict"]}
        self._before = Sheet.of(plan["content"], [Food.of(row) for row in plan["foods"]])
        self._weekday = int(context["person"]["weekday"])
        self._goals: list[str] = context["person"]["goals"]
        self._seed = seed

    def rescaled(self, targets: Targets) -> Adapted:
        """Every day to these targets."""
        draft = self._draft([targets] * len(self._before.days))
        for day in range(len(draft.sheet.days)):
            self._settle(draft, day, _scaled(targets.energy_kcal, draft.sheet.totals(day).energy_kcal))
        words = f"The day is to have {targets.energy_kcal} kcal and {targets.protein_g:.0f} g of protein."
        return replace(self._adapted(draft, "rescale", words), targets=targets)

    def used_up(self, request: UseUp) -> Adapted:
        """The coming days with these foods. Raises NothingToEat when one cannot be planned for this person."""
        draft = self._draft()
        fixed: dict[int, set[tuple[int, UUID]]] = {}
        for leftover in request.foods:
            food = self._by_id.get(leftover.food_id)
            if food is None:
                raise NothingToEat
            self._place(draft, food, leftover, fixed)
        for day, placed in fixed.items():
            self._settle_around(draft, day, placed)
        return self._adapted(draft)

    def swap_choice(self, request: SwapMeal) -> Choice:
        """The same for a model to choose. Raises NoSuchMeal."""
        meal = self._meal(request)
        return Choice(
            foods=self._foods,
            targets=_held(meal.totals),
            days=1,
            slots=(MealSlot(meal.slot),),
            instead_of=[food for food, _ in meal.items],
            wishes=request.notes,
            goals=self._goals,
            most=_MOST_OF_A_SWAP,
        )

    def other_meal(self, request: SwapMeal) -> Day:
        """Another meal with the same energy and protein. Raises NoSuchMeal, and NothingToEat."""
        meal = self._meal(request)
        old = {food.id for food, _ in meal.items}
        others = [food for food in self._foods if food.id not in old]
        targets = _held(meal.totals)
        tried: list[Day] = []
        for attempt in range(_SWAPS_TRIED):
            composer = Composer(others if len(others) >= _FEW else self._foods, targets, f"{self._seed} {attempt}")
            composer.avoid([*old, *(food.id for other in self._before.days[request.day] for food, _ in other.items)])
            slot = MealSlot(meal.slot)
            tried.append(composer.repaired([(slot, composer.meal(slot, targets.energy_kcal))]))
            if tried[-1].solved.fits:
                break
        return min(tried, key=lambda day: day.solved.miss)

    def swapped(self, request: SwapMeal, day: Day) -> Adapted:
        """The plan with this meal instead."""
        draft = self._draft()
        ((meal, items),) = day.items()
        before = self._meal(request)
        draft.sheet.days[request.day][request.meal] = PlannedMeal(before.slot, meal.name, "", items)
        words = (
            f"Another meal: {day.solved.totals.energy_kcal:.0f} kcal instead of {before.totals.energy_kcal:.0f}, "
            f"{day.solved.totals.protein_g:.0f} g of protein instead of {before.totals.protein_g:.0f}."
        )
        draft.why.pop((request.day, request.meal), None)
        draft.because(request.day, request.meal, "meal.swap", words)
        return self._adapted(draft)

    def measured(self, made: Mapping[str, Any], targets: Targets | None) -> list[Solved]:
        """The days of a proposal that was made before, against these targets, or what each day held."""
        sheet = Sheet.of(made["content"], [Food.of(row) for row in made["foods"]])
        return [sheet.solved(day, targets or _held(self._before.totals(day))) for day in range(len(sheet.days))]

    def _meal(self, request: SwapMeal) -> PlannedMeal:
        days = self._before.days
        if request.day >= len(days) or request.meal >= len(days[request.day]):
            raise NoSuchMeal
        return days[request.day][request.meal]

    def _draft(self, wanted: list[Targets] | None = None) -> _Draft:
        """The plan without what no longer suits; its days keep what they held, unless something else is wanted."""
        kept = [_held(self._before.totals(day)) for day in range(len(self._before.days))]
        draft = _Draft(self._before.copy(), wanted or kept)
        for day, meals in enumerate(draft.sheet.days):
            replaced = {
                place
                for number, meal in enumerate(meals)
                for place in self._without_conflicts(draft, day, number, meal)
            }
            if replaced and wanted is None:
                self._settle_only(draft, day, replaced)
        return draft

    def _without_conflicts(self, draft: _Draft, day: int, number: int, meal: PlannedMeal) -> Iterator[tuple[int, UUID]]:
        composer = Composer(self._foods, draft.wanted[day], self._seed)
        items: list[tuple[Food, float]] = []
        for food, grams in meal.items:
            if food.id not in self._conflicts:
                items.append((food, grams))
                continue
            taken = [other.id for other, _ in [*meal.items, *items]]
            instead = composer.like(food, taken) or composer.like(food)
            if instead is None:
                raise NothingToEat
            items.append((instead, _same_energy(food, grams, instead)))
            words = f"{food.short_name} no longer suits you: {instead.short_name} instead."
            draft.because(day, number, "conflict.replace", words)
            yield number, instead.id
        if any(food.id in self._conflicts for food, _ in meal.items):
            meal.items, meal.name = items, name_of([food for food, _ in items])

    def _settle_only(self, draft: _Draft, day: int, free: set[tuple[int, UUID]]) -> None:
        """Weighs these foods; all of the day's when that is not enough."""
        energy = draft.wanted[day].energy_kcal
        composer = Composer(self._foods, draft.wanted[day], self._seed)
        portions = [
            (
                MealSlot(meal.slot),
                [
                    Portion.about(food, g, energy) if (n, food.id) in free else Portion.fixed(food, g)
                    for food, g in meal.items
                ],
            )
            for n, meal in enumerate(draft.sheet.days[day])
        ]
        weighed = composer.weighed(portions)
        if weighed.solved.fits:
            _write(draft.sheet, day, weighed)
        else:
            self._settle(draft, day, lambda food, grams: Portion.about(food, grams, energy))

    def _settle_around(self, draft: _Draft, day: int, fixed: set[tuple[int, UUID]]) -> None:
        """Weighs all but these, which stay as they are."""
        energy = draft.wanted[day].energy_kcal
        staying = {food_id for _, food_id in fixed}
        self._settle(
            draft,
            day,
            lambda food, grams: (
                Portion.fixed(food, grams) if food.id in staying else Portion.about(food, grams, energy)
            ),
        )

    def _settle(self, draft: _Draft, day: int, portion: Callable[[Food, float], Portion]) -> None:
        """Weighs a day's foods, with more or fewer of them where its targets cannot be met else."""
        composer = Composer(self._foods, draft.wanted[day], self._seed)
        meals = [
            (MealSlot(meal.slot), [portion(food, grams) for food, grams in meal.items])
            for meal in draft.sheet.days[day]
        ]
        _write(draft.sheet, day, composer.repaired(meals))

    def _place(self, draft: _Draft, food: Food, leftover: Leftover, fixed: dict[int, set[tuple[int, UUID]]]) -> None:
        coming = self._coming_days()
        most = ceiling_of(food, draft.wanted[0].energy_kcal)
        count = min(ceil(leftover.grams / most), len(coming))
        share = min(leftover.grams / count, most * _GENEROUS, _HEAVIEST)
        for day in coming[:count]:
            grams = max(round(share, 1), _LIGHTEST)
            meal = _put(draft.sheet.days[day], food, grams, fixed.setdefault(day, set()))
            fixed[day].add((meal, food.id))
            draft.because(day, meal, "use_up", f"Uses {grams:g} g of the {food.short_name.lower()} that you have.")
        if (left := leftover.grams - count * share) >= _LIGHTEST:
            draft.notes.append(f"{left:.0f} g of {food.short_name.lower()} are more than the plan's days can use.")

    def _coming_days(self) -> list[int]:
        """Tomorrow's day first; days without a weekday in their order."""
        weekdays = [heading.get("weekday") for heading in self._before.headings]
        return sorted(range(len(weekdays)), key=lambda day: ((weekdays[day] or day + 1) - self._weekday - 1) % 7)

    def _adapted(self, draft: _Draft, rule: str = "portions.adjust", words: str = "") -> Adapted:
        sheet = draft.sheet
        changes = []
        for day, meals in enumerate(sheet.days):
            for number, meal in enumerate(meals):
                old, new = self._before.days[day][number].document(), meal.document()
                if old != new:
                    reasons = draft.why.get((day, number)) or [
                        (rule, words or "So that the day keeps its energy and protein.")
                    ]
                    changes.append(_change(f"/days/{day}/meals/{number}", old, new, reasons))
        solved = [sheet.solved(day, wanted) for day, wanted in enumerate(draft.wanted)]
        return Adapted(sheet.content(), changes, solved, draft.notes)


def _change(path: str, old: Any, new: Any, reasons: list[tuple[str, str]]) -> dict[str, Any]:
    explanation = " ".join(words for _, words in reasons)[:500]
    return {"rule": reasons[0][0], "path": path, "from": old, "to": new, "evidence": [], "explanation": explanation}


def _held(totals: Nutrients) -> Targets:
    """What there is, as a target."""
    return Targets(
        max(round(totals.energy_kcal), 1),
        max(round(totals.protein_g, 1), 1.0),
        round(totals.carbohydrate_g, 1),
        round(totals.fat_g, 1),
    )


def _scaled(to_kcal: float, from_kcal: float) -> Callable[[Food, float], Portion]:
    factor = to_kcal / max(from_kcal, 1.0)
    return lambda food, grams: Portion.about(food, grams * factor, to_kcal)


def _same_energy(food: Food, grams: float, instead: Food) -> float:
    if food.per_gram.energy_kcal > 0 and instead.per_gram.energy_kcal > 0:
        grams = grams * food.per_gram.energy_kcal / instead.per_gram.energy_kcal
    step = step_of(instead)
    return min(max(round(grams / step) * step, step), _HEAVIEST)


def _put(meals: list[PlannedMeal], food: Food, grams: float, fixed: set[tuple[int, UUID]]) -> int:
    """Puts a food into a day, in the place of one that plays the same part where there is one; the meal's number."""
    places = [
        (other.id != food.id, abs(other.per_gram.energy_kcal * g - food.per_gram.energy_kcal * grams), number, at)
        for number, meal in enumerate(meals)
        for at, (other, g) in enumerate(meal.items)
        if other.role is food.role and (number, other.id) not in fixed
    ]
    if places:
        _, _, number, at = min(places)
        items = [*meals[number].items[:at], (food, grams), *meals[number].items[at + 1 :]]
    else:
        number = min(range(len(meals)), key=lambda n: (len(meals[n].items) >= MOST_ITEMS, len(meals[n].items)))
        items = [*meals[number].items, (food, grams)][-MOST_ITEMS:]
    meals[number].items = items
    meals[number].name = name_of([one for one, _ in items])
    return number


def _write(sheet: Sheet, day: int, weighed: Day) -> None:
    for meal, (_, items) in zip(sheet.days[day], weighed.items(), strict=True):
        meal.items = items
