"""What came of every row of a file, in as few lines as say it all."""

from collections import Counter
from typing import Any, NamedTuple

from src.core.pagination import Row


class RowOutcome(NamedTuple):
    """What came of one row: imported, duplicate, replaced, or rejected with a reason.

    `differences`: what is not as in the workout that is here already. `imported_without`: what had to be left out.
    """

    row: int
    outcome: str
    reason: str | None = None
    workout_id: str | None = None
    imported_without: tuple[str, ...] = ()
    differences: tuple[str, ...] = ()


class Report:
    """Rows as they are settled, in any order."""

    def __init__(self) -> None:
        self._rows: list[RowOutcome] = []

    def add(self, *rows: RowOutcome) -> None:
        self._rows += rows

    def counts(self) -> dict[str, int]:
        """How many rows were imported, duplicates, rejected; and replaced, where any was."""
        return count_outcomes(Counter(row.outcome for row in self._rows))

    def lines(self) -> list[dict[str, Any]]:
        """Every row, those in a row with one outcome together: {from_row, to_row, outcome, reason, workout_id, …}."""
        lines: list[dict[str, Any]] = []
        for row in sorted(self._rows, key=lambda row: row.row):
            last = lines[-1] if lines else None
            rest = _rest(row)
            if last and last["to_row"] == row.row - 1 and rest.items() <= last.items():
                last["to_row"] = row.row
            else:
                lines.append({"from_row": row.row, "to_row": row.row, **rest})
        return lines


def count_outcomes(counted: Counter[str]) -> dict[str, int]:
    """Each outcome with its count; `replaced` only where there is one."""
    outcomes = ("imported", "duplicate", "rejected", *(("replaced",) if counted["replaced"] else ()))
    return {outcome: counted[outcome] for outcome in outcomes}


def _rest(row: RowOutcome) -> Row:
    return {
        "outcome": row.outcome,
        "reason": row.reason,
        "workout_id": row.workout_id,
        "imported_without": list(row.imported_without),
        "differences": list(row.differences),
    }
