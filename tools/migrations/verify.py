"""`poe verify-migrations`: the migrations build what the schemas say, twice is once, and the advisors find nothing.

On Postgres 16 and 18. The migrations are pushed by the Supabase CLI, as everywhere: from nothing, and from a database
that has only the first of them. The schema files run as they are. `catalogue.sql` and the CLI's `db diff` compare.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from dev.failure import StackError
from dev.log import LogHandler, log_line, silent
from dev.node import ensure_tools
from dev.paths import SUPABASE
from dev.pg_install import FOLDERS
from dev.postgres import SUPERUSER, Cluster
from dev.supabase_cli import push, supabase
from tools.migrations.catalogue import differences, read_catalogue
from tools.migrations.scratch import (
    apply_schemas,
    cli_diff,
    create_database,
    migration_files,
    scratch_cluster,
)

UP_TO_DATE: Final = "Remote database is up to date."
SIDES: Final = ("migrations", "schemas")
WHAT_TO_DO: Final = "Add a migration that leads there (./poew new-migration NAME), or correct the schema file."


async def verify(version: int, log_handler: LogHandler, supabase_dir: Path = SUPABASE) -> None:
    """Check on a throw-away cluster of this major version. StackError says what is wrong."""
    started = time.perf_counter()

    def report(line: str) -> None:
        log_handler("verify", f"Postgres {version}: {line} ({time.perf_counter() - started:.1f} s)")

    async with scratch_cluster(version) as cluster:
        await push(cluster.url("postgres"), supabase_dir, silent)
        report("the migrations and seeds apply from nothing")
        await _check_pushed(cluster, supabase_dir)
        report("nothing is left to push, and the advisors find nothing")
        await create_database(cluster, "schemas")
        await apply_schemas(cluster, "schemas", supabase_dir)
        await _compare(cluster, "postgres", supabase_dir)
        report("the migrations build what the schemas say")
        if len(migration_files(supabase_dir)) > 1:
            await _push_in_two_steps(cluster, "in_two_steps", supabase_dir)
            await _compare(cluster, "in_two_steps", supabase_dir)
            report("so do the later migrations on a database that has the first one")


async def _check_pushed(cluster: Cluster, supabase_dir: Path) -> None:
    remote = f"--remote={cluster.url('postgres')}"
    again = await supabase(["db", "push", remote, "--include-seed", "--yes"], supabase_dir)
    if UP_TO_DATE not in again:
        raise StackError(f"Pushing twice is not the same as once:\n{again.strip()}")
    await supabase(["db", "advisors", remote, "--fail-on", "warn"], supabase_dir)


async def _push_in_two_steps(cluster: Cluster, database: str, supabase_dir: Path) -> None:
    """Push the first migration alone, and then, to the database that has it, all others and the seeds."""
    await create_database(cluster, database)
    url = cluster.url("postgres", database)
    later = [file.name for file in migration_files(supabase_dir)[1:]]
    with tempfile.TemporaryDirectory() as folder:
        first_only = Path(folder) / "supabase"
        shutil.copytree(supabase_dir, first_only, ignore=shutil.ignore_patterns(*later))
        await supabase(["db", "push", f"--remote={url}", "--yes"], first_only)
    await push(url, supabase_dir, silent)


async def _compare(cluster: Cluster, migrated: str, supabase_dir: Path) -> None:
    async with cluster.connect(SUPERUSER, migrated) as connection:
        left = await read_catalogue(connection)
    async with cluster.connect(SUPERUSER, "schemas") as connection:
        right = await read_catalogue(connection)
    found = list(differences(SIDES, left, right))
    if sql := await cli_diff(cluster, migrated, "schemas", supabase_dir):
        found.append(f"The Supabase CLI would lead the migrations to the schemas by:\n{sql}")
    if found:
        summary = f"supabase/migrations and supabase/schemas differ on Postgres {cluster.version}."
        raise StackError("\n\n".join([summary, *found, WHAT_TO_DO]))


async def main() -> int:
    """Check every major version the stack knows, all at once; the exit code."""
    try:
        await ensure_tools(log_line)
    except StackError as error:
        return _failed([error])
    outcomes = await asyncio.gather(*(verify(version, log_line) for version in FOLDERS), return_exceptions=True)
    return _failed([outcome for outcome in outcomes if outcome is not None])


def _failed(errors: Sequence[BaseException]) -> int:
    """Print what a person can act on and raise anything else; 1 when there was an error."""
    for error in errors:
        if not isinstance(error, StackError):
            raise error
        print(f"error: {error}", file=sys.stderr)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
