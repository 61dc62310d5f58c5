"""An export as a file, read a section at a time. It may be anything: depth, items and sizes are bounded."""

import io
from collections.abc import Iterator
from typing import Any, Final

import ijson  # type: ignore[import-untyped]  # two calls
from pydantic_core import to_json

from src.archive.sections import FORMAT, MAX_BYTES, PROFILE, VERSION
from src.archive.tokens import MAX_TOKEN_BYTES, TokenCheck, TokenTooLong
from src.core.child_entry import InputRefused
from src.core.json_limits import MAX_DEPTH, DepthCheck, NestedTooDeep
from src.core.pagination import Row
from src.jobs.attachments import Attachment

MAX_ITEMS: Final = 500_000
MAX_ITEM_BYTES: Final = 12 * 1024 * 1024
# A batch with so much in it takes no further item: workouts may have 5,000 sets, plans hundreds of versions.
_MAX_BATCH_BYTES = 256 * 1024
_PIECE_BYTES = 64 * 1024


class TooLarge:
    """Stands for an item that is larger than an item may be."""


class ExportFile:
    """The file of a job. Everything raises InputRefused when it is no JSON document."""

    def __init__(self, packed: bytes) -> None:
        self._packed = packed
        self._items = 0

    def check(self) -> None:
        """Raises InputRefused when it is no export, one of another version, or nested deeper than any."""
        self._check_shape()
        found = [next(self._values(name), None) for name in ("format", "version")]
        if found != [FORMAT, VERSION]:
            raise InputRefused(f"This is not a Slow Burn export of version {VERSION}.")

    def profile(self) -> Row:
        """The profile. Raises InputRefused when there is none."""
        profile = next(self._values(PROFILE), None)
        if not isinstance(profile, dict):
            raise InputRefused("The export has no profile.")
        return profile

    def batches(self, section: str, max_items: int) -> Iterator[list[Any]]:
        """The items of a section, so many at once or fewer when they are large; what they are is not checked."""
        batch: list[Any] = []
        size = 0
        for item in self._values(f"{section}.item"):
            self._items += 1
            if self._items > MAX_ITEMS:
                raise InputRefused(f"The export has more than {MAX_ITEMS:,} items.")
            item_size = len(to_json(item))
            batch.append(item if item_size <= MAX_ITEM_BYTES else TooLarge())
            size += item_size
            if len(batch) == max_items or size >= _MAX_BATCH_BYTES:
                yield batch
                batch, size = [], 0
        if batch:
            yield batch

    def _check_shape(self) -> None:
        """Before anything parses it: what a parser takes may grow with the square of a depth or a length."""
        depth, tokens, file = DepthCheck(), TokenCheck(), Attachment(self._packed, MAX_BYTES)
        try:
            while piece := file.read(_PIECE_BYTES):
                depth.feed(piece)
                tokens.feed(piece)
        except NestedTooDeep:
            raise InputRefused(f"The file is nested deeper than {MAX_DEPTH} levels.") from None
        except TokenTooLong:
            raise InputRefused(f"The file has a text or a number of more than {MAX_TOKEN_BYTES:,} bytes.") from None

    def _values(self, prefix: str) -> Iterator[Any]:
        try:
            file = io.BufferedReader(Attachment(self._packed, MAX_BYTES))
            yield from ijson.items(file, prefix, use_float=True)
        except ijson.JSONError as error:
            if "overflow" in str(error):
                raise InputRefused("The file has a number of more than 64 bits.") from None
            raise InputRefused("The file is not a JSON document.") from None
