"""Twelve weeks of a person who trains: seeded, without a database, a model or a clock.

The person follows the next targets of their plan as well as their strength of the day allows; strength is hidden from
the rules, grows with training, stalls, and falls in breaks. Each Sunday the plan is adapted and the person decides.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID

from bench.simulated_plan import LIBRARY, PLAN
from src.training.adapter.changes import Place, ProposedChange, places
from src.training.adapter.context import AdaptationContext, DatedSession, Decision
from src.training.adapter.engine import PlanAdaptation, propose
from src.training.candidates import Candidate
from src.training.content import DoubleProgression, PlanContent, PlannedExercise
from src.training.history import FollowedPlan, PerformedSession, PerformedSet
from src.training.loads import Loading, choose_loading
from src.training.progression.targets import ExerciseTarget, SetTarget, next_targets
from src.vocabulary import (
    ExperienceLevel,
    Joint,
    ProposalStatus,
    SetType,
)

WEEKS = 12
FIRST_DAY = date(2026, 1, 5)

# One-repetition maximum in kg on the first day, where it is not half of body weight or so.
_MAXIMUM = {
    "back-squat": 110.0,
    "leg-press": 180.0,
    "hip-thrust": 120.0,
    "lying-leg-curl": 50.0,
    "cable-pull-through": 60.0,
    "romanian-deadlift": 110.0,
    "bench-press": 80.0,
    "overhead-press": 50.0,
    "barbell-row": 75.0,
    "triceps-pushdown": 45.0,
    "dumbbell-curl": 20.0,
}

FOLLOWED = FollowedPlan(UUID(int=0), FIRST_DAY, frozenset(PLAN.deload_weeks))


@dataclass(frozen=True)
class Scenario:
    """What happens to the person. Weeks count from 1, days of the plan from 0."""

    seed: int = 7
    missed: frozenset[tuple[int, int]] = frozenset()
    hurt: Mapping[int, Joint] = field(default_factory=dict)
    stalled: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    """By slug: from which week on strength falls, and by what share a week."""
    rejects: float = 0.0
    """How probable it is that a proposal is rejected."""


def weeks(*numbers: int) -> frozenset[tuple[int, int]]:
    """All sessions of these weeks."""
    return frozenset((week, day) for week in numbers for day in range(len(PLAN.days)))


TWELVE_WEEKS = Scenario(
    missed=weeks(9, 10) | {(4, 2)},
    hurt={7: Joint.KNEE},
    stalled={"overhead-press": (2, 0.05)},
    rejects=0.15,
)
"""Progresses, stalls in one lift, hurts a knee in week 7, misses weeks 9 and 10."""


@dataclass(frozen=True)
class PerformedExercise:
    """An exercise in a session: what was asked, and what was done."""

    on: date
    week: int
    day: int
    version: int
    exercise: Candidate
    target: ExerciseTarget
    sets: Sequence[PerformedSet]


@dataclass(frozen=True)
class WeeklyReview:
    """The end of a week: what was proposed, what became of it, and the plan after it."""

    week: int
    on: date
    context: AdaptationContext
    adaptation: PlanAdaptation
    status: ProposalStatus | None
    content: PlanContent


@dataclass
class Simulation:
    """Twelve weeks; `run()` fills `performed` and `reviews`."""

    scenario: Scenario
    performed: list[PerformedExercise] = field(default_factory=list)
    reviews: list[WeeklyReview] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = Random(self.scenario.seed)  # noqa: S311  # seeded
        self._versions = [PLAN]
        self._decisions: list[Decision] = []
        self._injuries: set[Joint] = set()
        self._strength = {key: _MAXIMUM.get(exercise.slug or "", 60.0) for key, exercise in LIBRARY.items()}
        self._last_done: dict[UUID, date] = {}

    def run(self) -> "Simulation":
        """All weeks."""
        for week in range(1, WEEKS + 1):
            monday = FIRST_DAY + timedelta(weeks=week - 1)
            if week in self.scenario.hurt:
                self._injuries.add(self.scenario.hurt[week])
            for day, planned in enumerate(self._content.days):
                if (week, day) not in self.scenario.missed:
                    self._train(week, day, monday + timedelta(days=(planned.weekday or 1) - 1))
            self._decide(week, monday + timedelta(days=6))
        return self

    @property
    def _content(self) -> PlanContent:
        return self._versions[-1]

    def _train(self, week: int, day: int, on: date) -> None:
        for at, planned in enumerate(self._content.days[day].exercises):
            exercise = LIBRARY[planned.exercise_id]
            if exercise.contraindications & self._injuries:
                continue  # it hurts
            history = [dated.session for dated in self._history((day, at), planned)]
            target = next_targets(planned, history, _loading(exercise), is_deload_week=week in PLAN.deload_weeks)
            maximum = self._strength_of(exercise, week, on) * self._random.gauss(1, 0.015)
            sets = list(self._sets(planned, target, maximum))
            self.performed.append(PerformedExercise(on, week, day, len(self._versions), exercise, target, sets))
            self._grow(exercise, on)

    def _strength_of(self, exercise: Candidate, week: int, on: date) -> float:
        away = (on - self._last_done.get(exercise.id, on)).days
        rested = 1 - 0.004 * max(away - 10, 0)
        since, loss = self.scenario.stalled.get(exercise.slug or "", (WEEKS + 1, 0.0))
        return self._strength[exercise.id] * rested * (1 - loss) ** max(week - since, 0)

    def _grow(self, exercise: Candidate, on: date) -> None:
        done = sum(performed.exercise.id == exercise.id for performed in self.performed)
        self._strength[exercise.id] *= 1 + 0.018 * math.exp(-done / 12)
        self._last_done[exercise.id] = on

    def _sets(self, planned: PlannedExercise, target: ExerciseTarget, maximum: float) -> Iterator[PerformedSet]:
        loading = _loading(LIBRARY[planned.exercise_id])
        for number, asked in enumerate(target.sets):
            kg = asked.weight_kg if asked.weight_kg is not None else _chosen(asked, maximum, loading)
            able = int(30 * (maximum * (1 - 0.015 * number) / float(kg) - 1))
            reps = max(min(able, _reps_aimed_at(planned, asked)), 1)
            e1rm = (kg if reps == 1 else kg * (30 + reps) / 30) if reps <= 12 else None
            name = UUID(int=self._random.getrandbits(128), version=4)
            yield PerformedSet(str(name), SetType.WORKING, reps, kg, e1rm_kg=e1rm)

    def _history(self, place: Place, planned: PlannedExercise) -> list[DatedSession]:
        since = self._prescribed_since(planned)
        return [
            DatedSession(
                done.on,
                PerformedSession(
                    done.sets,
                    is_judged=done.day == place[0] and not FOLLOWED.is_deload(done.on),
                    is_earlier=done.version < since,
                ),
            )
            for done in self.performed
            if done.exercise.id == planned.exercise_id
        ]

    def _prescribed_since(self, planned: PlannedExercise) -> int:
        """The version from which on the plan has asked for it just so, as private.prescribed_since has it."""
        without = [
            number
            for number, content in enumerate(self._versions, 1)
            if not any(_alike(planned, other) for _, other in places(content))
        ]
        return max(without, default=0) + 1

    def _decide(self, week: int, on: date) -> None:
        context = self._context(on)
        adaptation = propose(context)
        status = None
        if adaptation.changes:
            # Who hurts does not refuse to spare the joint.
            may_reject = not any(change.rule.startswith("swap.pain") for change in adaptation.changes)
            rejects = self._random.random() < self.scenario.rejects and may_reject
            status = ProposalStatus.REJECTED if rejects else ProposalStatus.ACCEPTED
            self._decisions.append(Decision(status, on, adaptation.changes))
        if status is ProposalStatus.ACCEPTED:
            self._versions.append(adaptation.content)
        self.reviews.append(WeeklyReview(week, on, context, adaptation, status, self._content))

    def _context(self, on: date) -> AdaptationContext:
        days = sorted({done.on for done in self.performed})
        injuries = frozenset(self._injuries)
        return AdaptationContext(
            content=self._content,
            exercises={planned.exercise_id: LIBRARY[planned.exercise_id] for _, planned in places(self._content)},
            histories={place: self._history(place, planned)[-20:] for place, planned in places(self._content)},
            trained_on=days,
            last_on=days[-1] if days else None,
            today=on,
            candidates=[known for known in LIBRARY.values() if known.contraindications.isdisjoint(injuries)],
            level=ExperienceLevel.INTERMEDIATE,
            injuries=injuries,
            decisions=list(self._decisions),
        )


def simulate(scenario: Scenario = TWELVE_WEEKS) -> Simulation:
    return Simulation(scenario).run()


def accepted_changes(simulation: Simulation) -> list[tuple[WeeklyReview, ProposedChange]]:
    """Every change that was accepted, with the review that proposed it."""
    accepted = [review for review in simulation.reviews if review.status is ProposalStatus.ACCEPTED]
    return [(review, change) for review in accepted for change in review.adaptation.changes]


def _alike(left: PlannedExercise, right: PlannedExercise) -> bool:
    return (left.exercise_id, left.sets, left.progression) == (right.exercise_id, right.sets, right.progression)


def _loading(exercise: Candidate) -> Loading:
    return choose_loading([*exercise.equipment], {}, AdaptationContext.unit)


def _chosen(asked: SetTarget, maximum: float, loading: Loading) -> Decimal:
    """What a person takes who knows no load: for the middle of the range, with two repetitions left."""
    reps = ((asked.planned.reps_min or 8) + (asked.planned.reps_max or 8)) / 2 + 2
    return loading.nearest(Decimal(str(round(maximum / (1 + reps / 30), 3))))


def _reps_aimed_at(planned: PlannedExercise, asked: SetTarget) -> int:
    is_double = isinstance(planned.progression, DoubleProgression)
    return (asked.planned.reps_max if is_double else asked.reps) or 1
