"""What adapting a plan follows from: the plan, what was done, and the person. Nothing here asks anybody."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Self
from uuid import UUID

from src.training.adapter.changes import Place, places
from src.training.adapter.constants import MOST_EVIDENCE
from src.training.content import PlanContent, PlannedExercise
from src.training.generator.candidates import Candidate
from src.training.history import MOST_SESSIONS, sessions_of
from src.training.loads import Loading, loading_of
from src.training.progression import WORK, ExerciseTarget, Session, next_targets
from src.vocabulary import ExperienceLevel, Joint, ProposalStatus, WeightUnit


@dataclass(frozen=True)
class Done:
    """A session of one exercise, and its day."""

    on: date
    session: Session


@dataclass(frozen=True)
class Decision:
    """What became of an earlier proposal. Changes as they are stored."""

    status: ProposalStatus
    on: date
    changes: Sequence[Mapping[str, Any]]

    def holds(self, rule: str, exercise: UUID) -> bool:
        """Whether it had a change of this exercise by this rule, or by one of its kind (`swap` for `swap.pain`)."""
        return any(_is_by(one, rule) and one["exercise_id"] == str(exercise) for one in self.changes)


@dataclass(frozen=True)
class Situation:
    """A plan today. `histories` by place, oldest first; `trained_on`: days with a session of this plan; `days_per_week`
    as the plan says, if it does; `pain`: joints that the person named now, beside those of the profile; `decisions`,
    oldest first."""

    content: PlanContent
    exercises: Mapping[UUID, Candidate]
    histories: Mapping[Place, Sequence[Done]]
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
    decisions: Sequence[Decision] = ()

    @classmethod
    def of(cls, row: dict[str, Any], pain: Sequence[Joint]) -> Self:
        """The situation that public.adaptation_context() tells."""
        content = PlanContent.model_validate(row["content"])
        state = row | {"deload_weeks": content.deload_weeks}
        known = row["exercises"]
        return cls(
            content=content,
            exercises={UUID(key): Candidate.of(value) for key, value in known.items()},
            histories={
                (day, at): _history(
                    known[str(planned.exercise_id)]["sessions"], row["asked_since"][day][at], day, state
                )
                for (day, at), planned in places(content)
                if str(planned.exercise_id) in known
            },
            trained_on=[date.fromisoformat(one) for one in row["workouts"]],
            last_on=None if row["last_on"] is None else date.fromisoformat(row["last_on"]),
            today=date.fromisoformat(row["today"]),
            candidates=[Candidate.of(one) for one in row["candidates"]],
            days_per_week=row["days_per_week"],
            level=None if row["experience_level"] is None else ExperienceLevel(row["experience_level"]),
            unit=WeightUnit(row["weight_unit"]),
            load_steps_kg=row["load_steps_kg"],
            injuries=frozenset(map(Joint, row["injuries"])),
            pain=frozenset(pain),
            excluded=frozenset(map(UUID, row["excluded"])),
            decisions=[
                Decision(ProposalStatus(one["status"]), date.fromisoformat(one["on"]), one["changes"])
                for one in row["proposals"]
            ],
        )

    @property
    def entries(self) -> "Iterator[Entry]":
        """Every exercise of every day that is known."""
        for place, planned in places(self.content):
            if planned.exercise_id in self.exercises:
                yield Entry(self, place, planned, self.exercises[planned.exercise_id])

    @cached_property
    def known(self) -> Mapping[UUID, Candidate]:
        """Every exercise that is of the plan or could be."""
        return {one.id: one for one in self.candidates} | dict(self.exercises)

    @property
    def sore(self) -> frozenset[Joint]:
        """What is to be spared."""
        return self.injuries | self.pain

    def days_since(self, day: date) -> int:
        return (self.today - day).days

    def decided(self, status: ProposalStatus, days: int) -> list[Decision]:
        """The proposals with this end in the last so many days."""
        return [one for one in self.decisions if one.status is status and self.days_since(one.on) < days]

    def changed(self, rule: str, exercise: UUID, days: int) -> date | None:
        """When an accepted change by this rule, or of its kind, was last made to the exercise."""
        accepted = self.decided(ProposalStatus.ACCEPTED, days)
        return max((one.on for one in accepted if one.holds(rule, exercise)), default=None)


@dataclass(frozen=True)
class Entry:
    """An exercise of a day, with what was done of it."""

    situation: Situation
    place: Place
    planned: PlannedExercise
    exercise: Candidate

    @property
    def name(self) -> str:
        return self.exercise.name

    @cached_property
    def history(self) -> Sequence[Done]:
        return self.situation.histories.get(self.place, ())

    @cached_property
    def loading(self) -> Loading:
        steps = dict(self.situation.load_steps_kg)
        return loading_of([one.value for one in self.exercise.equipment], steps, self.situation.unit)

    @cached_property
    def steps(self) -> list[tuple[date | None, ExerciseTarget]]:
        """What was asked for after each session that the plan as it is now judged, with the session's day; first what
        was asked for before them."""
        earlier = sum(one.session.is_earlier for one in self.history)
        steps: list[tuple[date | None, ExerciseTarget]] = [(None, self._target(earlier))]
        for count in range(earlier + 1, len(self.history) + 1):
            target = self._target(count)
            if target != steps[-1][1]:
                steps.append((self.history[count - 1].on, target))
        return steps

    @cached_property
    def target(self) -> ExerciseTarget:
        """What is asked for now, but for a deload week."""
        return self.steps[-1][1]

    @property
    def last_sets(self) -> tuple[str, ...]:
        """The ids of the last session's work sets, as many as a change holds."""
        sets = self.history[-1].session.sets if self.history else ()
        return tuple(one.id for one in sets[:MOST_EVIDENCE])

    @property
    def work_sets(self) -> int:
        return sum(one.set_type in WORK for one in self.planned.sets)

    def _target(self, count: int) -> ExerciseTarget:
        sessions = [one.session for one in self.history[:count]]
        is_cut = len(self.history) >= MOST_SESSIONS
        return next_targets(self.planned, sessions, self.loading, is_cut=is_cut)


def _is_by(change: Mapping[str, Any], rule: str) -> bool:
    return bool(change["rule"] == rule or str(change["rule"]).startswith(f"{rule}."))


def _history(
    rows: Sequence[dict[str, Any]], since: dict[str, Any] | None, day: int, state: dict[str, Any]
) -> list[Done]:
    days = [date.fromisoformat(row["local_date"]) for row in rows]
    return [Done(on, one) for on, one in zip(days, sessions_of(rows, since, day, state), strict=True)]
