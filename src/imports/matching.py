"""Which exercise another app's name means, when that is certain: a wrong one would spoil somebody's history."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from src.imports.context import KnownExercise
from src.imports.labels import LabelIndex, label_words
from src.imports.tools import ASSISTED, SPELLINGS, name_fits_tool, uses_tool
from src.imports.workouts import ImportedSet
from src.vocabulary import ExerciseKind

_BRACKETED = re.compile(r"([^()]+)\(([^()]+)\)\s*")
_DASH = re.compile(r"\s[-\u2013\u2014]\s")
_TOOLS = {spelling: tool for tool, spellings in SPELLINGS.items() for spelling in spellings}
_OF_REPS = (ExerciseKind.WEIGHT_REPS, ExerciseKind.REPS)
_OF_DISTANCE = (ExerciseKind.DISTANCE_DURATION,)
_OF_TIME = (ExerciseKind.WEIGHT_DURATION, ExerciseKind.DURATION)


class ExerciseMatcher:
    """Finds exercises by name: in words that are theirs, whatever their order of base and equipment."""

    def __init__(self, exercises: Iterable[KnownExercise]) -> None:
        self._own, self._own_aliases, self._library = LabelIndex(), LabelIndex(), LabelIndex()
        for exercise in exercises:
            if exercise.slug is None:
                self.remember(exercise)
            else:
                for label in exercise.labels:
                    self._library.add(label, exercise)

    def remember(self, exercise: KnownExercise) -> None:
        """Adds an own exercise."""
        self._own.add(exercise.name, exercise)
        for alias in exercise.aliases:
            self._own_aliases.add(alias, exercise)

    def match(self, name: str) -> KnownExercise | None:
        """The exercise that the name means most likely."""
        return next(self.matches(name), None)

    def matches(self, name: str) -> Iterator[KnownExercise]:
        """What the name can mean, the likeliest first: an own one of that name, the library's, or the library's for
        `Base (Equipment)`."""
        seen = set[str]()
        for found in self._find(name):
            if found is not None and found.id not in seen:
                seen.add(found.id)
                yield found

    def _find(self, name: str) -> Iterator[KnownExercise | None]:
        indexes = (self._own, self._library, self._own_aliases)
        yield from (index.find_exact(name) for index in indexes)
        yield from (index.find_loose(name) for index in indexes)
        yield self._match_described(name)

    def _match_described(self, name: str) -> KnownExercise | None:
        bracketed = _BRACKETED.fullmatch(name)
        base, detail = bracketed.groups() if bracketed else (name, "")
        for form in _word_orders(base):
            if bracketed:
                found = self._with_detail(form, detail)
            else:
                found = self._library.find(form) or self._with_leading_tool(form)
            if found:
                return found
        return None

    def _with_leading_tool(self, name: str) -> KnownExercise | None:
        """`Barbell Bench Press`, like `Bench Press (Barbell)`."""
        words = label_words(name)
        for length in (2, 1):
            if " ".join(words[:length]) in _TOOLS and len(words) > length:
                return self._with_detail(" ".join(words[length:]), " ".join(words[:length]))
        return None

    def _with_detail(self, base: str, detail: str) -> KnownExercise | None:
        """`Bench Press` with `Dumbbell`: an exercise of the base name that is done so, or one whose name has both."""
        tool = _tool_named(detail)
        plain = self._library.find(base)
        if tool and plain and uses_tool(plain, tool):
            return plain
        spellings = SPELLINGS[tool] if tool else (detail,)
        found = self._named(base, spellings, tool)
        if found is None and plain and tool == ASSISTED:
            # Help is help under any of the exercise's names: a Chest Dip is a Dip, which has an assisted one.
            found = next((row for label in plain.labels if (row := self._named(label, spellings, tool))), None)
        return found

    def _named(self, base: str, spellings: Iterable[str], tool: str | None) -> KnownExercise | None:
        """The one library exercise whose name is the base with the detail somewhere among its words."""
        names = (name for spelling in spellings for name in _combined(label_words(base), spelling))
        rows = [row for name in names if (row := self._library.find(name)) and (not tool or name_fits_tool(row, tool))]
        return rows[0] if len({row.id for row in rows}) == 1 else None


def infer_kind(sets: Sequence[ImportedSet]) -> ExerciseKind:
    """What is recorded of an exercise that matched nothing: what most sets have, with a weight if any of them has.

    Dips without a weight are one exercise with those that have one, and are kept with it.
    """
    kinds = Counter(map(_recorded_kind, sets))
    family = max((_OF_REPS, _OF_DISTANCE, _OF_TIME), key=lambda kinds_: sum(kinds[kind] for kind in kinds_))
    if family is _OF_TIME and kinds[ExerciseKind.DISTANCE_DURATION]:
        return ExerciseKind.DISTANCE_DURATION  # holds a time alone as well
    if family is _OF_DISTANCE and all(imported_set.weight for imported_set in sets):
        return ExerciseKind.WEIGHT_DURATION  # a carry
    return next((kind for kind in family if kinds[kind]), family[0])


def _recorded_kind(imported_set: ImportedSet) -> ExerciseKind:
    if imported_set.reps and imported_set.weight:
        return ExerciseKind.WEIGHT_REPS
    if imported_set.distance_m:
        return ExerciseKind.DISTANCE_DURATION
    if imported_set.reps:
        return ExerciseKind.REPS
    return ExerciseKind.WEIGHT_DURATION if imported_set.weight else ExerciseKind.DURATION


def _word_orders(base: str) -> Iterator[str]:
    """`Bench Press - Close Grip` is also the Close Grip Bench Press."""
    yield base
    parts = _DASH.split(base)
    if len(parts) == 2:
        yield f"{parts[1]} {parts[0]}"


def _tool_named(detail: str) -> str | None:
    words = " ".join(label_words(detail))
    return _TOOLS.get(words) or _TOOLS.get(words.removesuffix("s"))


def _combined(words: list[str], detail: str) -> Iterator[str]:
    for position in range(len(words) + 1):
        yield " ".join((*words[:position], detail, *words[position:]))
