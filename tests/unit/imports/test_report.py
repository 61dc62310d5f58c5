"""A report says what came of every row, in as few lines as say it all."""

from pydantic_core import to_json

from src.imports.report import Report, RowOutcome


def test_rows_with_one_outcome_are_one_line() -> None:
    report = Report()
    report.add(RowOutcome(4, "rejected", "no reps"), RowOutcome(2, "imported"), RowOutcome(3, "imported"))
    report.add(RowOutcome(5, "imported", None, None, ("rpe",)), RowOutcome(6, "duplicate", None, None, (), ("reps",)))
    lines = [(line["from_row"], line["to_row"], line["outcome"]) for line in report.lines()]
    assert lines == [(2, 3, "imported"), (4, 4, "rejected"), (5, 5, "imported"), (6, 6, "duplicate")]
    assert report.counts() == {"imported": 3, "duplicate": 1, "rejected": 1}


def test_a_report_fits_into_an_answer() -> None:
    report = Report()
    for row in range(2, 100_002):
        report.add(RowOutcome(row, "duplicate", "kept as it is here " * 5, None, (), (f"weight {row} kg here, none",)))
    lines = report.lines()
    assert len(to_json(lines)) < 9 * 1024 * 1024
    said = {row for line in lines for row in range(line["from_row"], line["to_row"] + 1)}
    assert said == set(range(2, 100_002))
    assert (lines[-1]["outcome"], report.counts()["duplicate"]) == ("unreported", 100_000)
