"""The file that a job works on, read in a child process."""

import gzip
import io
import zlib
from typing import Any

from src.core.child_entry import InputRefused


class Attachment(io.RawIOBase):
    """What gzip holds, read piece by piece. Raises InputRefused when it is none, or holds more than `limit` bytes.

    The limit is asked for again here: jobs can be enqueued without the API, and a little gzip can hold a lot.
    """

    def __init__(self, packed: bytes, limit: int) -> None:
        self._file = gzip.GzipFile(fileobj=io.BytesIO(packed))
        self._left = limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._file.read(len(buffer))
        except (OSError, EOFError, zlib.error):
            raise InputRefused("The file is damaged.") from None
        self._left -= len(piece)
        if self._left < 0:
            raise InputRefused("The file is too large.")
        buffer[: len(piece)] = piece
        return len(piece)
