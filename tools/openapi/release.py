"""The last released contract, which the next one is held against (docs/decisions/0012-contract.md)."""

from pathlib import Path
from typing import Final

from dev.paths import ROOT
from tools.openapi.changes import changes
from tools.openapi.document import OpenApiDocument, read, render, version_of
from tools.openapi.failure import ContractError
from tools.openapi.versions import Level, Version

RELEASED: Final = ROOT / "contract" / "released" / "openapi.json"


def broken_promises(document: OpenApiDocument, released: Path = RELEASED) -> list[str]:
    """A sentence when the changes since the last release need a higher version; empty when nothing was released."""
    if not released.exists():
        return []
    base = read(released)
    then, now = Version.parse(version_of(base)), Version.parse(version_of(document))
    if now < then:
        return [f"The version {now} is lower than the released {then}."]
    found = changes(base, document)
    least = then.least_next(max((change.level for change in found), default=Level.NONE))
    if now >= least:
        return []
    grave = [f"  {change}" for change in found if then.least_next(change.level) > now]
    return [
        f"These changes since {then} need version {least} or higher in pyproject.toml, which says {now}:",
        *grave,
    ]


def release(document: OpenApiDocument, released: Path = RELEASED) -> None:
    """Makes the document the released contract. ContractError unless it keeps what the last one promised."""
    if released.exists() and version_of(read(released)) == version_of(document):
        raise ContractError(f"Version {version_of(document)} is released already; it never changes.")
    promises = broken_promises(document, released)
    if promises:
        raise ContractError("\n".join(promises))
    released.parent.mkdir(parents=True, exist_ok=True)
    released.write_text(render(document))
