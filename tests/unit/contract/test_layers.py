"""How the code is cut: a folder per feature, routes over services over repositories, and one way to the database."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from dev.paths import ROOT
from tests.support.imports import circles, edges, imported_modules, package_graph
from tools.openapi.document import build
from tools.openapi.rules import operations

SRC = ROOT / "src"
ROUTERS = sorted(SRC.glob("*/router.py"))
REPOSITORIES = sorted(SRC.glob("*/*repository.py"))
MODULES = sorted(SRC.rglob("*.py"))
# What puts all together, each for its own process.
TOP = {"app", "main", "worker"}
# What only the way to the database may know.
DATABASE = {"postgrest", "supabase", "asyncpg"}


def imported(path: Path) -> set[str]:
    """The modules that a file imports."""
    return imported_modules(path.read_text())


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("router", ROUTERS, ids=name_of)
def test_a_router_knows_no_database(router: Path) -> None:
    assert not {name.partition(".")[0] for name in imported(router)} & DATABASE
    assert "src.core.service_gateway" not in imported(router)


def test_core_imports_no_other_package() -> None:
    assert package_graph(SRC)["core"] <= {"vocabulary"}


def test_the_plumbing_under_the_features_imports_none() -> None:
    graph = package_graph(SRC)
    assert graph["ai"] <= {"core", "vocabulary"}
    assert graph["jobs"] <= {"core", "ai", "vocabulary"}


def test_nothing_imports_what_puts_all_together() -> None:
    assert not {edge for edge in edges(package_graph(SRC)) if edge[1] in TOP} - {("main", "app")}


def test_no_packages_import_each_other_in_a_circle() -> None:
    assert not circles(package_graph(SRC))


def test_a_circle_would_be_found(tmp_path: Path) -> None:
    """Also one by way of a third, within a function, or for type checkers only."""
    planted = {
        "core/di.py": "import json",
        "plans/router.py": "from src.core.di import x\n\ndef late() -> None:\n    import src.jobs.worker",
        "jobs/worker.py": "if TYPE_CHECKING:\n    from src.foods import library",
        "foods/library.py": "from src import plans",
        "app.py": "from src.plans.router import router",
    }
    for name, source in planted.items():
        path = tmp_path / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(source)
    graph = package_graph(tmp_path / "src")
    assert circles(graph) == [
        "foods → plans → jobs → foods",
        "jobs → foods → plans → jobs",
        "plans → jobs → foods → plans",
    ]
    assert ("plans", "core") in set(edges(graph))
    (tmp_path / "src" / "core" / "di.py").write_text("from src.plans.router import router")
    assert package_graph(tmp_path / "src")["core"] == {"plans"}


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
