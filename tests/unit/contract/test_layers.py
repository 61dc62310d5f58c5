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
DATABASE = {"postgrest", "supabase", "supabase_auth", "asyncpg"}


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
    assert graph["language"] <= {"core", "vocabulary"}
    assert graph["ai"] <= {"core", "language", "vocabulary"}
    assert graph["jobs"] <= {"core", "ai", "vocabulary"}


def test_nothing_imports_what_puts_all_together() -> None:
    assert not {edge for edge in edges(package_graph(SRC)) if edge[1] in TOP} - {("main", "app")}


def test_no_packages_import_each_other_in_a_circle() -> None:
    assert not circles(package_graph(SRC))


def test_a_circle_would_be_found(tmp_path: Path) -> None:
    """Also one by way of a third, within a function, or for type checkers only."""
    planted = {
        "core/di.py": "import json",
        "plans/router.py": "from ..core.di import x\n\ndef late() -> None:\n    import src.jobs.worker",
        "jobs/worker.py": "if TYPE_CHECKING:\n    from src.foods import library",
        "foods/library.py": "from .. import plans",
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


def foreign_routers(src: Path) -> list[str]:
    """Imports of another feature's router, which speaks HTTP and is nobody's library."""
    found = []
    for path in sorted(src.rglob("*.py")):
        own = path.relative_to(src).parts
        modules = imported_modules(path.read_text(), ".".join((src.name, *own[:-1])))
        routers = {module for module in modules if re.fullmatch(rf"{src.name}\.\w+\.\w*router", module)}
        if len(own) > 1:
            found += [f"{'/'.join(own)}: {module}" for module in routers if module.split(".")[1] != own[0]]
    return found


def test_no_feature_imports_the_router_of_another(tmp_path: Path) -> None:
    assert foreign_routers(SRC) == []
    planted = tmp_path / "src" / "workouts" / "service.py"
    planted.parent.mkdir(parents=True)
    planted.write_text("from ..stats.router import router\nfrom src.workouts.router import router")
    assert foreign_routers(tmp_path / "src") == ["workouts/service.py: src.stats.router"]


def test_nobody_but_gateways_and_repositories_knows_postgrest() -> None:
    knowing = {name_of(path) for path in MODULES if any(n.partition(".")[0] in DATABASE for n in imported(path))}
    assert knowing <= {"src/core/gateway.py", "src/core/admin_api.py", *map(name_of, REPOSITORIES)}


# What a repository answers of tables: rows, and what says nothing of their shape.
ROWS = {"Row", "Rows", "RowsJson", "list", "tuple", "Sequence", "AsyncIterator", "None", "bool", "int", "Any"}
# What answers rows of tables although it is a SQL function.
OF_TABLES = {"create", "first_or_404"}


def badly_answered(source: str) -> list[str]:
    """Public methods of a repository that answer a model of a table's rows, or an unchecked SQL document."""
    bad = []
    for method in ast.walk(ast.parse(source)):
        if isinstance(method, ast.AsyncFunctionDef) and not method.name.startswith("_"):
            called = {ast.unparse(node.func) for node in ast.walk(method) if isinstance(node, ast.Call)}
            answers = set(re.findall(r"\w+", ast.unparse(method.returns or ast.Constant(None))))
            of_function = called & {"self._db.call", "self._db.read"} and not called & OF_TABLES
            unchecked = of_function and answers & {"Row", "Rows", "Any", "dict"}
            if unchecked or ("self._db.table" in called and not of_function and answers - ROWS):
                bad.append(method.name)
    return bad


@pytest.mark.parametrize("repository", REPOSITORIES, ids=name_of)
def test_repositories_answer_rows_of_tables_and_models_of_documents(repository: Path) -> None:
    assert badly_answered(repository.read_text()) == []


def test_a_repository_that_answers_otherwise_would_be_found() -> None:
    planted = """
async def model_of_a_table(self) -> Plan:
    return Plan.model_validate(await self._db.one(self._db.table("plans").select("id")))
async def unchecked_document(self) -> Row:
    return row_of(await self._db.read("stats_summary"))
async def row_of_a_table(self) -> Row:
    return await self._db.one(self._db.table("plans").select("id"))
async def checked_document(self) -> Summary:
    return parsed(Summary.model_validate, await self._db.read("stats_summary"))
async def row_by_a_function(self) -> Row:
    return first_or_404(await self._db.call("activate_plan", {}))
"""
    assert badly_answered(planted) == ["model_of_a_table", "unchecked_document"]


def test_rows_of_tables_are_typed_where_they_are_selected() -> None:
    sources = {name_of(path): path.read_text() for path in REPOSITORIES}
    selecting = {name for name, source in sources.items() if ".table(" in source}
    typed = {name for name, source in sources.items() if "(TypedDict)" in source}
    assert len(selecting) >= 10
    # The archive selects the fields of its own models.
    assert selecting - typed <= {"src/archive/repository.py", "src/plans/proposal_repository.py"}


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
