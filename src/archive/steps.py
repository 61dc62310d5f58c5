"""Bringing back an export in a child process: section by section, as batches that the worker imports for it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID, uuid5

from src.archive.file import MAX_ITEM_BYTES, ExportFile, TooLarge
from src.archive.sections import PROFILE, SECTIONS
from src.core.pagination import Row
from src.imports.outcomes import parse_outcomes
from src.imports.steps import Steps

_MAX_REJECTED = 1000
_TOO_LARGE = f"It is larger than {MAX_ITEM_BYTES // 1024 // 1024} MiB."
_REFERENCES: Final = {section.reference: section for section in SECTIONS if section.reference}
_IDS: Final = {section.name: section.ids for section in SECTIONS}


def import_steps(file: bytes, user_id: str) -> Steps:
    """Adds what the document has and the person has not. The result: what came of each section, and what was rejected
    and why."""
    export = ExportFile(file)
    export.check()
    import_ = _AccountImport(UUID(user_id))
    yield from import_.add(PROFILE, [export.profile()], 0, {})
    for number, section in enumerate(SECTIONS):
        progress = {"progress": number / len(SECTIONS), "message": f"Importing {section.name}"}
        first = 0
        for batch in export.batches(section.name, section.import_batch_size):
            yield from import_.add(section.name, batch, first, progress)
            first += len(batch)
    yield {"result": {"sections": import_.outcomes, "rejected": import_.rejected}}


@dataclass
class _AccountImport:
    """What has been done so far. `found_ids`: by section, the ids here of the items that are found by their names."""

    user_id: UUID
    found_ids: dict[str, dict[str, str]] = field(
        default_factory=lambda: {section.name: {} for section in SECTIONS if section.found_by_name}
    )
    outcomes: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    rejected: list[Row] = field(default_factory=list)

    def add(self, section: str, items: list[Any], first: int, progress: Row) -> Steps:
        """Imports items of a section; `first` is the index of the first of them."""
        rows = [self._row(section, item) if isinstance(item, dict) else {} for item in items]
        results = parse_outcomes((yield {"section": section, "items": rows, **progress}))
        for index, (item, result) in enumerate(zip(items, results, strict=True), first):
            self.outcomes[section][result.outcome] += 1
            if result.outcome == "rejected" and len(self.rejected) < _MAX_REJECTED:
                reason = _TOO_LARGE if isinstance(item, TooLarge) else result.reason
                self.rejected.append({"section": section, "index": index, "reason": reason})
            if section in self.found_ids and result.id:
                self.found_ids[section][str(item.get("id"))] = str(result.id)

    def _row(self, section: str, item: Row) -> Row:
        """The item with ids that hold here: its own, and those of what it names."""
        ids = {name: self._own_id(section, item.get(name)) for name in _IDS.get(section, ())}
        return {**self._with_references(item), **ids}

    def _own_id(self, section: str, id_in_file: Any) -> str | None:
        """The id here of an item: the same each time, and nobody else's."""
        return None if id_in_file is None else str(uuid5(self.user_id, f"{section} {id_in_file}"))

    def _with_references(self, item: Row) -> Row:
        """The item with the ids here of the exercises, foods and plans it names, at whatever depth."""
        return {name: self._value(name, value) for name, value in item.items()}

    def _value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return self._with_references(value)
        if isinstance(value, list):
            return [self._value(name, element) for element in value]
        section = _REFERENCES.get(name)
        if section is None:
            return value
        if section.found_by_name:
            # An id that the document does not explain is the library's, which is the same everywhere.
            return self.found_ids[section.name].get(str(value), value)
        return self._own_id(section.name, value)
