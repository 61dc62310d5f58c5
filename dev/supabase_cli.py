"""The Supabase CLI: it applies the migrations and the seeds, here as in production."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import asyncpg

from dev.failure import StackError
from dev.log import LogHandler
from dev.node import supabase_binary
from dev.paths import CACHE, SUPABASE
from dev.run import run

FORGET_SEED_NOTES: Final = SUPABASE / "forget_seed_notes.sql"


async def push(database_url: str, supabase_dir: Path, log_handler: LogHandler) -> None:
    """Apply new migrations and all seeds, as the role of the URL. StackError with the CLI's words."""
    connection = await asyncpg.connect(database_url, ssl=False)
    try:
        await connection.execute(FORGET_SEED_NOTES.read_text())
    finally:
        await connection.close()
    arguments = ["db", "push", f"--remote={database_url}", "--include-seed", "--yes"]
    output = await supabase(arguments, supabase_dir)
    for line in output.splitlines():
        if line.startswith(("Applying", "Seeding")):
            log_handler("supabase", line)


async def supabase(arguments: Sequence[str], supabase_dir: Path) -> str:
    """Run the CLI on the project that holds `supabase_dir`; all that it printed. StackError when it fails."""
    command = [str(supabase_binary()), *arguments, "--workdir", str(supabase_dir.parent)]
    done = await run(command, supabase_dir.parent, _environment())
    if done.code != 0:
        raise StackError(f"`supabase {' '.join(arguments[:2])}` failed:\n{done.output.strip()}")
    return done.output


def _environment() -> dict[str, str]:
    # It reports usage and keeps files in HOME unless told otherwise, and reads PG* and SUPABASE_* settings.
    home = CACHE / "supabase-home"
    home.mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return {**kept, "HOME": str(home), "DO_NOT_TRACK": "1", "PGSSLMODE": "disable", "NO_COLOR": "1"}
