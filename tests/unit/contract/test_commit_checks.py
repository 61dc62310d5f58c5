"""What is looked at before a commit: the hooks are the project's own, and a planted key does not pass."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # one call is not worth a package of stubs

from dev.paths import ROOT
from tools import scan_secrets

# Put together here, so that this file holds none.
PLANTED = {
    "a Supabase secret key": 'key = "' + "sb_secret_" + "N7UND0UgjKTVK" + '-Uodkm0Hg_xSvEMPvz"',
    "a service_role token": 'key = "'
    + ".".join(("eyJhbGciOiJIUzI1NiJ9", "eyJyb2xlIjoic2VydmljZV9yb2xlIn0", "c2lnbmF0dXJl" * 4))
    + '"',
    "a private key": "-----BEGIN " + "EC PRIVATE KEY-----",
    "a Google key": "GEMINI=" + "AIza" + "SyA1b2C3d4E5f6G7h8" + "I9j0K1l2M3n4O5p6Q",
    "a GitHub token": 'token = "' + "ghp_" + "a1B2c3D4e5F6g7H8i9" + 'J0k1L2m3N4o5P6q7R8"',
    "a password": 'password = "' + "hunter2" + 'forever"',
    "a database address": "DATABASE_URL=postgresql://postgres:" + "Tr0ub4dor" + "@db.example.com/postgres",
}


@pytest.fixture(scope="module")
def hooks() -> list[dict[str, Any]]:
    document = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert [repo["repo"] for repo in document["repos"]] == ["local"]
    found: list[dict[str, Any]] = document["repos"][0]["hooks"]
    return found


def test_every_hook_runs_a_program_of_the_environment(hooks: list[dict[str, Any]]) -> None:
    for hook in hooks:
        program = hook["entry"].split()[0]
        assert program.startswith(".venv/bin/"), hook["id"]
        assert hook["language"] == "system", hook["id"]
        assert Path(sys.executable).with_name(Path(program).name).exists(), hook["id"]


def test_the_hooks_are_the_checks_of_ci(hooks: list[dict[str, Any]]) -> None:
    assert {hook["id"] for hook in hooks} == {"ruff-check", "ruff-format", "mypy", "openapi", "secrets"}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_secret_is_found(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    planted = tmp_path / "settings.py"
    planted.write_text(f"first = 1\n{PLANTED[name]}\n")
    assert scan_secrets.main([str(planted)]) == 1
    assert "settings.py:2: " in capsys.readouterr().err


def test_an_explained_line_passes(tmp_path: Path) -> None:
    fine = tmp_path / "settings.py"
    fine.write_text(f"{PLANTED['a Supabase secret key']}  # pragma: allowlist secret\n")
    assert scan_secrets.main([str(fine)]) == 0


def test_the_people_of_tests_have_passwords_but_no_keys() -> None:
    assert scan_secrets.is_fine("tests/users/test_it.py", "Secret Keyword")
    assert not scan_secrets.is_fine("tests/users/test_it.py", "Private Key")
    assert not scan_secrets.is_fine("src/users/router.py", "Secret Keyword")


def test_the_whole_project_is_looked_at() -> None:
    files = scan_secrets.committable()
    assert {"src/app.py", "deploy/migrate.sh", ".env.example", "supabase/config.toml"} <= set(files)
    assert not [name for name in files if name.startswith((".venv/", "dev/node_modules/", ".data/"))]


def test_pre_commit_stops_a_planted_key(tmp_path: Path) -> None:
    planted = tmp_path / "settings.py"
    planted.write_text(PLANTED["a Supabase secret key"])
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "pre_commit", "run", "secrets", "--files", planted],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PRE_COMMIT_HOME": str(tmp_path / "pre-commit")},
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Supabase secret key" in done.stdout
