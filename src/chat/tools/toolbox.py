"""What tools work with: who asks, and the repositories that read with the asker's token."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated
from uuid import UUID

from src.chat.state import CompanionState
from src.core.di import PrincipalDep, injected
from src.exercises.service import ExerciseServiceDep
from src.language.language import Language
from src.plans.repository import PlanRepo
from src.stats.repository import StatsRepo
from src.vocabulary import DistanceUnit, WeightUnit
from src.workouts.repository import WorkoutRepo


@dataclass(frozen=True)
class Asker:
    """Who asks, as far as it decides how an answer is worded. Days are those of where they are."""

    id: UUID
    language: Language
    today: date
    last_trained_on: date | None
    timezone: str
    weight_unit: WeightUnit
    distance_unit: DistanceUnit


class ToolSources:
    """What tools read from, with the token of the person who sent the request."""

    def __init__(
        self,
        principal: PrincipalDep,
        workouts: WorkoutRepo,
        stats: StatsRepo,
        plans: PlanRepo,
        exercises: ExerciseServiceDep,
    ) -> None:
        self._principal = principal
        self.workouts = workouts
        self.stats = stats
        self.plans = plans
        self.exercises = exercises

    def open(self, state: CompanionState, language: Language) -> "Toolbox":
        """The toolbox for a turn in this language."""
        profile = state.profile
        asker = Asker(
            id=self._principal.id,
            language=language,
            today=state.now.date(),
            last_trained_on=max((session.date for session in state.sessions), default=None),
            timezone=profile.timezone,
            weight_unit=profile.weight_unit,
            distance_unit=profile.distance_unit,
        )
        return Toolbox(asker, self)


ToolSourcesDep = Annotated[ToolSources, injected(ToolSources)]


@dataclass(frozen=True)
class Toolbox:
    """What a tool works with in one turn."""

    asker: Asker
    sources: ToolSources

    @property
    def language(self) -> Language:
        """The language of the answer, and of the numbers in its receipts."""
        return self.asker.language
