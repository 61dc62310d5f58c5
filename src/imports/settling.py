"""What came of a workout, as outcomes of its rows."""

from collections import defaultdict
from collections.abc import Iterator

from src.imports.entries import RowRemark, WorkoutEntry
from src.imports.outcomes import ImportOutcome
from src.imports.report import RowOutcome

_PLAIN = RowRemark(())
_TAKE_THE_FILE = "kept as it is here; import the file again with on_conflict=replace to take the file's"
_CHANGED_HERE = "kept as it is here, because you changed this workout here"


def settle(entry: WorkoutEntry, result: ImportOutcome) -> Iterator[RowOutcome]:
    """An outcome for each row of the workout's sets. What is said of the whole workout, its first row says."""
    first = next(row for rows in entry.rows for row in rows)
    differences = _by_row(entry, result, first)
    for rows in entry.rows:
        for row in rows:
            remark = entry.remarks.get(row, _PLAIN) if result.outcome in {"imported", "replaced"} else _PLAIN
            different = tuple(differences[row])
            reasons = [*_reasons(result, is_first=row == first), remark.reason, _advice(result, different)]
            yield RowOutcome(
                row,
                result.outcome,
                "; ".join(reason for reason in reasons if reason) or None,
                str(result.id) if result.id else None,
                remark.left_out,
                different,
            )


def _by_row(entry: WorkoutEntry, result: ImportOutcome, first: int) -> defaultdict[int, list[str]]:
    differences: defaultdict[int, list[str]] = defaultdict(list)
    places: dict[tuple[int | None, int | None], int] = {
        (at, place): row for at, rows in enumerate(entry.rows) for place, row in enumerate(rows)
    }
    for difference in result.differences:
        row = places.get((difference.exercise, difference.set), first)
        differences[row].append(difference.words)
    return differences


def _reasons(result: ImportOutcome, *, is_first: bool) -> Iterator[str | None]:
    if result.problems:
        yield "; ".join(f"{problem.loc[-1]} {problem.message}" for problem in result.problems[:3])
    else:
        yield result.reason
    if result.restored and is_first:
        yield "you had deleted this workout here; it is back"


def _advice(result: ImportOutcome, different: tuple[str, ...]) -> str | None:
    if not different or result.outcome == "replaced":
        return None
    return _CHANGED_HERE if result.edited else _TAKE_THE_FILE
