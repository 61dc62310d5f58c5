"""What came of every row of a file, in as few lines as say it all."""

from collections import Counter
from typing import Any, Final, NamedTuple

from pydantic_core import to_json

from src.core.pagination import Row

# The API reads answers of up to 16 MiB.
_MAX_BYTES = 8 * 1024 * 1024
_UNSAID: Final[Row] = {
    "outcome": "unreported",
    "reason": "the report is too long to say more; rows counts what came of them",
    "workout_id": None,
    "imported_without": [],
    "differences": [],
}


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
        # A row may hold several sets.
        return count_outcomes(Counter(outcome for _, outcome in {(row.row, row.outcome) for row in self._rows}))

    def lines(self) -> list[dict[str, Any]]:
        """Every row, those in a row with one outcome together: {from_row, to_row, outcome, reason, workout_id, …}.

        The last line says so when there is more than a job's result can hold.
        """
        lines: list[dict[str, Any]] = []
        size = 0
        rows = sorted(self._rows, key=lambda row: row.row)
        for row in rows:
            last = lines[-1] if lines else None
            rest = _rest(row)
            if last and row.row - last["to_row"] <= 1 and rest.items() <= last.items():
                last["to_row"] = row.row
                continue
            line = {"from_row": row.row, "to_row": row.row, **rest}
            size += len(to_json(line))
            if size > _MAX_BYTES:
                return [*lines, {**line, "to_row": rows[-1].row, **_UNSAID}]
            lines.append(line)
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
