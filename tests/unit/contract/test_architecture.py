"""docs/architecture.md names every folder once, and pages name only code and SQL that exists."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev.paths import ROOT, SUPABASE

PAGE = (ROOT / "docs" / "architecture.md").read_text()
SRC = ROOT / "src"


def rows(heading: str) -> list[str]:
    """The first column of the table with this heading, in the order of the page."""
    table = PAGE.partition(f"| {heading} | holds |\n| --- | --- |\n")[2].partition("\n\n")[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


def folders(parent: Path) -> list[str]:
    """The folders in it that hold something of the project's."""
    made_by_tools = {"__pycache__", "node_modules", "htmlcov"}
    found = [path for path in parent.iterdir() if path.is_dir() and path.name not in made_by_tools]
    return sorted(f"{path.name}/" for path in found if not path.name.startswith(".") and any(path.iterdir()))


def test_every_folder_is_named_once() -> None:
    assert rows("folder") == folders(ROOT)
    assert rows("in `supabase/`") == folders(SUPABASE)


def test_every_package_and_module_of_src_is_named_once() -> None:
    packages = sorted(path.parent for path in SRC.rglob("__init__.py") if path.parent != SRC)
    modules = {path.name for path in SRC.glob("*.py")} - {"__init__.py"}
    named = rows("in `src/`")
    assert set(named[: len(modules)]) == modules
    assert named[len(modules) :] == [f"{package.relative_to(SRC)}/" for package in packages]


def definitions(nodes: list[ast.stmt], prefix: str = "") -> Iterator[str]:
    """The functions and classes of a module, and the methods as `Class.method`."""
    for node in nodes:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield prefix + node.name
        if isinstance(node, ast.ClassDef):
            yield from definitions(node.body, f"{node.name}.")


def defined_in(file: Path) -> set[str]:
    return set(definitions(ast.parse(file.read_text()).body)) if file.exists() else set()


def test_what_the_page_says_of_the_code_is_there() -> None:
    named: list[tuple[str, str]] = re.findall(r"`(src/[\w/]+\.py):([\w.]+)`", PAGE)
    assert len(named) >= 20
    missing = [f"{file}:{name}" for file, name in named if name not in defined_in(ROOT / file)]
    assert missing == []


PAGES = [ROOT / "docs" / "architecture.md", *sorted((ROOT / "docs" / "decisions").glob("*.md"))]


def defined_in_the_database() -> set[str]:
    sql = "\n".join(path.read_text() for path in sorted(SUPABASE.glob("schemas/*.sql")))
    return set(
        re.findall(
            r"create (?:or replace |unlogged )?(?:function|table|view|type|sequence) ((?:public|private)\.\w+)", sql
        )
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_the_pages_name_in_the_database_is_there(page: Path) -> None:
    named = re.findall(r"`((?:public|private)\.\w+)", page.read_text())
    assert [name for name in named if name not in defined_in_the_database()] == []


def test_what_comments_and_docstrings_name_in_the_database_is_there() -> None:
    defined = defined_in_the_database()
    files = [*sorted(SRC.rglob("*.py")), *sorted(SUPABASE.glob("schemas/*.sql"))]
    named = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in re.findall(r"\b((?:public|private)\.[a-z]\w+)\b(?! as enum)", path.read_text())
        if name not in defined
    }
    assert named == set()
