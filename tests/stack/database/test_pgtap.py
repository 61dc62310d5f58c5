"""The pgTAP files of supabase/tests, one case each."""

from pathlib import Path

import pytest

from dev.stack import Stack
from tools.pgtap import failures, pgtap_files, run_file


@pytest.mark.parametrize("path", pgtap_files(), ids=lambda path: path.stem)
async def test_pgtap(path: Path, stack: Stack) -> None:
    lines = await run_file(path, stack.admin_database_url)
    assert failures(lines) == [], "\n".join(lines)


async def test_a_failing_file_is_seen(stack: Stack, tmp_path: Path) -> None:
    for text, expected in (
        ("select plan(1);\nselect ok(false, 'no');\nselect * from finish();\n", "not ok"),
        ("select plan(2);\nselect ok(true);\nselect * from finish();\n", "# Looks like"),
        ("select ok(true);\n", "not ok"),
        ("select plan(1);\nselect nonsense;\n", "not ok"),
    ):
        file = tmp_path / "wrong.sql"
        file.write_text(text)
        wrong = failures(await run_file(file, stack.admin_database_url))
        assert any(line.startswith(expected) for line in wrong), wrong
