"""A session of the plan as tools tell it: its exercises, the sets to do, and the line for each."""

from uuid import UUID

from pydantic import BaseModel

from src.chat.phrases import say
from src.chat.phrases.formats import listed
from src.chat.tools.sets import SetGroup, group, words_of
from src.chat.tools.tool import Receipt
from src.chat.tools.toolbox import Asker
from src.chat.tools.values import Quantity, distance
from src.language.language import Language
from src.vocabulary import EvidenceKind, ExerciseKind, SetType
from src.workouts.next import NextWorkout, TargetExercise, TargetSet
from src.workouts.next_state import NextWorkoutState


class SessionExercise(BaseModel):
    """An exercise of a session, with what to aim for and the rule behind it. `loads_hurt`: joints that hurt, which it
    loads; `is_unwanted`: the person does not want it."""

    name: str
    kind: ExerciseKind
    sets: list[SetGroup]
    rest_seconds: int | None
    rule: str
    instead_of: str | None = None


class Session(BaseModel):
    """A day of the active plan. `weekday`: 1 is Monday; null where the plan leaves it open."""

    plan_id: UUID
    plan: str
    day_number: int
    name: str
    weekday: int | None
    week: int
    is_deload: bool
    exercises: list[SessionExercise]
    left_out: list[str] = []

    @classmethod
    def of(cls, workout: NextWorkout, state: NextWorkoutState, asker: Asker) -> "Session":
        """The session that was computed from this state, in the asker's units."""
        return cls(
            plan_id=workout.plan_id,
            plan=workout.plan_name,
            day_number=workout.plan_day,
            name=workout.name,
            weekday=workout.weekday,
            week=workout.week,
            is_deload=workout.is_deload,
            exercises=[_exercise(exercise, asker) for exercise in workout.exercises],
            left_out=state.left_out,
        )

    def lines(self, language: Language) -> str:
        """A line for each exercise, and what to mind."""
        lines = [self.line(exercise, language) for exercise in self.exercises]
        if self.left_out:
            lines.append(say("session.spared", language, exercises=listed(self.left_out, language)))
        return "\n".join(lines)

    def receipts(self, language: Language) -> tuple[Receipt, ...]:
        """What the targets of each exercise rest on: the plan."""
        return tuple(
            Receipt(EvidenceKind.PLAN, self.plan_id, words_of(exercise.sets, language), self.line(exercise, language))
            for exercise in self.exercises
        )

    @staticmethod
    def line(exercise: SessionExercise, language: Language) -> str:
        """An exercise with its sets."""
        sets = words_of(exercise.sets, language)
        needs_load = exercise.kind is ExerciseKind.WEIGHT_REPS and all(some.load is None for some in exercise.sets)
        key = "session.line_without_load" if needs_load else "session.line"
        name = exercise.name
        if exercise.instead_of is not None:
            name = say("session.stand_in", language, exercise=name, old=exercise.instead_of)
        return say(key, language, exercise=name, sets=sets)


def _exercise(exercise: TargetExercise, asker: Asker) -> SessionExercise:
    return SessionExercise(
        name=exercise.exercise_name,
        instead_of=exercise.replaces and exercise.replaces.exercise_name,
        kind=exercise.kind,
        sets=group(_set(target, asker) for target in exercise.sets),
        rest_seconds=exercise.rest_seconds,
        rule=exercise.rule,
    )


def _set(target: TargetSet, asker: Asker) -> SetGroup:
    is_timed = target.duration_seconds is not None or target.distance_m is not None
    return SetGroup(
        sets=1,
        reps=[] if is_timed else [target.reps or target.reps_max],
        load=target.weight and Quantity(value=target.weight.value, unit=target.weight.unit.value),
        seconds=target.duration_seconds,
        distance=None if target.distance_m is None else distance(target.distance_m, asker.distance_unit),
        is_warm_up=target.set_type is SetType.WARMUP,
    )
