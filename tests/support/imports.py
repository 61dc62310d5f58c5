"""Which package of src imports which, as the files say it: within functions and for type checkers too."""

import ast
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

Graph = Mapping[str, Set[str]]


def imported_modules(source: str, package: str = "") -> set[str]:
    """The modules that a file of this package imports, with dots: of `from src import app` both `src` and `src.app`."""
    modules: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = _absolute(node, package)
            modules |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return modules


def _absolute(node: ast.ImportFrom, package: str) -> str:
    """`from ..workouts import x` in `src.plans` is of `src.workouts`."""
    if node.level == 0:
        return node.module or ""
    parents = package.split(".")[: len(package.split(".")) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def package_graph(src: Path) -> Graph:
    """What each package imports of the others; a module beside the packages counts as one."""
    packages = {path.stem for path in src.iterdir() if path.suffix == ".py" or path.is_dir()}
    graph: dict[str, set[str]] = {package: set() for package in packages}
    for path in src.rglob("*.py"):
        package = path.relative_to(src).parts[0].removesuffix(".py")
        dotted = ".".join((src.name, *path.relative_to(src).parts[:-1]))
        parts = (module.split(".") for module in imported_modules(path.read_text(), dotted))
        graph[package] |= {part[1] for part in parts if part[0] == src.name and len(part) > 1} & packages - {package}
    return graph


def circles(graph: Graph) -> list[str]:
    """A line such as `a → b → a` for each package that is on a circle; the shortest circle it is on."""
    return [" → ".join(circle) for package in sorted(graph) if (circle := _way_back(graph, package))]


def _way_back(graph: Graph, start: str) -> list[str] | None:
    ways, seen = [[start]], {start}
    for way in ways:
        for following in sorted(graph.get(way[-1], ())):
            if following == start:
                return [*way, start]
            if following not in seen:
                seen.add(following)
                ways.append([*way, following])
    return None


def edges(graph: Graph) -> Iterator[tuple[str, str]]:
    """Each import of a package by another."""
    return ((package, other) for package in sorted(graph) for other in sorted(graph[package]))
