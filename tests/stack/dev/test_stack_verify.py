"""`verify-migrations` finds what it is there to find."""

from pathlib import Path

import pytest

from dev.failure import StackError
from dev.log import silent
from tools.verify_migrations import verify


async def test_a_table_open_to_everyone_is_found(project: Path) -> None:
    with pytest.raises(StackError, match=r"(?i)rls_disabled_in_public"):
        await verify(18, silent, project)
