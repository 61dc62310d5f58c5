"""A meal plan while it is adapted: the new draft, the reasons, and each day's targets."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from src.nutrition.content import MealPlanContent
from src.nutrition.draft import MealPlanDraft
from src.nutrition.solver import Solution
from src.nutrition.targets import Targets

_MAX_EXPLANATION = 500


class MealPlace(NamedTuple):
    """Which meal of a plan; counted from 0, as in the content."""

    day: int
    meal: int


class ChangeReason(NamedTuple):
    """Why a meal changes: the rule, and the explanation for the person."""

    rule: str
    explanation: str


REBALANCED = ChangeReason("portions.adjust", "So that the day keeps its energy and protein.")


@dataclass(frozen=True)
class AdaptedMealPlan:
    """A proposed plan. `targets`: the plan's new targets; None where they stay."""

    content: MealPlanContent
    changes: list[dict[str, Any]]
    days: list[Solution]
    notes: list[str]
    targets: Targets | None = None


@dataclass
class MealPlanRevision:
    """The plan before, the draft that it becomes, and each day's targets."""

    before: MealPlanDraft
    draft: MealPlanDraft
    targets: Sequence[Targets]
    notes: list[str] = field(default_factory=list)
    _reasons: dict[MealPlace, list[ChangeReason]] = field(default_factory=dict)

    def explain(self, place: MealPlace, reason: ChangeReason) -> None:
        """Adds a reason why a meal changes."""
        self._reasons.setdefault(place, []).append(reason)

    def replace_reasons(self, place: MealPlace, reason: ChangeReason) -> None:
        """Makes this the only reason why a meal changes."""
        self._reasons[place] = [reason]

    def to_proposal(self, default_reason: ChangeReason = REBALANCED, targets: Targets | None = None) -> AdaptedMealPlan:
        """The proposal. Meals that changed without a reason of their own get `default_reason`."""
        changes = []
        for day, meals in enumerate(self.draft.days):
            for number, meal in enumerate(meals):
                before, after = self.before.days[day][number].content(), meal.content()
                if before != after:
                    place = MealPlace(day, number)
                    reasons = self._reasons.get(place, [default_reason])
                    changes.append(
                        _change(place, before.model_dump(mode="json"), after.model_dump(mode="json"), reasons)
                    )
        return AdaptedMealPlan(
            self.draft.content(), changes, self.draft.measure_days(self.targets), self.notes, targets
        )


def _change(place: MealPlace, before: Any, after: Any, reasons: Sequence[ChangeReason]) -> dict[str, Any]:
    return {
        "rule": reasons[0].rule,
        "path": f"/days/{place.day}/meals/{place.meal}",
        "from": before,
        "to": after,
        "evidence": [],
        "explanation": " ".join(reason.explanation for reason in reasons)[:_MAX_EXPLANATION],
    }
