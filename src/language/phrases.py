"""Finds the phrases of a lexicon in a text: whole words, their inflections, and phrases with a gap."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

from src.language.language import Language
from src.language.text import fold

T = TypeVar("T")

_WORD: Final = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_]+(?:['\u2019`][^\W\d_]+)*|[&%]|\*|\.\.")
# "don't" and "dont" are "do not", so that no lexicon has to have both.
_CONTRACTIONS: Final = {
    **{f"{verb}nt": f"{verb} not" for verb in ("do", "does", "did", "is", "are", "was", "were", "have", "has", "had")},
    **{f"{verb}nt": f"{verb} not" for verb in ("could", "should", "would", "must", "need")},
    "cant": "can not", "cannot": "can not", "wont": "will not", "aint": "am not", "im": "i am", "ive": "i have",
    "thats": "that is", "its": "it is", "whats": "what is", "youre": "you are", "theyre": "they are", "weve": "we have",
    "gonna": "going to", "wanna": "want to", "hes": "he is", "shes": "she is", "theres": "there is",
}  # fmt: skip
# How people write whole words when they write as they speak.
_SHORTENED: Final = {
    Language.EN: {"pls": "please", "plz": "please", "bc": "because", "coz": "because", "u": "you", "ur": "your"},
    Language.DE: {
        "nich": "nicht", "ned": "nicht", "net": "nicht", "ne": "eine", "nen": "einen", "nem": "einem", "ner": "einer",
        "ess": "esse", "nehm": "nehme", "krieg": "kriege", "hab": "habe", "find": "finde", "wieg": "wiege",
        "eig": "eigentlich", "ernaehr": "ernaehre", "trainier": "trainiere", "schaff": "schaffe", "wohn": "wohne",
        "jobb": "jobbe", "bring": "bringe", "vertrag": "vertrage", "leb": "lebe", "steh": "stehe",
        "brauch": "brauche", "vermeid": "vermeide", "reagier": "reagiere", "moecht": "moechte", "wuerd": "wuerde",
        "waer": "waere", "haett": "haette", "werd": "werde", "nutz": "nutze",
        "schluck": "schlucke", "spritz": "spritze",
    },
    Language.ES: {"q": "que", "k": "que", "xq": "porque", "pq": "porque", "tb": "tambien", "tmb": "tambien"},
    Language.NB: {"ikkje": "ikke", "itj": "ikke", "ekke": "ikke", "eg": "jeg", "æ": "jeg", "eter": "spiser"},
}  # fmt: skip
_PARTS: Final = {"m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would", "s": "is"}
_ENDINGS: Final = {
    Language.EN: ("s", "es"),
    Language.DE: ("n", "en", "e", "er", "s", "es"),
    Language.ES: ("s", "es"),
    Language.NB: ("en", "et", "a", "er", "ene", "e", "ne", "r", "n", "t", "s"),
}
# Letters that tell words apart ("wurde" and "würde", "far" and "får"), as those write them whose keyboard lacks them.
_LETTERS: Final = {
    Language.DE: str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"}),
    Language.NB: str.maketrans({"ä": "ae", "ö": "oe", "ø": "oe", "å": "aa"}),
}
# Spanish words that only their accent tells apart.
_ACCENTED: Final = {"sí": "siyes", "qué": "quewhat", "cómo": "comohow", "él": "elhe", "té": "tetea", "mí": "mime"}
# In German an umlaut may be a plural: `Nüsse` is `Nuss`.
_PLURALS: Final = {Language.DE: (("ue", "u"), ("oe", "o"), ("ae", "a"))}
_MIN_STEM: Final = 3
_MAX_GAP: Final = 4


@dataclass(frozen=True, slots=True)
class Word:
    """A folded word and where it stands in the text."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A phrase that was found: from which word on, before which, and what it stands for."""

    value: T
    start: int
    end: int


@dataclass(slots=True)
class _Node(Generic[T]):
    words: "dict[str, _Node[T]]" = field(default_factory=dict)
    prefixes: "dict[str, _Node[T]]" = field(default_factory=dict)
    gap: "_Node[T] | None" = None
    values: list[T] = field(default_factory=list)


def split_words(text: str, language: Language) -> list[Word]:
    """The words of a text, folded. English contractions are taken apart: both words stand where the one does."""
    found = []
    for match in _WORD.finditer(text):
        plain = _folded(match[0], language)
        parts = _take_apart(plain) if language is Language.EN else [plain.replace("'", "")]
        parts = [_SHORTENED[language].get(part, part) for part in parts]
        found += [Word(part, match.start(), match.end()) for part in parts]
    return found


