"""What the words of a text are: foods, joints, exercises, and words that tell how a sentence is meant.

Each lexicon of the folder lexicons/ gives its phrases a topic and a value: `erdnuss` is the food "peanuts", `hate` the
cue "dislike". German and Norwegian compounds are taken apart: `Knieschmerzen` is the joint "knee" and the cue "pain".
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from src.language.language import Language
from src.language.lexicon import read_table
from src.language.phrases import PhraseIndex, Word, inflections, longest_only, split_words

# topic → (the file, the column of its value, what the columns of the languages begin with)
_NOUNS: Final = {
    "food": ("foods", "food", ""),
    "exercise": ("exercises", "exercise", ""),
    "joint": ("body", "joint", ""),
    "injury": ("injuries", "joint", ""),
    "equipment": ("equipment", "equipment", ""),
    "health": ("health", "state", ""),
    "medication": ("medication", None, ""),
    "diet": ("diets", "diet", ""),
    "level": ("levels", "level", ""),
    "sport": ("sports", "sport", "activity_"),
    "athlete": ("sports", "sport", "person_"),
}
# Gyms say these in English everywhere.
_ALSO_ENGLISH: Final = frozenset({"exercise"})
_PERSON: Final = "person"
_COMPOUND_LANGUAGES: Final = frozenset({Language.DE, Language.NB})
_COMPOUND_TAILS: Final = frozenset({"pain", "injured", "allergic", "goal"})
_MIN_COMPOUND: Final = 7
_MIN_PART: Final = 3
_MIN_MISSPELT: Final = 7
_MISSPELT: Final = (
    ("joint", "body", "joint"),
    ("food", "foods", "food"),
    ("exercise", "exercises", "exercise"),
    ("diet", "diets", "diet"),
)
_LINKS: Final = ("", "s", "e", "en", "n", "er", "es")


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase of a lexicon in a text: its topic, its value, and its first word and the one behind its last."""

    topic: str
    value: str
    start: int
    end: int


@dataclass(frozen=True)
class Annotated:
    """A text with what its words are."""

    text: str
    language: Language
    words: Sequence[Word]
    hits: Sequence[Hit]


def annotate(text: str, language: Language) -> Annotated:
    """The text with the phrases of all lexicons that are in it, in their order."""
    words = split_words(text, language)
    cues = [*_cues(language).find(words), *_people(language).find(words)]
    found = longest_only(_nouns(language).find(words))
    taken = {position for match in found for position in range(match.start, match.end)}
    hits = [Hit(*match.value, match.start, match.end) for match in found]
    hits += [Hit(match.value, "", match.start, match.end) for match in cues]
    if language in _COMPOUND_LANGUAGES:
        hits += [
            Hit(topic, value, position, position + 1)
            for position, word in enumerate(words)
            if position not in taken
            for topic, value in _parts(word.text, language)
        ]
    known = {position for hit in hits for position in range(hit.start, hit.end)}
    hits += [
        Hit(*meant, position, position + 1)
        for position, word in enumerate(words)
        if position not in known and (meant := _misspelt(word.text, language)) is not None
    ]
    return Annotated(text, language, words, sorted(set(hits), key=lambda hit: (hit.start, -hit.end, hit.topic)))


def rows_of(topic: str) -> dict[str, dict[str, str]]:
    """The rows of a topic's lexicon by their value."""
    file, column, _ = _NOUNS[topic]
    return {row[column]: row for row in read_table(file)} if column else {}


@cache
def _nouns(language: Language) -> PhraseIndex[tuple[str, str]]:
    index: PhraseIndex[tuple[str, str]] = PhraseIndex(language, inflected=True)
    for topic, (file, column, prefix) in _NOUNS.items():
        for number, row in enumerate(read_table(file)):
            value = row[column] if column else str(number)
            if topic == "joint":
                value = f"{value} {row['soft']}".strip()
            columns = {f"{prefix}{language}"} | ({"en"} if topic in _ALSO_ENGLISH else set())
            for name in columns:
                for phrase in filter(None, row[name].split("|")):
                    index.add(phrase, (topic, value))
    return index


@cache
def _cues(language: Language) -> PhraseIndex[str]:
    return _cue_index(language, lambda cue: cue != _PERSON, inflected=False)


@cache
def _people(language: Language) -> PhraseIndex[str]:
    """Other people are named in every form: `Freundes`, `bestemoren`."""
    return _cue_index(language, lambda cue: cue == _PERSON, inflected=True)


def _cue_index(language: Language, wanted: Callable[[str], bool], *, inflected: bool) -> PhraseIndex[str]:
    index: PhraseIndex[str] = PhraseIndex(language, inflected=inflected)
    for row in read_table("cues"):
        if wanted(row["cue"]):
            for phrase in filter(None, row[language].split("|")):
                index.add(phrase, row["cue"])
    return index


@cache
def _tails(language: Language) -> dict[str, tuple[str, ...]]:
    """Single words that compounds end with, and their cues."""
    tails: dict[str, tuple[str, ...]] = {}
    for row in read_table("cues"):
        if row["cue"] in _COMPOUND_TAILS:
            for phrase in row[language].split("|"):
                words = split_words(phrase, language)
                if len(words) == 1 and len(words[0].text) >= _MIN_PART + 1:
                    tails[words[0].text] = (*tails.get(words[0].text, ()), row["cue"])
    return tails


def _misspelt(word: str, language: Language) -> tuple[str, str] | None:
    """What a long word in no lexicon was meant to be, one slip away."""
    if len(word) < _MIN_MISSPELT or not word.isalpha():
        return None
    found = process.extractOne(word, _spelt(language).keys(), scorer=DamerauLevenshtein.distance, score_cutoff=1)
    return _spelt(language)[found[0]] if found and found[0][0] == word[0] else None


@cache
def _spelt(language: Language) -> dict[str, tuple[str, str]]:
    """Long single words of the lexicons that people misspell, and what they are."""
    found = {}
    for topic, file, column in _MISSPELT:
        for row in read_table(file):
            for phrase in filter(None, row[language].split("|")):
                words = split_words(phrase, language)
                if len(words) == 1 and len(words[0].text) >= _MIN_MISSPELT:
                    value = f"{row[column]} {row['soft']}".strip() if topic == "joint" else row[column]
                    found[words[0].text] = (topic, value)
    for row in read_table("cues"):
        if row["cue"] == "allergic":
            words_of_cue = (word.text for phrase in row[language].split("|") for word in split_words(phrase, language))
            found.update((word, ("allergic", "")) for word in words_of_cue if word.startswith("aller"))
    return found


def _parts(word: str, language: Language) -> Iterator[tuple[str, str]]:
    if len(word) < _MIN_COMPOUND:
        return
    tails, nouns = _tails(language), _nouns(language)
    for cut in range(_MIN_PART, len(word) - _MIN_PART):
        cues = [cue for form in inflections(word[cut:], language) for cue in tails.get(form, ())]
        if not cues:
            continue
        found = _head(word[:cut], nouns)
        if found:
            yield from found
            yield from ((cue, "") for cue in cues)
            return


def _head(head: str, nouns: PhraseIndex[tuple[str, str]]) -> list[tuple[str, str]]:
    forms = [f"{head}e", *(head.removesuffix(link) for link in _LINKS if head.endswith(link))]
    for form in forms:
        if len(form) >= _MIN_PART and (found := nouns.lookup(form)):
            return [value for value in found if value[0] in {"joint", "food"}]
    return []
