"""What came of every row of a file, in as few lines as say it all."""

from collections import Counter
from typing import Any, NamedTuple


class RowOutcome(NamedTuple):
    """What came of one row: imported, duplicate, or rejected with a reason."""

    row: int
    outcome: str
    reason: str | None = None
    workout_id: str | None = None


class Report:
    """Rows as they are settled, in any order."""

    def __init__(self) -> None:
        self._rows: list[RowOutcome] = []

    def add(self, row: int, outcome: str, reason: str | None = None, workout_id: str | None = None) -> None:
        self._rows.append(RowOutcome(row, outcome, reason, workout_id))

    def counts(self) -> dict[str, int]:
        """How many rows were imported, duplicates, rejected."""
        found = Counter(row.outcome for row in self._rows)
        return {outcome: found[outcome] for outcome in ("imported", "duplicate", "rejected")}

    def lines(self) -> list[dict[str, Any]]:
        """Every row, those in a row with one outcome together: {from_row, to_row, outcome, reason, workout_id}."""
        lines: list[dict[str, Any]] = []
        for row in sorted(self._rows, key=lambda row: row.row):
            last = lines[-1] if lines else None
            rest = {"outcome": row.outcome, "reason": row.reason, "workout_id": row.workout_id}
            if last and last["to_row"] == row.row - 1 and rest.items() <= last.items():
                last["to_row"] = row.row
            else:
                lines.append({"from_row": row.row, "to_row": row.row, **rest})
        return lines
