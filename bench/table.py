"""A table of measurements on standard output."""

from collections.abc import Sequence

TableRow = dict[str, str]


def print_table(title: str, rows: Sequence[TableRow]) -> None:
    """Prints rows that share their columns; the first row names them."""
    columns = list(rows[0])
    widths = {column: max(len(column), *(len(row[column]) for row in rows)) for column in columns}
    print(f"\n{title}")
    for row in ({column: column for column in columns}, {column: "-" * widths[column] for column in columns}, *rows):
        print("| " + " | ".join(row[column].ljust(widths[column]) for column in columns) + " |")
