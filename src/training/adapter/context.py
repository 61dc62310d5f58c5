"""The input of adaptation: the plan, what was done, and the person. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, TypeAdapter

from src.memories.told import ToldFact
from src.training.adapter.changes import Place, ProposedChange, places
from src.training.adapter.constants import MAX_EVIDENCE
from src.training.candidates import Candidate
from src.training.content import PlanContent, PlannedExercise
from src.training.history import (
    MAX_SESSIONS,
    WORK,
    FollowedPlan,
    PerformedSession,
    PrescribedSince,
    SessionRow,
    judge_sessions,
)
from src.training.loads import Loading, choose_loading
from src.training.progression.targets import ExerciseTarget, next_targets
from src.vocabulary import ExperienceLevel, Joint, ProposalStatus, WeightUnit


@dataclass(frozen=True)
class StoredChange:
    """A change of an earlier proposal, as far as it matters later."""

    rule: str
    exercise_id: UUID
    path: str
    evidence: tuple[str, ...]


@dataclass(frozen=True)
class Decision:
    """How the person decided on an earlier proposal."""

    status: ProposalStatus
    on: date
    changes: Sequence[StoredChange | ProposedChange]

    def has_change(self, rules: Collection[str], exercise: UUID) -> bool:
        """Whether it had a change of this exercise by one of these rules."""
        return any(change.rule in rules and change.exercise_id == exercise for change in self.changes)


@dataclass(frozen=True)
class _Sessions:
    sessions: list[SessionRow]


@dataclass(frozen=True)
class _StoredDecision:
    status: ProposalStatus
    on: date
    changes: list[StoredChange]


@dataclass(frozen=True)
class AdaptationState:
    """What public.adaptation_context() returns. `prescribed_since`: by day and exercise; `workouts`: days with one of
    this plan; `proposals`: those that were decided, oldest first."""

    plan_id: UUID
    version: int
    content: PlanContent
    days_per_week: int | None
    prescribed_since: list[list[PrescribedSince | None]]
    first_on: date | None
    workouts: list[date]
    last_on: date | None
    today: date
    weight_unit: WeightUnit
    load_steps_kg: dict[str, float]
    experience_level: ExperienceLevel | None
    injuries: frozenset[Joint]
    excluded: frozenset[UUID]
    told: list[ToldFact]
    exercises: dict[UUID, Candidate]
    sessions: Annotated[dict[UUID, _Sessions], Field(validation_alias="exercises")]
    candidates: list[Candidate]
    proposals: list[_StoredDecision]


read_adaptation_state = TypeAdapter(AdaptationState).validate_python


@dataclass(frozen=True)
class DatedSession:
    """A session of one exercise, and its day."""

    on: date
    session: PerformedSession


@dataclass(frozen=True)
class AdaptationContext:
    """A plan today. `histories` by place, oldest first; `trained_on`: days with a session of this plan; `days_per_week`
    as the plan says, if it does; `pain`: joints that the person named now, beside those of the profile; `decisions`,
    oldest first."""

    content: PlanContent
    exercises: Mapping[UUID, Candidate]
    histories: Mapping[Place, Sequence[DatedSession]]
    trained_on: Sequence[date]
    last_on: date | None
    today: date
    candidates: Sequence[Candidate]
    days_per_week: int | None = None
    level: ExperienceLevel | None = None
    unit: WeightUnit = WeightUnit.KG
    load_steps_kg: Mapping[str, float] = field(default_factory=dict)
    injuries: frozenset[Joint] = frozenset()
    pain: frozenset[Joint] = frozenset()
    excluded: frozenset[UUID] = frozenset()
    told: Sequence[ToldFact] = ()
    decisions: Sequence[Decision] = ()

    @classmethod
    def from_state(cls, state: AdaptationState, pain: Sequence[Joint]) -> Self:
        """Builds it from the database's answer."""
        return cls(
            content=state.content,
            exercises=state.exercises,
            histories={
                place: _history(state, place, planned)
                for place, planned in places(state.content)
                if planned.exercise_id in state.exercises
            },
            trained_on=state.workouts,
            last_on=state.last_on,
            today=state.today,
            candidates=state.candidates,
            days_per_week=state.days_per_week,
            level=state.experience_level,
            unit=state.weight_unit,
            load_steps_kg=state.load_steps_kg,
            injuries=state.injuries,
            pain=frozenset(pain),
            excluded=state.excluded,
            told=state.told,
            decisions=[Decision(decided.status, decided.on, decided.changes) for decided in state.proposals],
        )

    @property
    def trained(self) -> "Iterator[TrainedExercise]":
        """Every exercise of every day whose exercise is known."""
        for place, planned in places(self.content):
            if planned.exercise_id in self.exercises:
                yield TrainedExercise(self, place, planned, self.exercises[planned.exercise_id])

    @cached_property
    def known(self) -> Mapping[UUID, Candidate]:
        """Every exercise of the plan and every candidate, by id."""
        return {candidate.id: candidate for candidate in self.candidates} | dict(self.exercises)

    @property
    def painful_joints(self) -> frozenset[Joint]:
        """Joints that the profile lists as injured or that the person names now."""
        return self.injuries | self.pain

    def days_since(self, day: date) -> int:
        return (self.today - day).days

    def decided_within(self, status: ProposalStatus, days: int) -> list[Decision]:
        """The proposals decided with this status in the last `days` days."""
        return [
            decision for decision in self.decisions if decision.status is status and self.days_since(decision.on) < days
        ]

    def last_changed(self, rule: str, exercise: UUID, days: int) -> date | None:
        """When an accepted change by this rule was last made to the exercise, in the last so many days."""
        accepted = self.decided_within(ProposalStatus.ACCEPTED, days)
        return max((decision.on for decision in accepted if decision.has_change({rule}, exercise)), default=None)


