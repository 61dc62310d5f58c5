"""An export as a file, read a section at a time."""

import io
from collections.abc import Iterator
from typing import Any

import ijson  # type: ignore[import-untyped]  # two calls
from pydantic_core import to_json

from src.archive.document import FORMAT, MAX_BYTES, PROFILE, VERSION
from src.core.pagination import Row
from src.jobs.attachments import Attachment
from src.jobs.worker import JobFailed

# A batch with so much in it takes no further item: workouts may have 5,000 sets, plans hundreds of versions.
_MAX_BATCH_BYTES = 256 * 1024


class ExportFile:
    """The file of a job."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed

    def check_format(self) -> None:
        """Raises JobFailed when it is no export, or one of another version."""
        found = [next(self._values(name), None) for name in ("format", "version")]
        if found != [FORMAT, VERSION]:
            raise JobFailed(f"This is not a Slow Burn export of version {VERSION}.")

    def profile(self) -> Row:
        """The profile. Raises JobFailed when there is none."""
        profile = next(self._values(PROFILE), None)
        if not isinstance(profile, dict):
            raise JobFailed("The export has no profile.")
        return profile

    def batches(self, section: str, max_items: int) -> Iterator[list[Any]]:
        """The items of a section, so many at once or fewer when they are large; what they are is not checked."""
        batch: list[Any] = []
        size = 0
        for item in self._values(f"{section}.item"):
            batch.append(item)
            size += len(to_json(item))
            if len(batch) == max_items or size >= _MAX_BATCH_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _values(self, prefix: str) -> Iterator[Any]:
        try:
            file = io.BufferedReader(Attachment(self._packed, MAX_BYTES))
            yield from ijson.items(file, prefix, use_float=True)
        except ijson.JSONError:
            raise JobFailed("The file is not a JSON document.") from None
