"""The sets of a strength workout as watches count them."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from fitdecode import profile  # type: ignore[import-untyped]  # the words of its categories

from src.imports.activities.activity import Lap, Totals
from src.imports.activities.fit_file import FitMessage

_UNKNOWN: Final = 65534


class FitSet(NamedTuple):
    """A set that was done. Without an exercise, the watch did not recognise it."""

    began: float
    lap: Lap


def find_sets(message: FitMessage) -> Iterator[FitSet]:
    """The set, unless it is a rest."""
    began = message.moment("start_time") or message.moment("timestamp")
    if message.word("set_type") == "rest" or began is None:
        return
    reps = message.whole("repetitions")
    weight = message.number("weight")
    totals = Totals(seconds=message.number("duration"))
    yield FitSet(
        began.timestamp(), Lap(totals, exercise=_exercise(message), reps=reps or None, kilograms=weight or None)
    )


def strength_laps(sets: list[FitSet]) -> tuple[list[Lap], str | None]:
    """The sets whose exercise is known. Of the others is said how many there are.

    None when the watch knew none: then the workout as a whole is all there is.
    """
    laps = [one.lap for one in sets if one.lap.exercise]
    unnamed = len(sets) - len(laps)
    if not laps or not unnamed:
        return laps, f"{_sets(unnamed)} of exercises that the watch did not recognise" if unnamed else None
    return laps, f"without {_sets(unnamed)} of exercises that the watch did not recognise"


def _sets(count: int) -> str:
    return "1 set" if count == 1 else f"{count} sets"


def _exercise(message: FitMessage) -> str | None:
    """`Barbell Bench Press`, or only `Bench Press`."""
    category, subtype = message.first("category"), message.first("category_subtype")
    if not isinstance(category, str) or category == "unknown":
        return None
    names = profile.FIELD_TYPES.get(f"{category}_exercise_name")
    name = names.enum.get(subtype) if names and isinstance(subtype, int) and subtype != _UNKNOWN else None
    return str(name or category).replace("_", " ").title()
