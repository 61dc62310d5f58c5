"""Whether a fact that was learned is one that was told."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from bench.companion.placeholders import newest_month
from bench.companion.sets import ExpectedFact

CLOSE: Final = 0.01
"""How far a measure may be off, of its value: pounds and feet are rounded."""


def is_right(learned: Mapping[str, Any], expected: ExpectedFact, today: date) -> bool:
    """The same field, the same operation, and one of the right values."""
    if (learned["field"], learned["op"]) != (expected.field, expected.op):
        return False
    same = _SAME.get(expected.field, _equal)
    return any(same(learned["value"], _at(value, today)) for value in expected.values)


def _at(value: Any, today: date) -> Any:
    """The value with the month that it leaves open."""
    if not isinstance(value, dict) or "since" not in value:
        return value
    since = re.sub(r"\{month:(\d+)\}", lambda found: newest_month(int(found[1]), today), value["since"])
    return {**value, "since": since}


def _equal(learned: Any, right: Any) -> bool:
    return bool(learned == right) and isinstance(learned, bool) == isinstance(right, bool)


def _close(learned: Any, right: Any) -> bool:
    return isinstance(learned, (int, float)) and abs(learned - right) <= CLOSE * right


def _holds(learned: Any, right: Any) -> bool:
    return str(right).casefold() in str(learned).casefold()


def _same_words(learned: Any, right: Any) -> bool:
    return _words(str(learned)) == _words(str(right))


def _words(text: str) -> frozenset[str]:
    """One word for one and many of a thing."""
    words = re.findall(r"[^\W_]+", text.casefold())
    return frozenset(re.sub(r"(?<=[a-z]{3})(?:(?<=ss|sh|ch)es|(?<=[^s])s)$", "", word) for word in words)


def _same_injury(learned: Any, right: Any) -> bool:
    if not isinstance(learned, dict) or (learned.get("joint"), learned.get("side")) != (right["joint"], right["side"]):
        return False
    if "severity" in right and learned.get("severity") != right["severity"]:
        return False
    return "since" not in right or str(learned.get("since")).startswith(right["since"])


_SAME: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "injuries": _same_injury,
    "height": _close,
    "body_weight": _close,
    "dislikes": _same_words,
    "excluded_exercises": _same_words,
    "conditions": _same_words,
    "goals": _holds,
    "medication": _holds,
    "residence": _holds,
    "work": _holds,
}