@dataclass(frozen=True)
class TrainedExercise:
    """An exercise of a day of the plan, with what was done of it."""

    context: AdaptationContext
    place: Place
    planned: PlannedExercise
    exercise: Candidate

    @property
    def name(self) -> str:
        return self.exercise.name

    @cached_property
    def history(self) -> Sequence[DatedSession]:
        return self.context.histories.get(self.place, ())

    @cached_property
    def loading(self) -> Loading:
        return choose_loading(sorted(self.exercise.equipment), self.context.load_steps_kg, self.context.unit)

    @cached_property
    def steps(self) -> list[tuple[date | None, ExerciseTarget]]:
        """The targets after each session that the current plan judged, with the session's day; first the targets before
        them, without a day."""
        earlier = sum(done.session.is_earlier for done in self.history)
        steps: list[tuple[date | None, ExerciseTarget]] = [(None, self._target(earlier))]
        for count in range(earlier + 1, len(self.history) + 1):
            target = self._target(count)
            if target != steps[-1][1]:
                steps.append((self.history[count - 1].on, target))
        return steps

    @cached_property
    def target(self) -> ExerciseTarget:
        """The current targets, as if this were no deload week."""
        return self.steps[-1][1]

    @property
    def last_sets(self) -> tuple[str, ...]:
        """The ids of the last session's work sets, as many as a change holds."""
        sets = self.history[-1].session.sets if self.history else ()
        return tuple(done.id for done in sets[:MAX_EVIDENCE])

    @property
    def work_sets(self) -> int:
        return sum(planned_set.set_type in WORK for planned_set in self.planned.sets)

    def _target(self, count: int) -> ExerciseTarget:
        sessions = [done.session for done in self.history[:count]]
        is_truncated = len(self.history) >= MAX_SESSIONS
        return next_targets(self.planned, sessions, self.loading, is_truncated=is_truncated)


def _history(state: AdaptationState, place: Place, planned: PlannedExercise) -> list[DatedSession]:
    day, number = place
    plan = FollowedPlan(state.plan_id, state.first_on, frozenset(state.content.deload_weeks))
    rows = state.sessions[planned.exercise_id].sessions
    sessions = judge_sessions(rows, state.prescribed_since[day][number], day, plan)
    return [DatedSession(row.local_date, session) for row, session in zip(rows, sessions, strict=True)]
