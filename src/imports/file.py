"""A file as it is kept for a job: packed, and with the units of the person for what it does not say."""

import io
from collections.abc import Iterator

from src.core.child_entry import InputRefused
from src.imports.activities.reading import ActivityFormat, ActivityList, detect_activities, read_activities
from src.imports.context import ImportContext
from src.imports.options import MAX_BYTES, ImportOptions
from src.imports.reading import Export, ImportedWorkout, RejectedRow, Units, read_export
from src.imports.text import NOT_UTF_8, encoding_of
from src.jobs.attachments import Attachment

_HEAD_BYTES = 16 * 1024


def units_for(options: ImportOptions, context: ImportContext) -> Units:
    """As the person says for this file, else as their profile has them."""
    return Units(
        weight=options.weight_unit or context.weight_unit,
        distance=options.distance_unit or context.distance_unit,
        timezone=options.timezone or context.timezone,
        date_order=options.date_order,
        sport=options.sport,
    )


def read_packed(packed: bytes, units: Units) -> Export:
    """What the file says. Raises InputRefused, also later, when it is no export that we know."""
    try:
        export = _read_activities(packed, units) or read_export(lambda: _lines(packed), units)
    except UnicodeDecodeError:
        raise InputRefused(NOT_UTF_8) from None
    except ValueError as error:
        raise InputRefused(str(error)) from None
    return Export(export.app, export.ignored, _found(export))


def _found(export: Export) -> Iterator[ImportedWorkout | RejectedRow]:
    try:
        yield from export
    except UnicodeDecodeError:
        raise InputRefused(NOT_UTF_8) from None
    except ValueError as error:
        raise InputRefused(str(error)) from None


def _read_activities(packed: bytes, units: Units) -> Export | None:
    """What a file of activities says. None for other files."""
    file = io.BufferedReader(Attachment(packed, MAX_BYTES), _HEAD_BYTES)
    kind = detect_activities(file.peek(_HEAD_BYTES))
    if kind is None:
        return None
    if kind is ActivityFormat.LIST:
        activities = ActivityList(_lines(packed), units)
        return Export(activities.app, activities.ignored, iter(activities))
    return Export(kind, [], read_activities(file, kind, units.sport))


def _lines(packed: bytes) -> Iterator[str]:
    file = io.BufferedReader(Attachment(packed, MAX_BYTES))
    with io.TextIOWrapper(file, encoding=encoding_of(file.peek(2)), newline="") as lines:
        yield from lines
