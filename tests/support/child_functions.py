"""What tests have a child do. On the top level of a module that imports little, as src/core/child_process.py asks."""

import os
import select
import signal
import sys
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from src.core.child_entry import InputRefused


@dataclass
class Lift:
    name: str
    weight: Decimal
    on: date


def counts(first: int, last: int) -> Iterator[int]:
    os.write(1, b"what a library prints is no item")
    yield from range(first, last + 1)


def lifts() -> Iterator[list[Lift]]:
    yield [Lift("Kniebeuge ✓", Decimal("102.500"), date(2025, 3, 1))]


def adds_up() -> Generator[int, int | None, None]:
    total = 0
    while True:
        total += (yield total) or 0


def says_its_environment() -> Iterator[dict[str, str]]:
    yield dict(os.environ)


def refuses(after: int) -> Iterator[int]:
    yield from range(after)
    raise InputRefused("There is nothing in it ✓")


def has_a_bug(secret: str) -> Iterator[int]:
    if secret:
        raise KeyError(secret)
    yield 0


def takes_memory(size: int) -> Iterator[int]:
    yield 0
    yield len(bytearray(size))


def takes_memory_by_depth() -> Iterator[int]:
    kept: Any = []
    while True:
        kept = [kept, "x" * 100_000]


def never_ends() -> Iterator[int]:
    yield 0
    while True:
        pass


def never_ends_and_catches_all() -> Iterator[int]:
    yield 0
    while True:
        with suppress(BaseException):  # as some library does
            while True:
                pass


def waits_in_the_system() -> Iterator[int]:
    yield 0
    select.select([], [], [])


def says_more_than_allowed(size: int) -> Iterator[str]:
    yield "x" * size


def says_what_is_no_text() -> Iterator[str]:
    yield "\ud800"


def says_what_is_no_number() -> Iterator[float]:
    yield float("inf")


def ends_by(signal_number: int) -> Iterator[int]:
    yield 0
    os.kill(os.getpid(), signal_number)
    signal.pause()


def imports_of_the_child() -> Iterator[list[str]]:
    yield sorted(sys.modules)
