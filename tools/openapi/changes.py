"""What changed between two contracts, and how much each change matters to a client."""

import json
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from dev.paths import DEV
from tools.openapi.document import OpenApiDocument, render
from tools.openapi.failure import ContractError
from tools.openapi.tools import ensure_packages, run_package
from tools.openapi.versions import Level

# What a person reads and no program does: the only changes that are mere documentation.
_DOCUMENTATION: Final = frozenset(
    {"title", "description", "summary", "example", "examples", "tags", "externalDocs", "contact", "license", "$comment"}
)

ReportEntry = dict[str, Any]


@dataclass(frozen=True)
class ContractChange:
    """One difference: where in the document, and what happened there."""

    level: Level
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.level.name.lower():5}  {self.where}: {self.what}"


def changes(base: OpenApiDocument, revision: OpenApiDocument) -> list[ContractChange]:
    """All differences but the version's own, the gravest first. ContractError when the documents cannot be compared."""
    entries = [entry for entry in _redocly_diff(base, revision) if not _is_version(entry)]
    return sorted(map(_change, entries), key=lambda change: -change.level)


def _redocly_diff(base: OpenApiDocument, revision: OpenApiDocument) -> list[ReportEntry]:
    ensure_packages(DEV)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "released.json").write_text(render(base))
        (folder / "openapi.json").write_text(render(revision))
        files = ["released.json", "openapi.json"]
        arguments = ["diff", *files, "--format=json", "--fail-on=none", "--output=report.json"]
        done = run_package(DEV, "@redocly/cli", arguments, folder)
        report = folder / "report.json"
        if done.code != 0 or not report.exists():
            raise ContractError(f"The contracts could not be compared:\n{done.output.strip()}")
        entries: list[ReportEntry] = json.loads(report.read_text())["changes"]
        return entries


def _is_version(entry: ReportEntry) -> bool:
    return bool(entry["path"] == "#/info" and entry.get("property") == "version")


def _change(entry: ReportEntry) -> ContractChange:
    property_ = entry.get("property")
    where = entry["path"].removeprefix("#/").removeprefix("paths/").replace("~1", "/").replace("~0", "~")
    verdicts = [str(verdict["message"]) for verdict in entry["verdicts"]]
    what = " ".join(verdicts) or " ".join(filter(None, [property_, entry["kind"]]))
    return ContractChange(level(entry), where, what)


def level(entry: ReportEntry) -> Level:
    """The level of an entry of redocly's report.

    It rates by the direction data flows in, which we keep. But whatever it has no rule for it calls a patch: that
    counts as an addition here unless it is documentation, and breaks clients where one of our own rules says so.
    """
    rated = Level[entry["impact"].upper()]
    if rated is not Level.PATCH or _is_documentation(entry):
        return rated
    return Level.MAJOR if _breaks(entry) else Level.MINOR


def _is_documentation(entry: ReportEntry) -> bool:
    parts = entry["path"].split("/")
    # A field of a model may be called `title`, too: then `properties` comes before it.
    named = [part for before, part in pairwise(parts) if before != "properties"]
    return entry.get("property") in _DOCUMENTATION or not _DOCUMENTATION.isdisjoint(named)


def _breaks(entry: ReportEntry) -> bool:
    base, revision = entry.get("base", {}).get("value"), entry.get("revision", {}).get("value")
    match entry.get("property"):
        case "enum":
            # A value no longer answered: a client's comparison with it does not compile any more.
            return not set(base or []) <= set(revision or [])
        case "default":
            return True  # the request that leaves it out means something else now
        case "additionalProperties":
            return revision is False
    # A route that was open to all, or to a second scheme, may now refuse.
    return bool(entry["typeName"] in {"SecurityRequirementList", "SecurityRequirement"})
