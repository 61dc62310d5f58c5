"""What tools work with: who asks, what is known of them already, and what reads more with their token."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from src.affinity.repository import AffinityRepo
from src.chat.state import CompanionState
from src.core.di import PrincipalDep, injected
from src.exercises.library import PersonalLibrary
from src.exercises.service import ExerciseServiceDep
from src.foods.service import FoodServiceDep
from src.language.language import Language
from src.measurements.repository import MeasurementRepo
from src.memories.facts import Fact
from src.memories.repository import MemoryRepo
from src.nutrition.repository import NutritionRepo
from src.plans.repository import MealPlanRepo, PlanRepo
from src.stats.repository import StatsRepo
from src.training.repository import TrainingRepo
from src.vocabulary import DistanceUnit, Muscle, WeightUnit
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

    def day_of(self, timestamp: str) -> date:
        """The day of a timestamp of the database, where they are."""
        return datetime.fromisoformat(timestamp).astimezone(ZoneInfo(self.timezone)).date()


class ToolSources:
    """What tools read from, with the token of the person who sent the request."""

    def __init__(
        self,
        *,
        principal: PrincipalDep,
        workouts: WorkoutRepo,
        stats: StatsRepo,
        plans: PlanRepo,
        exercises: ExerciseServiceDep,
        training: TrainingRepo,
        affinity: AffinityRepo,
        meal_plans: MealPlanRepo,
        nutrition: NutritionRepo,
        foods: FoodServiceDep,
        memories: MemoryRepo,
        measurements: MeasurementRepo,
    ) -> None:
        self._principal = principal
        self.workouts = workouts
        self.stats = stats
        self.plans = plans
        self.exercises = exercises
        self.training = training
        self.affinity = affinity
        self.meal_plans = meal_plans
        self.nutrition = nutrition
        self.foods = foods
        self.memories = memories
        self.measurements = measurements

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
        return Toolbox(asker, self, state)


ToolSourcesDep = Annotated[ToolSources, injected(ToolSources)]


@dataclass
class Toolbox:
    """What a tool works with in one turn. `state`: what the turn has read already."""

    asker: Asker
    sources: ToolSources
    state: CompanionState
    # What this very message says of the person, which the database does not know yet.
    told: tuple[Fact, ...] = ()
    _library: PersonalLibrary | None = field(default=None, init=False, repr=False)

    @property
    def language(self) -> Language:
        """The language of the answer, and of the numbers in its receipts."""
        return self.asker.language

    @property
    def today(self) -> date:
        """The day it is where the person is."""
        return self.asker.today

    @property
    def familiar(self) -> frozenset[str]:
        """Names of the exercises that are in the person's plan or were done lately."""
        planned = [name for day in (self.state.plan.days if self.state.plan else []) for name in day.exercises]
        return frozenset(planned + [done.exercise for session in self.state.sessions for done in session.sets])

    async def library(self) -> PersonalLibrary:
        """The exercises as this person sees them, read once a turn."""
        if self._library is None:
            self._library = await self.sources.exercises.library()
        return self._library

    async def last_done_for(self, muscle: Muscle) -> str | None:
        """The exercise done last of those that train a muscle most; None when none was lately."""
        library = await self.library()
        newest_first = sorted(self.state.sessions, key=lambda session: session.date, reverse=True)
        names = dict.fromkeys(done.exercise for session in newest_first for done in session.sets)
        for name in names:
            if any(muscle in exercise.primary_muscles for _, exercise in library.ranked(name)[:1]):
                return name
        return None
