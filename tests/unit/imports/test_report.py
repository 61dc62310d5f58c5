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


def test_sets_of_one_row_are_one_row() -> None:
    # As JEFIT packs them.
    report = Report()
    for row in (2, 2, 2, 3):
        report.add(RowOutcome(row, "imported", workout_id="a"))
    report.add(RowOutcome(2, "rejected", "reps must be a whole number"))
    assert report.counts() == {"imported": 2, "duplicate": 0, "rejected": 1}
    assert [(line["from_row"], line["to_row"], line["outcome"]) for line in report.lines()] == [
        (2, 2, "imported"),
        (2, 2, "rejected"),
        (3, 3, "imported"),
    ]
    whole = Report()
    for row in (5, 5, 6, 6, 8):
        whole.add(RowOutcome(row, "imported", workout_id="a"))
    assert [(line["from_row"], line["to_row"]) for line in whole.lines()] == [(5, 6), (8, 8)]
