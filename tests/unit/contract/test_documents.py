"""The documents keep up: every setting is in .env.example, every dependency has its reason, every command exists."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from dev.paths import ROOT
from src.core.config import Settings
from src.core.rates import Rate

DECISIONS: Final = ROOT / "docs" / "decisions"


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    with (ROOT / "pyproject.toml").open("rb") as file:
        return tomllib.load(file)


def test_the_example_environment_has_every_setting_and_no_other() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    named = {match[1] for line in lines if (match := re.match(r"(?:# )?([A-Z][A-Z_]+)=", line))}
    assert named == {name.upper() for name in Settings.model_fields}


def test_the_example_environment_shows_the_defaults() -> None:
    text = (ROOT / ".env.example").read_text()
    shown = dict(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", text, re.MULTILINE))
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, int | Rate):
            assert shown[name.upper()] == str(field.default), name
        elif isinstance(field.default, float | str):
            assert shown[name.upper()] == f"{field.default:g}" if isinstance(field.default, float) else field.default


def test_the_database_runs_more_of_one_person_than_the_api_sends() -> None:
    schema = (ROOT / "supabase" / "schemas" / "90_requests.sql").read_text()
    (most,) = re.findall(r"max_running constant integer := (\d+);", schema)
    assert Settings.model_fields["max_requests_per_person"].default == int(most) - 1  # one for streams


def test_the_example_environment_explains_each_setting() -> None:
    # A comment stands above each group of settings.
    for group in (ROOT / ".env.example").read_text().strip().split("\n\n"):
        assert group.startswith("# "), group
        assert not re.match(r"# [A-Z_]+=", group), group


def dependencies(project: dict[str, Any]) -> set[str]:
    listed = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["dev"]]
    names = {re.split(r"[\[;<>=! ]", each)[0] for each in listed}
    for folder in ("dev", "web", "deploy"):
        package = json.loads((ROOT / folder / "package.json").read_text())
        names |= {*package.get("dependencies", {}), *package.get("devDependencies", {})}
    return names


def test_every_dependency_has_its_reason(project: dict[str, Any]) -> None:
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", (DECISIONS / "0011-dependencies.md").read_text(), re.MULTILINE)
    reasons = {name: reason for names, reason in rows for name in re.findall(r"`([^`]+)`", names)}
    assert dependencies(project) - reasons.keys() == set(), "no reason is given"
    assert reasons.keys() - dependencies(project) == set(), "it is no dependency (any more)"
    assert not [name for name, reason in reasons.items() if len(reason.split()) < 4]


def test_decisions_are_numbered_without_a_gap() -> None:
    pages = sorted(DECISIONS.glob("*.md"))
    numbers = [int(page.name[:4]) for page in pages]
    assert numbers == list(range(1, len(pages) + 1))
    for number, page in zip(numbers, pages, strict=True):
        assert page.read_text().startswith(f"# {number}. "), page.name


def test_every_task_has_a_line_of_help_and_a_row_in_the_readme(project: dict[str, Any]) -> None:
    readme = (ROOT / "README.md").read_text()
    table = "\n".join(re.findall(r"^\| `.*\|$", readme, re.MULTILINE))
    for name, task in project["tool"]["poe"]["tasks"].items():
        assert task["help"], name
        assert re.search(rf"`{re.escape(name)}[ `]", table), f"{name} is not in README.md"


def test_what_the_documents_link_to_is_there() -> None:
    for page in (ROOT / "README.md", *DECISIONS.glob("*.md")):
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize("page", ["README.md", *sorted(f"docs/decisions/{each.name}" for each in DECISIONS.iterdir())])
def test_the_files_that_documents_name_are_there(page: str) -> None:
    named = re.findall(r"`((?:src|dev|deploy|tests|supabase|docs|web|contract)/[\w./-]+)`", (ROOT / page).read_text())
    made = {"dev/node_modules"}
    assert [name for name in named if name not in made and not (ROOT / Path(name)).exists()] == []


def test_ci_runs_the_command_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    assert script.stat().st_mode & 0o111
    assert "exec ./poew test" in script.read_text()
    assert "./poew test " in (ROOT / "README.md").read_text()
