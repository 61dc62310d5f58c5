"""What each kind of exercise is told in: the fields of its sets, logged and planned, and the records it can set.

The one place in Python. In SQL it is `private.kind_measures()`, and once more the check `sets_fields_of_kind`, which
runs for every set; records are `private.record_candidates`. tests/stack/exercises/test_kinds.py holds both languages
against each other.
"""

from collections.abc import Iterator, Set
from dataclasses import dataclass
from typing import Final

from src.vocabulary import ExerciseKind, RecordKind, SetType

LOGGED_FIELDS: Final = ("reps", "weight", "assist", "duration_seconds", "distance_m")
"""Fields of a logged set that depend on the kind. Any set may have `set_type`, `side`, `rpe`, `rir` and heart rates."""
PLANNED_FIELDS: Final = ("reps_min", "reps_max", "weight_kg", "percent_e1rm", "duration_seconds", "distance_m")
"""Fields of a planned set that depend on the kind. Any set may have `set_type`, `rir` and `tempo`."""
OPEN_ENDED: Final = frozenset({SetType.FAILURE, SetType.AMRAP})
"""Planned sets that end where the person fails: they need no number of repetitions or seconds."""


@dataclass(frozen=True)
class SetFields:
    """The fields of a set: those that it must have, those that it may have, and those of which it must have one.

    `recorded`: what a logged set may have beside, though the exercise is not planned by it.
    """

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    one_of: frozenset[str] = frozenset()
    recorded: frozenset[str] = frozenset()

    @property
    def allowed(self) -> frozenset[str]:
        """Every field that belongs to the set."""
        return self.required | self.optional | self.one_of | self.recorded

    def hold(self, fields: Set[str]) -> bool:
        """Whether a set with just these fields is one."""
        return self.required <= fields <= self.allowed and (not self.one_of or bool(self.one_of & fields))


@dataclass(frozen=True)
class KindRules:
    """What belongs to one kind of exercise."""

    logged: SetFields
    planned: SetFields
    records: frozenset[RecordKind]


def _fields(
    *required: str, optional: tuple[str, ...] = (), one_of: tuple[str, ...] = (), recorded: tuple[str, ...] = ()
) -> SetFields:
    return SetFields(frozenset(required), frozenset(optional), frozenset(one_of), frozenset(recorded))


_TIME_OR_DISTANCE = ("duration_seconds", "distance_m")

RULES: Final[dict[ExerciseKind, KindRules]] = {
    ExerciseKind.WEIGHT_REPS: KindRules(
        logged=_fields("reps", "weight", recorded=_TIME_OR_DISTANCE),
        planned=_fields("reps_max", optional=("reps_min", "weight_kg", "percent_e1rm")),
        records=frozenset({RecordKind.HEAVIEST, RecordKind.E1RM, RecordKind.MOST_REPS, RecordKind.FARTHEST}),
    ),
    ExerciseKind.REPS: KindRules(
        logged=_fields("reps", optional=("weight",), recorded=_TIME_OR_DISTANCE),
        planned=_fields("reps_max", optional=("reps_min", "weight_kg")),
        records=frozenset({RecordKind.HEAVIEST, RecordKind.MOST_REPS, RecordKind.FARTHEST}),
    ),
    ExerciseKind.BODYWEIGHT_REPS: KindRules(
        logged=_fields("reps", optional=("weight",), recorded=_TIME_OR_DISTANCE),
        planned=_fields("reps_max", optional=("reps_min", "weight_kg", "percent_e1rm")),
        records=frozenset({RecordKind.HEAVIEST, RecordKind.MOST_REPS, RecordKind.FARTHEST}),
    ),
    ExerciseKind.ASSISTED: KindRules(
        logged=_fields("reps", "assist", recorded=_TIME_OR_DISTANCE),
        planned=_fields("reps_max", optional=("reps_min",)),
        records=frozenset({RecordKind.MOST_REPS, RecordKind.LEAST_ASSIST, RecordKind.FARTHEST}),
    ),
    ExerciseKind.DURATION: KindRules(
        logged=_fields("duration_seconds", optional=("weight",), recorded=("reps", "distance_m")),
        planned=_fields("duration_seconds", optional=("weight_kg",)),
        records=frozenset({RecordKind.HEAVIEST, RecordKind.LONGEST, RecordKind.MOST_REPS, RecordKind.FARTHEST}),
    ),
    ExerciseKind.WEIGHT_DURATION: KindRules(
        logged=_fields("weight", one_of=_TIME_OR_DISTANCE, recorded=("reps",)),
        planned=_fields(optional=("weight_kg",), one_of=_TIME_OR_DISTANCE),
        records=frozenset({RecordKind.HEAVIEST, RecordKind.LONGEST, RecordKind.MOST_REPS, RecordKind.FARTHEST}),
    ),
    ExerciseKind.DISTANCE_DURATION: KindRules(
        logged=_fields(optional=("weight",), one_of=_TIME_OR_DISTANCE, recorded=("reps",)),
        planned=_fields(optional=("weight_kg",), one_of=_TIME_OR_DISTANCE),
        records=frozenset({RecordKind.HEAVIEST, RecordKind.LONGEST, RecordKind.MOST_REPS, RecordKind.FARTHEST}),
    ),
}


def _where_planned(field: str) -> frozenset[ExerciseKind]:
    return frozenset(kind for kind, rules in RULES.items() if field in rules.planned.allowed)


IN_REPS: Final = _where_planned("reps_max")
"""Kinds whose sets are told in repetitions."""
TIMED: Final = _where_planned("duration_seconds")
"""Kinds whose sets can be told in seconds."""
WITH_A_MAXIMUM: Final = _where_planned("percent_e1rm")
"""Kinds whose load can be planned as a percentage of the estimated one-repetition maximum."""
LOADED: Final = frozenset(kind for kind, rules in RULES.items() if "weight" in rules.logged.required)
"""Kinds that are always done with a load."""


_HELD: Final = frozenset({ExerciseKind.DURATION, ExerciseKind.WEIGHT_DURATION})


def alike(kind: ExerciseKind) -> frozenset[ExerciseKind]:
    """The kinds whose sets are told in the same numbers: repetitions, seconds of holding, or a distance."""
    return next(family for family in (IN_REPS, _HELD, TIMED - _HELD) if kind in family)


def load_field(kind: ExerciseKind) -> str:
    """The field of a logged set that holds what was lifted, or for assisted exercises the help."""
    return "assist" if "assist" in RULES[kind].logged.allowed else "weight"


def find_planned_problems(kind: ExerciseKind, fields: frozenset[str], set_type: SetType) -> Iterator[str]:
    """What is wrong with a planned set that has these of PLANNED_FIELDS, in words for whoever made it."""
    planned = RULES[kind].planned
    for field in PLANNED_FIELDS:
        if field in fields - planned.allowed:
            yield f"{field} does not belong to this kind of exercise ({kind})"
    missing = frozenset[str]() if set_type in OPEN_ENDED else planned.required - fields
    yield from (f"needs {_SPOKEN[field]}" for field in sorted(missing))
    if planned.one_of and not planned.one_of & fields and set_type not in OPEN_ENDED:
        yield "needs seconds or a distance"


_SPOKEN = {"reps_max": "reps", "duration_seconds": "seconds"}
