"""What a file of another app says: workouts with their sets, and the rows that say nothing that can be used."""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from src.core.units import KG_PER_LB
from src.imports.dates import DateOrder
from src.vocabulary import DistanceUnit, SetType, WeightUnit

MEASURES = ("reps", "weight", "duration_seconds", "distance_m")
"""What is recorded of a set; which of it an exercise needs follows from its kind."""


class UnknownFormat(ValueError):
    """The file is no export of an app we know; says which columns were expected."""


class TooManyRows(ValueError):
    """The file has more rows than are read at once."""


class BadRow(ValueError):
    """A row cannot be used; says why. Inside src/imports only: whoever reads a file gets a RejectedRow."""


@dataclass(frozen=True, slots=True)
class Units:
    """What the file does not say. `timezone` is an IANA name, and where its clock times are."""

    weight: WeightUnit
    distance: DistanceUnit
    timezone: str
    date_order: DateOrder | None = None
    sport: str | None = None


@dataclass(frozen=True, slots=True)
class ImportedSet:
    """One set. `row` is its record as a spreadsheet counts (the header is 1); `exercise` is the app's name for it.

    What was not recorded is None, never 0, but reps, seconds or metres are always there. `weight` has at most three
    decimals, `distance_m` two; `superset` names the group (A, B, …) within the workout. `left_out` names what the row
    has and the set cannot; `remark` is what else there is to say of the row.
    """

    row: int
    exercise: str
    superset: str | None
    notes: str | None
    set_type: SetType
    reps: int | None
    weight: Decimal | None
    weight_unit: WeightUnit
    rpe: Decimal | None
    duration_seconds: int | None
    distance_m: Decimal | None
    left_out: tuple[str, ...] = ()
    average_heart_rate: int | None = None
    max_heart_rate: int | None = None
    remark: str | None = None

    @property
    def fields(self) -> frozenset[str]:
        """Which of reps, weight, duration_seconds and distance_m it has."""
        return frozenset(field for field in MEASURES if getattr(self, field) is not None)

    @property
    def weight_kg(self) -> Decimal | None:
        """The load in kilograms."""
        return self.weight and self.weight * (KG_PER_LB if self.weight_unit is WeightUnit.LB else 1)


class SameActivity(NamedTuple):
    """By what another app's file of the same activity is known, beside the time: one of these exercises, metres."""

    exercises: tuple[str, ...]
    metres: float | None


@dataclass(frozen=True, slots=True)
class ImportedWorkout:
    """One workout, in UTC, with its sets as the file orders them.

    `key` is the same in every export of the same app; two workouts of one file never share it. `ended_at` is None
    unless it lies within the day after the start.
    """

    key: str
    name: str | None
    started_at: datetime
    ended_at: datetime | None
    notes: str | None
    sets: list[ImportedSet]
    same_activity: SameActivity | None = None

    def again(self, times: int) -> "ImportedWorkout":
        """The same with a key of its own: of several in one file that have one key."""
        return replace(self, key=f"{self.key}\n{times}")


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """A row that is not in any workout, and why."""

    row: int
    reason: str
