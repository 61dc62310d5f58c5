"""An activity of a watch or an app, whatever the file, and as a workout of one exercise whose sets are its laps."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from src.imports.activities.sports import ActivitySport
from src.imports.values import MAX_NAME, cut_notes, cut_off, to_one_line
from src.imports.workouts import BadRow, ImportedSet, ImportedWorkout, SameActivity
from src.vocabulary import SetType, WeightUnit

MAX_SETS = 2000
_MAX_SECONDS = 86_400
_MAX_METRES = 1_000_000
_MAX_KG = 1000
_MAX_REPS = 1000
_HEART_RATES = range(20, 301)
_DAY = timedelta(days=1)


class Totals(NamedTuple):
    """What is measured of a lap or a whole activity; what was not measured is None. Seconds are without pauses."""

    seconds: float | None = None
    metres: float | None = None
    average_heart_rate: float | None = None
    max_heart_rate: float | None = None


@dataclass(frozen=True, slots=True)
class Lap:
    """A lap, or a set of a strength workout: then it names its own exercise."""

    totals: Totals
    set_type: SetType = SetType.WORKING
    exercise: str | None = None
    reps: int | None = None
    kilograms: float | None = None


@dataclass(slots=True)
class Activity:
    """What was done from start to end. `elapsed_seconds` are with pauses; `left_out` names what the file has beside."""

    sport: ActivitySport
    started_at: datetime
    elapsed_seconds: float | None
    laps: list[Lap]
    name: str | None = None
    notes: str | None = None
    left_out: list[str] = field(default_factory=list)
    remark: str | None = None

    def workout(self, row: int) -> ImportedWorkout:
        """The workout; its sets come from `row` and those after it. Raises BadRow when nothing was done."""
        if len(self.laps) > MAX_SETS:
            raise BadRow(f"it has {len(self.laps):,} laps: at most {MAX_SETS:,} can be imported")
        sets = list(self._sets(row))
        if not sets:
            raise BadRow("it has neither a distance nor a duration that can be kept")
        metres = sum(float(one.distance_m or 0) for one in sets)
        return ImportedWorkout(
            key=f"activity\n{self.started_at.isoformat()}\n{self.sport.family}",
            name=(to_one_line(self.name) or "")[:MAX_NAME].strip() or None,
            started_at=self.started_at,
            ended_at=self._ended_at(),
            notes=cut_notes(self.notes),
            sets=sets,
            same_activity=SameActivity(self.sport.exercises_of_family(), metres or None),
        )

    def _ended_at(self) -> datetime | None:
        seconds = self.elapsed_seconds
        if seconds is None:
            seconds = sum(lap.totals.seconds or 0 for lap in self.laps) or None
        if seconds is None or not 0 < seconds <= _MAX_SECONDS:
            return None
        return self.started_at + timedelta(seconds=round(seconds))

    def _sets(self, row: int) -> Iterator[ImportedSet]:
        left_out = [*self.left_out, *cut_off("notes", self.notes, 2000), *cut_off("name", self.name, MAX_NAME)]
        if self.elapsed_seconds is not None and self.elapsed_seconds > _MAX_SECONDS:
            left_out.append("ended_at")
        remark = self.remark
        for lap in self.laps:
            if made := self._set(row, lap, left_out, remark):
                yield made
                row, left_out, remark = row + 1, [], None

    def _set(self, row: int, lap: Lap, left_out: list[str], remark: str | None) -> ImportedSet | None:
        lost = list(left_out)
        seconds = _kept(lap.totals.seconds, _MAX_SECONDS, "duration_seconds", lost)
        metres = _kept(lap.totals.metres, _MAX_METRES, "distance_m", lost)
        reps = _kept(lap.reps, _MAX_REPS, "reps", lost)
        average, highest = _heart_rates(lap.totals, lost)
        whole_seconds = None if seconds is None else max(1, round(seconds))
        if whole_seconds is None and not metres and not reps:
            return None
        return ImportedSet(
            row=row,
            exercise=lap.exercise or self.sport.exercise,
            superset=None,
            notes=None,
            set_type=lap.set_type,
            reps=None if reps is None else round(reps),
            weight=_decimal(_kept(lap.kilograms, _MAX_KG, "weight", lost), "0.001"),
            weight_unit=WeightUnit.KG,
            rpe=None,
            # The exercises that are told in repetitions keep how long they took, too.
            duration_seconds=whole_seconds,
            distance_m=_decimal(metres, "0.01"),
            left_out=tuple(lost),
            average_heart_rate=average,
            max_heart_rate=highest,
            remark=remark,
        )


def _kept(value: float | None, limit: float, name: str, lost: list[str]) -> float | None:
    """The value, None for nothing (not above 0) and, named as lost, for what is beyond the limit."""
    if value is None or not value > 0:
        return None
    if value > limit:
        lost.append(name)
        return None
    return value


def _decimal(value: float | None, step: str) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal(step)) or None


def _heart_rates(totals: Totals, lost: list[str]) -> tuple[int | None, int | None]:
    """Average and highest. A watch that measured nonsense measured nothing: named as lost."""
    found: list[int | None] = []
    for name, value in (("average_heart_rate", totals.average_heart_rate), ("max_heart_rate", totals.max_heart_rate)):
        beats = None if value is None or value <= 0 else round(value)
        if beats is not None and beats not in _HEART_RATES:
            lost.append(name)
            beats = None
        found.append(beats)
    average, highest = found
    if average and highest and average > highest:
        lost.append("average_heart_rate")
        average = None
    return average, highest
