"""docs/mission.md: each thing that the product was asked for, with the tests that prove it."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from dev.paths import ROOT

ROWS = [
    [cell.strip() for cell in line[1:-1].split("|")]
    for line in (ROOT / "docs" / "mission.md").read_text().splitlines()
    if line.startswith("| ") and not line.startswith(("| asked for |", "| --- |"))
]
PROOF = re.compile(r"`(tests/[\w/]+\.py|supabase/tests/\w+\.sql)(?:::([\w:]+))?`")


@cache
def names_in(path: Path) -> set[str]:
    """The tests of a file, those of a class as `Class::test`."""
    names: set[str] = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}::{child.name}" for child in node.body if hasattr(child, "name")}
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
    return {name for name in names if name.rpartition("::")[2].startswith("test_")}


def test_there_is_a_row_for_everything_that_was_asked_for() -> None:
    # The five descriptions have 45 rows as they are split here, and seven more go beyond them.
    assert len(ROWS) >= 52


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0][:60])
def test_a_row_is_proved_by_tests_that_exist(row: list[str]) -> None:
    assert len(row) == 3, "asked for | here | proved by"
    proofs = PROOF.findall(row[2])
    assert proofs, "no test proves it"
    for file, test in proofs:
        assert (ROOT / file).is_file(), file
        if file.endswith(".py"):
            assert test in names_in(ROOT / file), f"{file} has no {test}"
    rest = PROOF.sub("", row[2]).replace(",", "").strip()
    assert not rest, f"not a test: {rest}"
