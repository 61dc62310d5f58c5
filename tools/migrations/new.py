"""`poe new-migration NAME`: starts the migration that leads to what supabase/schemas says now."""

import asyncio
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from dev.failure import StackError
from dev.log import log_line, silent
from dev.node import ensure_tools
from dev.paths import SUPABASE
from dev.postgres import Cluster
from dev.supabase_cli import push
from tools.migrations.scratch import apply_schemas, cli_diff, create_database, migration_files, scratch_cluster

POSTGRES: Final = 16
NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
MAX_NAME_LENGTH: Final = 60
VERSION: Final = "%Y%m%d%H%M%S"
HEADER: Final = """\
-- {title}: say here what changes and why.
-- Follows {schemas}. Lines below this comment are what the Supabase CLI sees between the migrations
-- and the schemas; it does not see every grant, comment and function setting, and it moves no data. Complete them until
-- ./poew verify-migrations finds both equal. The version that is still running must work on the new schema, too.
-- Once it has landed, this file is never edited.
"""


async def start_migration(name: str, now: datetime, supabase_dir: Path = SUPABASE) -> Path:
    """Write the new migration and return it. StackError when the name is bad or something does not apply."""
    check_name(name)
    async with scratch_cluster(POSTGRES) as cluster:
        sql = await _difference(cluster, supabase_dir)
    file = supabase_dir / "migrations" / f"{next_version(migration_files(supabase_dir), now)}_{name}.sql"
    header = HEADER.format(title=name.replace("_", " ").capitalize(), schemas=_changed_schemas(supabase_dir))
    file.write_text(f"{header}\n{sql}\n" if sql else header)
    return file


def check_name(name: str) -> None:
    """StackError unless the name is lower-case words joined by underscores."""
    if not NAME.fullmatch(name) or len(name) > MAX_NAME_LENGTH:
        raise StackError(
            f"{name!r} is no name for a migration: use up to {MAX_NAME_LENGTH} lower-case letters and digits, "
            "words joined by underscores, like add_plan_tags."
        )


def next_version(existing: list[Path], now: datetime) -> str:
    """The time in UTC as the CLI writes it, and always later than that of every existing migration."""
    latest = max((_version(file) for file in existing), default=datetime.min.replace(tzinfo=UTC))
    return max(now, latest + timedelta(seconds=1)).strftime(VERSION)


def _version(file: Path) -> datetime:
    try:
        return datetime.strptime(file.name.partition("_")[0], VERSION).replace(tzinfo=UTC)
    except ValueError as error:
        raise StackError(f"supabase/migrations/{file.name} does not begin with a UTC time (yyyymmddhhmmss).") from error


async def _difference(cluster: Cluster, supabase_dir: Path) -> str:
    await push(cluster.url("postgres"), supabase_dir, silent)
    await create_database(cluster, "schemas")
    await apply_schemas(cluster, "schemas", supabase_dir)
    return await cli_diff(cluster, "postgres", "schemas", supabase_dir)


def _changed_schemas(supabase_dir: Path) -> str:
    """The schema files that git sees as changed, as words; their folder when it sees none."""
    command = ["git", "status", "--porcelain", "--no-renames", "--untracked-files=all", "schemas"]
    done = subprocess.run(command, check=False, cwd=supabase_dir, capture_output=True, text=True)
    names = [f"supabase/schemas/{Path(line[3:]).name}" for line in done.stdout.splitlines()]
    return " and ".join(names) or "supabase/schemas"


async def main(names: list[str]) -> int:
    """Start one migration; the exit code."""
    try:
        name = " ".join(names)
        check_name(name)
        await ensure_tools(log_line)
        file = await start_migration(name, datetime.now(UTC))
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"supabase/migrations/{file.name}: complete it, then run ./poew verify-migrations")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])))
