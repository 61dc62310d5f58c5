"""Numbers in a text, and whether a source has them: a companion that invents one is corrected, then cut."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

_NUMBER: Final = re.compile(r"\d+(?:[.,'\u2019\u00a0\u202f]\d+)*")
_THOUSANDS: Final = re.compile(r"\d{1,3}(?:\D\d{3})+")
# A sentence ends where white space follows: "1.82" and "5.3 kg" are no ends.
_SENTENCE: Final = re.compile(r".+?(?:[.!?\u2026]+[\"\u201d\u00bb)]*(?=\s|$)|\n+|$)\s*", re.DOTALL)


def unproven_numbers(text: str, sources: Iterable[str]) -> list[str]:
    """The numbers of a text that no source has, as they stand in the text."""
    known = _all_readings(sources)
    return [number for number in _numbers(text) if not _readings(number) & known]


def shares_number(text: str, other: str) -> bool:
    """Whether two texts have a number in common."""
    known = _all_readings([other])
    return any(_readings(number) & known for number in _numbers(text))


def cut_unproven(text: str, sources: Iterable[str]) -> str:
    """The text without the sentences that have an unproven number."""
    known = list(sources)
    sentences = [found[0] for found in _SENTENCE.finditer(text)]
    return "".join(sentence for sentence in sentences if not unproven_numbers(sentence, known)).strip()


def _all_readings(texts: Iterable[str]) -> set[str]:
    return {reading for text in texts for number in _numbers(text) for reading in _readings(number)}


def _numbers(text: str) -> Iterator[str]:
    for found in _NUMBER.finditer(text):
        number = found[0]
        # A date such as 3.11.2026 is three numbers, each to be proven.
        is_date = number.count(".") > 1 and "," not in number and not _THOUSANDS.fullmatch(number)
        yield from number.split(".") if is_date else [number]


def _readings(number: str) -> set[str]:
    """All that a number can mean: "1,250" is 1250 or 1.25, "082.50" is 82.5."""
    parts = re.split(r"\D", number)
    separators = re.findall(r"\D", number)
    found = {_plain("".join(parts))} if not separators or _THOUSANDS.fullmatch(number) else set()
    if separators and separators[-1] in ".," and separators[-1] not in separators[:-1]:
        found.add(_plain(f"{''.join(parts[:-1])}.{parts[-1]}"))
    return found or set(map(_plain, parts))


def _plain(number: str) -> str:
    whole, _, decimals = number.partition(".")
    whole, decimals = whole.lstrip("0") or "0", decimals.rstrip("0")
    return f"{whole}.{decimals}" if decimals else whole
