"""What the next session is computed from."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from pydantic import TypeAdapter

from src.core.schema import Output
from src.memories.told import ToldFact
from src.training.candidates import Candidate
from src.training.content import PlanDay
from src.training.history import FollowedPlan, PrescribedSince, SessionRow
from src.vocabulary import Joint, WeightUnit


class ReplacedExercise(Output):
    """An exercise of the plan that is not done today, and why."""

    exercise_id: UUID
    exercise_name: str
    reason: str


@dataclass(frozen=True)
class PlannedExerciseState(Candidate):
    """An exercise of the next day, and what was done of it. `is_excluded`: the person does not want it any more."""

    sessions: list[SessionRow] = field(default_factory=list)
    is_excluded: bool = False

    __hash__ = Candidate.__hash__


@dataclass(frozen=True)
class NextWorkoutState:
    """What public.next_workout() answers. `prescribed_since`: for each exercise of the day, in order.

    `injuries`: the profile's, and those that were told. `candidates`: what can stand in for exercises that the person
    must not or will not do any more; null where there is none. `stands_in_for` (by exercise), `left_out` and `notes`
    say what sparing.spare() has made of the day.
    """

    plan_id: UUID
    plan_name: str
    plan_version: int
    plan_day: int
    content: PlanDay
    deload_weeks: frozenset[int]
    first_on: date | None
    today: date
    weight_unit: WeightUnit
    load_steps_kg: dict[str, float]
    prescribed_since: list[PrescribedSince | None]
    exercises: dict[UUID, PlannedExerciseState]
    injuries: frozenset[Joint] = frozenset()
    told: list[ToldFact] = field(default_factory=list)
    candidates: list[Candidate] | None = None
    stands_in_for: dict[UUID, ReplacedExercise] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def plan(self) -> FollowedPlan:
        """The plan as history sees it."""
        return FollowedPlan(self.plan_id, self.first_on, self.deload_weeks)


read_next_workout_state = TypeAdapter(NextWorkoutState).validate_python
