"""Which exercise a person means: by its name in any of the languages, in a text or alone."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from weakref import WeakKeyDictionary

from src.chat.phrases import say
from src.chat.tools.tool import ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.core.search import SearchIndex
from src.exercises.library import PersonalLibrary
from src.exercises.schemas import Exercise
from src.language.language import Language, common_words
from src.language.phrase_finder import Found, PhraseFinder, finder

# What exercises are called in gyms, and families of exercises.
_TABLES: Final = ("exercise_names", "exercises")
# A name or an alias as it stands, or nearly so.
_CERTAIN: Final = 0.95
_MIN_ALIAS_LETTERS: Final = 3
_MAX_ABBREVIATION: Final = 3
# Where a word that is an exercise elsewhere is none.
_FIGURES: Final = re.compile(
    r"\bin a row\b|\bskipp(?:ing|ed) (?:breakfast|lunch|dinner|meals?|legs?|training|workouts?)\b"
    r"|\b(?:walk|run|talk) me through\b|\bhang(?:ing)? (?:out|on)\b|\bgood morning\b(?=[\s,!.]*$)",
    re.IGNORECASE,
)
# Below it the search has matched half a word at best.
_PLAUSIBLE: Final = 0.55
# What people mean by a word that is in many names.
_USUAL: Final = {"row": "Barbell Row", "rows": "Barbell Row", "press": "Bench Press", "curls": "Dumbbell Curl"}

_of_library: WeakKeyDictionary[SearchIndex[Exercise], PhraseFinder] = WeakKeyDictionary()


@dataclass(frozen=True)
class ExerciseFinder:
    """Finds names of exercises in a text: the library's, the person's own, and what they are called in the language."""

    finders: Sequence[PhraseFinder]
    language: Language

    def find(self, text: str) -> Found | None:
        """The longest name, of equal ones the first; its value is a name in English, or that of an exercise."""
        figures = [figure.span() for figure in _FIGURES.finditer(text)]
        found = [
            name
            for one in self.finders
            for name in one.find_all(text)
            if not self._is_common(name) and not any(start <= name.start < end for start, end in figures)
        ]
        return max(found, key=lambda name: (name.end - name.start, -name.start), default=None)

    def _is_common(self, name: Found) -> bool:
        """Whether it is an abbreviation that is a word of the language: in Norwegian `bor` and `du` are none."""
        is_abbreviation = len(name.words) <= _MAX_ABBREVIATION and not name.words.isupper()
        return is_abbreviation and name.words.casefold() in common_words(self.language)


async def exercise_finder(toolbox: Toolbox) -> ExerciseFinder:
    """The finder for a turn."""
    library = await toolbox.library()
    return ExerciseFinder(
        [*_finders(library), *(finder(table, toolbox.language, inflected=True) for table in _TABLES)], toolbox.language
    )


async def find_exercise(name: str, toolbox: Toolbox) -> Exercise | None:
    """The exercise of this name; None when there is none like it.

    A name that may be many ("row") is the one that the person trains, if they train one of them.
    """
    library = await toolbox.library()
    for words in _readings(name, toolbox.language, library):
        found = [(score, exercise) for score, exercise in library.ranked(words) if score >= _PLAUSIBLE]
        if not found:
            continue
        own = [exercise for _, exercise in found if exercise.name in toolbox.familiar]
        if found[0][0] >= _CERTAIN or not own:
            usual = _USUAL.get(words.casefold())
            return next((exercise for _, exercise in found if exercise.name == usual), found[0][1])
        return own[0]
    return None


def unknown_exercise(name: str) -> ToolAnswer:
    """The answer about an exercise that nobody knows."""
    return ToolAnswer({"exercise": None, "asked_for": name})


def say_unknown(answer: ToolAnswer, language: Language) -> str | None:
    """What to say where the exercise is not known; None where it is."""
    if "asked_for" not in answer.data:
        return None
    return say("exercise.unknown", language, name=answer.data["asked_for"])


def _readings(name: str, language: Language, library: PersonalLibrary) -> Iterator[str]:
    """What a name may be in English: one of the library as it stands, else put into English from any language."""
    known = (one.find(name) for one in _finders(library))
    yield from (found.value for found in known if found is not None and found.words == name.strip())
    if language is Language.EN:
        yield name
    for spoken in dict.fromkeys((language, *Language)):
        for table in _TABLES:
            found = finder(table, spoken, inflected=True).find(name)
            if found is not None:
                yield found.replaced(name, found.value)
                yield found.value
    yield name


def _finders(library: PersonalLibrary) -> list[PhraseFinder]:
    """Of the person's own exercises, and of those that all share."""
    shared, own = library.indexes
    if shared not in _of_library:
        _of_library[shared] = PhraseFinder(_phrases(shared), forgives_typos=True)
    return [PhraseFinder(_phrases(own)), _of_library[shared]]


def _phrases(index: SearchIndex[Exercise]) -> Iterator[tuple[str, str]]:
    """Aliases first, so that a name is never taken for another one's alias. Aliases of two letters are words in some
    language: "DU" is a jump, and "you"."""
    for exercise in index.items:
        yield from ((alias, exercise.name) for alias in exercise.aliases if len(alias) >= _MIN_ALIAS_LETTERS)
    for exercise in index.items:
        yield exercise.name, exercise.name
