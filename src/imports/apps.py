"""How the apps whose exports are read name their columns, beyond the words that they all share."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from src.imports.words import Column


@dataclass(frozen=True, slots=True)
class App:
    """An app that exports a row per set. `required` are the columns, by their English names, that tell its files."""

    name: str
    title: str
    required: Mapping[str, Column]
    columns: Mapping[str, Column] = field(default_factory=dict)
    """Names that mean something else in this app, or nothing elsewhere; in header_words."""
    ignorable: frozenset[str] = frozenset()
    """Columns that hold no more than the order of the rows or what the app computed, or what has no place here."""
    means: Mapping[Column, Column] = field(default_factory=dict)
    """What a column of the shared words holds in this app."""
    numbers_sets: bool = False
    """Whether a working set has its number where others have their kind, and rests and notes have rows."""
    quotes_exercises: bool = True
    """Whether a comma within the name of an exercise is quoted, and does not begin another cell."""
    mark: str | None = None
    """A name that only this app gives a column; in header_words."""
    is_own_table: bool = False
    """Whether it is no app's, so that nothing tells what a duration or a distance without a unit is."""
    start_precision: str = "seconds"
    """To which unit every version of its export has the start of a workout."""


STRONG = App(
    name="strong",
    title="Strong",
    required={
        "Date": Column.START,
        "Workout Name": Column.WORKOUT_NAME,
        "Exercise Name": Column.EXERCISE,
        "Set Order": Column.SET_ORDER,
    },
    numbers_sets=True,
)
HEVY = App(
    name="hevy",
    title="Hevy",
    required={
        "title": Column.WORKOUT_NAME,
        "start_time": Column.START,
        "exercise_title": Column.EXERCISE,
        "set_type": Column.SET_TYPE,
    },
    ignorable=frozenset({"set index", "index"}),
    means={Column.DURATION: Column.SECONDS},
    start_precision="minutes",
)
FITBOD = App(
    name="fitbod",
    title="Fitbod",
    mark="iswarmup",
    required={"Date": Column.START, "Exercise": Column.EXERCISE, "Reps": Column.REPS, "isWarmup": Column.WARMUP},
    columns={"sets": Column.SET_COUNT},
    # The weight is that of one dumbbell, as it is written everywhere; the multiplier says how many there were.
    ignorable=frozenset({"incline", "resistance", "multiplier"}),
    means={Column.DURATION: Column.SECONDS},
)
FITNOTES = App(
    name="fitnotes",
    title="FitNotes",
    required={"Date": Column.START, "Exercise": Column.EXERCISE, "Category": Column.CATEGORY},
    columns={"time": Column.SECONDS},
    ignorable=frozenset({"kind"}),
    quotes_exercises=False,
    start_precision="minutes",
)
TABLE = App(
    name="table",
    title="any table",
    required={"Date": Column.START, "Exercise": Column.EXERCISE},
    columns=dict.fromkeys(("sets", "sätze", "series", "séries"), Column.SET_COUNT) | {"sets x reps": Column.REPS},
    numbers_sets=True,
    start_precision="minutes",
    is_own_table=True,
)
"""What people write down themselves."""
APPS = (STRONG, HEVY, FITBOD, FITNOTES, TABLE)


def required_names(app: App) -> str:
    """`Date, Exercise (App)`."""
    return f"{', '.join(app.required)} ({app.title})"
