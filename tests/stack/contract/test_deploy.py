"""The deployment: its database step on a real database, and the clock that starts tasks of a real server."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import AsyncIterator

import asyncpg
import pytest

from dev.paths import ROOT, SUPABASE
from dev.stack import Options, Stack
from tests.support.server import ApiServer


@pytest.fixture(scope="module")
async def empty_project(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A Supabase project in which nothing was ever applied."""
    folder = tmp_path_factory.mktemp("project")
    nothing = folder / "supabase"
    (nothing / "migrations").mkdir(parents=True)
    (nothing / "config.toml").write_text('project_id = "empty"\n[db.seed]\nenabled = false\n')
    async with Stack(Options(folder / "data", durable=False, supabase_dir=nothing)) as stack:
        yield stack


def migrate(database_url: str) -> subprocess.CompletedProcess[str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return subprocess.run(  # noqa: S603
        [ROOT / "deploy" / "migrate.sh"],
        check=False,
        capture_output=True,
        text=True,
        env={**kept, "DATABASE_URL": database_url, "PGSSLMODE": "disable"},
    )


async def test_migrating_makes_the_database_and_renews_the_libraries(empty_project: Stack) -> None:
    first = migrate(empty_project.database_url)
    assert first.returncode == 0, first.stderr
    connection = await asyncpg.connect(empty_project.database_url, ssl=False)
    try:
        applied = await connection.fetchval("select count(*) from supabase_migrations.schema_migrations")
        assert applied == len(list(SUPABASE.glob("migrations/*.sql")))
        assert await connection.fetchval("select count(*) from public.exercises where user_id is null") >= 300

        # As after an edit of a seed: the database has another text than the file, and the CLI has its note.
        changed = await connection.execute(
            "update public.exercises set instructions = 'Old.' where slug = 'bench-press'"
        )
        assert changed == "UPDATE 1"
        second = migrate(empty_project.database_url)
        assert second.returncode == 0, second.stderr
        assert await connection.fetchval("select count(*) from public.exercises where instructions = 'Old.'") == 0
    finally:
        await connection.close()


def test_migrating_needs_an_address() -> None:
    done = migrate("")
    assert done.returncode != 0
    assert "DATABASE_URL: must name the database to migrate" in done.stderr


async def test_a_failed_migration_stops_the_deployment(empty_project: Stack) -> None:
    wrong = re.sub(r":[^:@]+@", ":wrong@", empty_project.database_url)
    done = migrate(wrong)
    assert done.returncode != 0


async def test_the_script_of_the_clock_starts_a_task(api_server: ApiServer, stack: Stack) -> None:
    def run(secret: str) -> subprocess.CompletedProcess[str]:
        given = {"PATH": os.environ["PATH"], "API_URL": api_server.url, "CRON_SECRET": secret}
        command = [str(ROOT / "deploy" / "cron.sh"), "purge"]
        return subprocess.run(command, check=False, capture_output=True, text=True, env=given)  # noqa: S603

    done = await asyncio.to_thread(run, stack.cron_secret)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["task"] == "purge"
    refused = await asyncio.to_thread(run, "wrong")
    assert refused.returncode != 0
    assert json.loads(refused.stdout)["code"] == "unauthenticated"
