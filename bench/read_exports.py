"""`poe read-exports FOLDER`: what the reader makes of every export in a folder, as a table.

For files that people really have: what cannot be read must be said, and rows, loads and distances must not get fewer.
"""

import argparse
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.table import TableRow, print_table
from src.imports.reading import Export, ImportedSet, ImportedWorkout, Units, read_export
from src.vocabulary import DistanceUnit, WeightUnit

_UNITS = Units(WeightUnit.KG, DistanceUnit.KM, "UTC")
_MEASURES = {"loads": "weight", "reps": "reps", "distances": "distance_m", "durations": "duration_seconds"}
_REASONS_SHOWN = 3


def read_folder(folder: Path) -> Iterator[TableRow]:
    """A row for each file."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        try:
            yield {"file": name, **_row(read_export(partial(_lines, path), _UNITS))}
        except ValueError as error:
            empty = dict.fromkeys(("app", "workouts", "sets", *_MEASURES, "columns left out"), "")
            yield {"file": name, **empty, "not read": str(error)}


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8-sig", newline="") as lines:
        yield from lines


def _row(export: Export) -> TableRow:
    sets: list[ImportedSet] = []
    reasons: Counter[str] = Counter()
    workouts = 0
    for found in export:
        if isinstance(found, ImportedWorkout):
            workouts += 1
            sets += found.sets
        else:
            reasons[found.reason] += 1
    counts = {title: sum(getattr(done, measure) is not None for done in sets) for title, measure in _MEASURES.items()}
    unread = "; ".join(f"{rows}: {reason}" for reason, rows in reasons.most_common(_REASONS_SHOWN))
    return {
        "app": export.app,
        "workouts": f"{workouts:,}",
        "sets": f"{len(sets):,}",
        **{title: f"{count:,}" for title, count in counts.items()},
        "columns left out": ", ".join(export.ignored),
        "not read": unread + ("; …" if len(reasons) > _REASONS_SHOWN else ""),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="poew read-exports", description=__doc__)
    parser.add_argument("folder", type=Path)
    print_table("Exports", list(read_folder(parser.parse_args().folder)))
