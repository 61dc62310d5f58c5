"""The messages of a FIT file, of which fitdecode knows the form: bounded, and one error for all that can be wrong."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from struct import error as struct_error
from typing import Any, BinaryIO, Final

import fitdecode  # type: ignore[import-untyped]  # this module is all that uses it

from src.imports.workouts import TooManyRows, UnknownFormat

MAX_MESSAGES: Final = 400_000
_WANTED: Final = frozenset({"file_id", "sport", "session", "lap", "record", "set"})
_UNREADABLE = (fitdecode.FitError, struct_error, ValueError, ArithmeticError, LookupError, TypeError, AssertionError)


class FitMessage:
    """A message: its name, and its values by the names of the FIT profile."""

    def __init__(self, frame: Any) -> None:
        self.name: str = frame.name
        self._frame = frame

    def number(self, *names: str) -> float | None:
        """The first of these fields that has a number."""
        for name in names:
            value = self._value(name)
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return float(value)
        return None

    def whole(self, name: str) -> int | None:
        value = self.number(name)
        return None if value is None else int(value)

    def word(self, name: str) -> str | None:
        """A value that the profile has a word for."""
        value = self._value(name)
        return value if isinstance(value, str) else None

    def moment(self, name: str) -> datetime | None:
        """A time. None for one that only counts from when the watch was switched on."""
        value = self._value(name)
        return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo else None

    def first(self, name: str) -> Any:
        """The value, of a list the first."""
        value = self._value(name)
        return value[0] if isinstance(value, (list, tuple)) and value else value

    def has(self, name: str) -> bool:
        return self._value(name) is not None

    def _value(self, name: str) -> Any:
        return self._frame.get_value(name, fallback=None)


def read_messages(file: BinaryIO) -> Iterator[FitMessage]:
    """The messages that tell of activities. Raises UnknownFormat for what is damaged, and TooManyRows."""
    try:
        with fitdecode.FitReader(
            file, check_crc=fitdecode.CrcCheck.RAISE, error_handling=fitdecode.ErrorHandling.IGNORE
        ) as reader:
            frames = iter(reader)
            for frame in islice(frames, MAX_MESSAGES):
                if frame.frame_type == fitdecode.FIT_FRAME_DATA and frame.name in _WANTED:
                    yield FitMessage(frame)
            has_more = next(frames, None) is not None
    except fitdecode.FitCRCError:
        raise UnknownFormat("The FIT file is damaged: its checksum is wrong.") from None
    except fitdecode.FitEOFError:
        raise UnknownFormat("The FIT file is damaged: it ends too early.") from None
    except _UNREADABLE:
        raise UnknownFormat("The FIT file is damaged: it cannot be read.") from None
    if has_more:
        raise TooManyRows(f"The file has more than {MAX_MESSAGES:,} messages.")