def _folded(word: str, language: Language) -> str:
    lowered = word.casefold()
    if language is Language.ES and lowered in _ACCENTED:
        return _ACCENTED[lowered]
    return fold(lowered.translate(_LETTERS.get(language, {}))).replace("`", "'")


def _singulars(word: str, language: Language) -> list[str]:
    other = word
    for written, meant in _PLURALS.get(language, ()):
        other = other.replace(written, meant)
    return [word] if other == word else [word, other]


def inflections(word: str, language: Language) -> list[str]:
    """What the word may be a form of: itself, and itself without an ending."""
    if language is Language.NB and word.endswith("a") and len(word) > _MIN_STEM:
        return [*_stems(word, language), f"{word[:-1]}e"]  # `tredemølla` is `tredemølle`
    return _stems(word, language)


def _stems(word: str, language: Language) -> list[str]:
    return [
        stem
        for spelling in _singulars(word, language)
        for stem in (
            spelling,
            *(
                spelling[: -len(ending)]
                for ending in _ENDINGS[language]
                if spelling.endswith(ending) and len(spelling) - len(ending) >= (_MIN_STEM if ending != "s" else 2)
            ),
        )
    ]


class PhraseIndex(Generic[T]):
    """Phrases of one language. In a phrase `word*` is any word that begins so, `..` up to four words, and `=word` a
    word without inflections."""

    def __init__(self, language: Language, *, inflected: bool) -> None:
        self._language = language
        self._inflected = inflected
        self._root: _Node[T] = _Node()

    def add(self, phrase: str, value: T) -> None:
        """Adds a phrase and what it stands for."""
        exact = phrase.startswith("=")
        node, words = self._root, [word.text for word in split_words(phrase, self._language)]
        for position, word in enumerate(words):
            if word == "*":
                continue
            if word == "..":
                node.gap = node.gap or _Node()
                node = node.gap
                continue
            is_prefix = position + 1 < len(words) and words[position + 1] == "*"
            children = node.prefixes if is_prefix else node.words
            node = children.setdefault(f"={word}" if exact else word, _Node())
        node.values.append(value)

    def find(self, words: Sequence[Word]) -> list[Match[T]]:
        """All phrases in the words, also within each other; of the same value and start the longest."""
        found: list[Match[T]] = []
        for start in range(len(words)):
            longest: dict[T, int] = {}
            for node, end in self._walk(self._root, words, start):
                for value in node.values:
                    longest[value] = max(end, longest.get(value, 0))
            found += [Match(value, start, end) for value, end in longest.items()]
        return found

    def lookup(self, word: str) -> list[T]:
        """What a single word stands for."""
        return [value for node in self._step(self._root, word) for value in node.values]

    def _walk(self, node: _Node[T], words: Sequence[Word], position: int) -> Iterator[tuple[_Node[T], int]]:
        if position < len(words):
            for child in self._step(node, words[position].text):
                if child.values:
                    yield child, position + 1
                yield from self._walk(child, words, position + 1)
        if node.gap is not None:
            for skipped in range(_MAX_GAP + 1):
                yield from self._walk(node.gap, words, position + skipped)

    def _step(self, node: _Node[T], word: str) -> Iterator[_Node[T]]:
        forms = inflections(word, self._language) if self._inflected else [word]
        for form in dict.fromkeys((*forms, f"={word}")):
            if (child := node.words.get(form)) is not None:
                yield child
        for prefix, child in node.prefixes.items():
            if word.startswith(prefix):
                yield child


def _take_apart(word: str) -> list[str]:
    if "'" not in word:
        return _CONTRACTIONS.get(word, word).split()
    joined = word.replace("'", "")
    if joined in _CONTRACTIONS:
        return _CONTRACTIONS[joined].split()
    head, _, tail = word.rpartition("'")
    return [head, _PARTS.get(tail, tail)] if tail != "t" else [joined]


def longest_only(matches: Iterable[Match[T]]) -> list[Match[T]]:
    """Without those that lie within a longer one: `bench press` is no bench."""
    kept: list[Match[T]] = []
    for match in sorted(matches, key=lambda match: match.start - match.end):
        if not any(
            other.start <= match.start
            and match.end <= other.end
            and (match.start, match.end) != (other.start, other.end)
            for other in kept
        ):
            kept.append(match)
    return sorted(kept, key=lambda match: match.start)
