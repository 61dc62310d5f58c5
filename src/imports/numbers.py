"""Numbers as people's spreadsheets write them: decimal points or commas, groups of thousands, a unit behind."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

# Spaces of every width and the Swiss apostrophe only group; a point or a comma may be either.
_GROUPED_BY_SPACE = re.compile(r"(?<=[0-9])[ \u00a0\u202f\u2009'\u2019](?=[0-9]{3}(?![0-9]))")
_PLAIN = re.compile(r"[+-]?([0-9]+([.,][0-9]*)?|[.,][0-9]+)")
_GROUPED = re.compile(r"([+-]?[1-9][0-9]{0,2})(([.,])[0-9]{3}((?:\3[0-9]{3})*))((?!\3)[.,][0-9]*)?")
_WITH_UNIT = re.compile(r"([+-]?[0-9.,][0-9.,\s'\u2019]*?)\s*([^\W\d_].*)")
_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")


@dataclass(slots=True)
class NumberFormat:
    """How a file writes decimals: the marks that cannot be anything else. Without any, `1,500` is a guess."""

    delimiter: str = ","
    marks: set[str] = field(default_factory=set)

    def learn(self, text: str) -> None:
        """Takes note of a cell."""
        if text.isalnum():
            return
        mark = self._certain_mark(ungrouped(text))
        if mark:
            self.marks.add(mark)

    @staticmethod
    def _certain_mark(text: str) -> str | None:
        if grouped := _GROUPED.fullmatch(text):
            _, _, mark, more, decimals = grouped.groups()
            if decimals or more:
                return "," if mark == "." else "."
            return None
        if _PLAIN.fullmatch(text):
            return next((mark for mark in ".," if mark in text), None)
        return None

    def parse(self, text: str) -> Decimal | None:
        """The number, or None when the text is none, or could be two."""
        if text.isascii() and text.isdigit():
            return Decimal(text)
        text = ungrouped(text)
        grouped = _GROUPED.fullmatch(text)
        if grouped and not _AMBIGUOUS.fullmatch(text):
            whole, rest, mark, _, decimals = grouped.groups()
            return Decimal(whole + rest.replace(mark, "") + (decimals or "").replace(",", "."))
        if not _PLAIN.fullmatch(text):
            return None
        if grouped:
            return self._either(text, grouped[3])
        return Decimal(text.replace(",", "."))

    def _either(self, text: str, mark: str) -> Decimal | None:
        """`1,500` or `1.500`: what the rest of the file says; else a point is a decimal point, as the apps write it."""
        other = "." if mark == "," else ","
        if other in self.marks:
            return None if mark in self.marks else Decimal(text.replace(mark, ""))
        if mark in self.marks or mark == "." or self.delimiter != ",":
            return Decimal(text.replace(",", "."))
        return None


def ungrouped(text: str) -> str:
    """Without the spaces and apostrophes that only group digits."""
    return _GROUPED_BY_SPACE.sub("", text)


def split_unit(text: str) -> tuple[str, str | None]:
    """`82,5 kg` as its number and its unit."""
    found = _WITH_UNIT.fullmatch(text)
    return (found[1], found[2]) if found else (text, None)
