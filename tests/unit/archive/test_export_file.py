"""Files that are no exports, whatever they are: each is refused, in the memory that a child has."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import TypeAdapter

from src.archive import file as archive_file
from src.archive.file import ExportFile, TooLarge
from src.archive.steps import import_steps
from src.archive.tasks import LIMITS
from src.core.child_process import InputRefused, run_in_child

MIB = 1024 * 1024
HEAD = b'{"format":"slow-burn","version":1,"profile":{}'
USER = "00000000-0000-4000-8000-0000000000a0"


def nested(brackets: bytes, times: int) -> bytes:
    return HEAD + b',"workouts":[' + brackets * times


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "20,000 arrays": (lambda: nested(b"[", 20_000), "deeper than 64"),
    "10,000,000 arrays": (lambda: nested(b"[", 10_000_000), "deeper than 64"),
    "objects": (lambda: nested(b'{"a":', 20_000), "deeper than 64"),
    "both, after a string of brackets": (lambda: nested(b'{"a\\"[[[":[', 50), "deeper than 64"),
    "a string that does not end": (lambda: nested(b'"', 1) + b"x" * 60 * MIB, "1,048,576 bytes"),
    "a string of escapes": (lambda: nested(b'"' + b'\\"' * MIB * 30, 1), "1,048,576 bytes"),
    "a string in half pieces": (lambda: nested(b'"', 1) + b"x" + b"\\\\" * MIB * 30, "1,048,576 bytes"),
    "a number that does not end": (lambda: nested(b"1" * MIB, 40), "1,048,576 bytes"),
    "a number of 100 digits": (lambda: nested(b"1" * 100 + b"]", 1), "64 bits"),
    "a number beyond floats": (lambda: nested(b"1e999]", 1), "64 bits"),
    "many items": (lambda: nested(b'"",', archive_file.MAX_ITEMS + 1) + b"{}]}", "500,000 items"),
    "no UTF-8": (lambda: nested(b'"\xff"]', 1), "not a JSON document"),
    "nothing": (lambda: b"", "not a JSON document"),
    "another version": (lambda: b'{"format":"slow-burn","version":2}', "version 1"),
    "no profile": (lambda: b'{"format":"slow-burn","version":1}', "no profile"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_is_refused(name: str) -> None:
    content, reason = HOSTILE[name]
    with pytest.raises(InputRefused, match=reason):
        await imported(gzip.compress(content(), compresslevel=1))


async def imported(file: bytes) -> None:
    steps: TypeAdapter[Any] = TypeAdapter(Any)
    async with run_in_child(steps, import_steps, file, USER, limits=LIMITS) as child:
        async for step in child:
            child.reply([{"outcome": "rejected", "reason": "x"}] * len(step["items"]))


def test_64_levels_are_fine() -> None:
    document = HEAD + b',"workouts":[' + b"[" * 62 + b"]" * 62 + b"]}"
    file = ExportFile(gzip.compress(document))
    file.check()
    assert sum(map(len, file.batches("workouts", 10))) == 1


def test_an_item_that_is_too_large_is_left_out_alone() -> None:
    items = [{"notes": "x"}, {"notes": ["y" * MIB] * 12}, {"notes": "z"}]
    document = HEAD + b',"workouts":' + json.dumps(items).encode() + b"}"
    steps = import_steps(gzip.compress(document, compresslevel=1), USER)
    sent: list[Any] = []
    reply: Any = None
    while "result" not in (step := steps.send(reply)):
        sent += step["items"]
        reply = [{"outcome": "rejected" if item == {} else "imported"} for item in step["items"]]
    assert sent == [{}, items[0], {}, items[2]]
    rejected = {"section": "workouts", "index": 1, "reason": "It is larger than 12 MiB."}
    assert rejected in step["result"]["rejected"]


def test_batches_are_small_in_number_and_in_bytes() -> None:
    items = [{"n": n, "notes": "x" * (100_000 if n % 10 == 0 else 10)} for n in range(100)]
    file = ExportFile(gzip.compress(HEAD + b',"workouts":' + json.dumps(items).encode() + b"}"))
    batches = list(file.batches("workouts", 8))
    assert [item for batch in batches for item in batch] == items
    assert all(len(batch) <= 8 for batch in batches)
    assert not any(isinstance(item, TooLarge) for batch in batches for item in batch)
