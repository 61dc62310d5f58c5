"""How the code is cut: a folder per feature, routes over services over repositories, and one way to the database."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from dev.paths import ROOT
from tools.openapi.document import build
from tools.openapi.rules import operations

SRC = ROOT / "src"
ROUTERS = sorted(SRC.glob("*/router.py"))
REPOSITORIES = sorted(SRC.glob("*/*repository.py"))
MODULES = sorted(SRC.rglob("*.py"))
FEATURES = sorted({path.parent.name for path in MODULES} - {"core", "ai", "src"})
# What only the way to the database may know.
DATABASE = {"postgrest", "supabase", "asyncpg"}


def imported(path: Path) -> set[str]:
    """The modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("router", ROUTERS, ids=name_of)
def test_a_router_knows_no_database(router: Path) -> None:
    assert not {name.partition(".")[0] for name in imported(router)} & DATABASE
    assert "src.core.service_gateway" not in imported(router)


@pytest.mark.parametrize("module", [path for path in MODULES if path.parent.name == "core"], ids=name_of)
def test_the_core_knows_no_feature_but_where_they_are_wired(module: Path) -> None:
    known = {name.split(".")[1] for name in imported(module) if name.startswith("src.") and name.count(".")}
    assert module.name == "di.py" or not known & set(FEATURES)


def test_nobody_but_gateways_and_repositories_knows_postgrest() -> None:
    knowing = {name_of(path) for path in MODULES if any(n.partition(".")[0] in DATABASE for n in imported(path))}
    assert knowing <= {"src/core/gateway.py", *map(name_of, REPOSITORIES)}


def test_repositories_answer_rows_and_no_models() -> None:
    for repository in REPOSITORIES:
        functions = [n for n in ast.walk(ast.parse(repository.read_text())) if isinstance(n, ast.AsyncFunctionDef)]
        answers = {ast.unparse(function.returns) for function in functions if function.returns}
        assert functions
        assert not {answer for answer in answers if "Output" in answer or "Page" in answer}, name_of(repository)
    assert any("TypedDict" in repository.read_text() for repository in REPOSITORIES)


def test_there_is_no_orm() -> None:
    locked = (ROOT / "requirements.txt").read_text().lower()
    assert not re.search(r"^(sqlalchemy|alembic|sqlmodel|tortoise-orm|peewee|django)\b", locked, re.MULTILINE)


def test_nothing_of_a_person_is_kept_between_requests() -> None:
    """State of the process is what is the same for everybody: caches of libraries and keys, and the pool."""
    annotations = re.search(r"class State\(TypedDict\):(.*?)\n\n", (SRC / "app.py").read_text(), re.DOTALL)
    assert annotations is not None
    kept = set(re.findall(r"^    (\w+):", annotations[1], re.MULTILINE))
    assert not {name for name in kept if re.search(r"user|person|session|token(?!s)", name)}


def test_paths_are_plural_kebab_case_and_actions_are_posts() -> None:
    things = {"users", "exercises", "plans", "workouts", "measurements", "memories", "jobs", "foods", "meal-plans"}
    for name, _ in operations(build()):
        method, path = name.split(" ")
        fixed = [part for part in path.split("/") if part and not part.startswith("{")]
        assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", part) for part in fixed), name
        if fixed and fixed[-1] in {
            "activate",
            "restore",
            "accept",
            "reject",
            "undo",
            "generate",
            "adapt",
            "swap",
            "log",
            "import",
        }:
            assert method == "POST", name
    collections = {name.split("/")[3] for name, _ in operations(build()) if name.count("/") >= 3}
    assert things <= collections


def test_lists_are_pages_and_count_in_the_body() -> None:
    document = build()
    schemas = document["components"]["schemas"]
    pages = {name for name, schema in schemas.items() if {"items", "total"} <= schema.get("properties", {}).keys()}
    assert len(pages) >= 10
    for name in pages:
        assert {"items", "total", "page", "per_page"} <= schemas[name]["properties"].keys(), name
    assert "x-total-count" not in str(document).lower()


def test_every_answer_has_a_model() -> None:
    for name, operation in operations(build()):
        for status, answer in operation["responses"].items():
            for media, content in answer.get("content", {}).items():
                assert content["schema"] or media == "text/event-stream", f"{name} {status}"


def test_coverage_must_be_ninety_percent() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["tool"]["coverage"]["report"]["fail_under"] >= 90
