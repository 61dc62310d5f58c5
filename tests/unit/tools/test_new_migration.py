"""How a new migration is named: by its time, after every other one."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dev.failure import StackError
from tools.migrations.new import check_name, next_version

NOW = datetime(2026, 12, 1, 9, 30, 5, tzinfo=UTC)


def test_the_version_is_the_time_and_later_than_every_other_one() -> None:
    assert next_version([], NOW) == "20261201093005"
    assert next_version([Path("20261121000100_initial.sql")], NOW) == "20261201093005"
    assert next_version([Path("20261231235959_ahead.sql"), Path("20261121000100_initial.sql")], NOW) == "20270101000000"
    with pytest.raises(StackError, match=r"supabase/migrations/1_odd\.sql does not begin with a UTC time"):
        next_version([Path("1_odd.sql")], NOW)


def test_a_bad_name_is_refused_in_one_sentence() -> None:
    for name in ("add_plan_tags", "v2", "a"):
        check_name(name)
    for name in ("", "Add tags", "add-tags", "../tags", "_tags", "tags_", "1_tags", "tags.sql", "ä", "a" * 61, "a\n"):
        with pytest.raises(StackError, match="is no name for a migration") as refused:
            check_name(name)
        assert "\n" not in str(refused.value)
