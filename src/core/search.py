"""Finding a thing by what a person types: names and aliases, half words, swapped letters, words in any order."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Generic, Protocol, TypeVar
from uuid import UUID

from cachetools import LRUCache
from rapidfuzz.distance import OSA

REMEMBERED_QUERIES = 2048
# More words than anybody types to find a thing; each is compared with every known word.
MOST_WORDS = 8
# The library has some thousands of words in some ten thousands of characters. The database lets one person have 20,000
# aliases of their own, and while they are read and compared everybody else waits: names are found in any case, aliases
# as far as this goes, and slips are forgiven where there are not too many words to slip on.
MOST_ALIAS_CHARACTERS = 100_000
MOST_WORDS_TO_SLIP_ON = 10_000
_WHOLE, _PREFIX, _ALIAS, _IN_ANY_ORDER = 1.0, 0.9, 0.98, 0.99


def words_of(text: str) -> list[str]:
    """Lower-case words without accents or punctuation: `Pull-Up` and `pull up` are the same."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (" " if not char.isalnum() else char for char in plain if not unicodedata.combining(char))
    return "".join(kept).split()


class SearchIndex:
    """Ranks things by how well one of their phrases (a name first, then aliases) matches a query.

    A word of the query matches a word of a phrase when it is the same, its beginning, or a slip away (one edit from
    four letters on, two from seven; a swap of neighbours is one edit). Every word of the query must match. What is
    written apart in one and together in the other (`pullup`, `pull up`) matches as a whole.
    """

    def __init__(self, things: Iterable[Sequence[str]]) -> None:
        self._phrases: list[tuple[int, float, list[str]]] = []
        self._by_word: dict[str, set[int]] = defaultdict(set)
        self._by_joined: dict[str, set[int]] = defaultdict(set)
        self._ranked: LRUCache[tuple[str, ...], dict[int, float]] = LRUCache(REMEMBERED_QUERIES)
        phrases = list(things)
        for thing, (name, *_) in enumerate(phrases):
            self._add(thing, _WHOLE, words_of(name))
        room = MOST_ALIAS_CHARACTERS
        for thing, (_, *aliases) in enumerate(phrases):
            for alias in aliases:
                room -= len(alias)
                if room >= 0:
                    self._add(thing, _ALIAS, words_of(alias))

    def rank(self, query: str) -> dict[int, float]:
        """Scores (0…1) of the things that match, by their position; whoever matches better has more."""
        words = tuple(words_of(query)[:MOST_WORDS])
        if words not in self._ranked:
            self._ranked[words] = self._rank(words) if words else {}
        return self._ranked[words]

    def _add(self, thing: int, weight: float, words: list[str]) -> None:
        number = len(self._phrases)
        self._phrases.append((thing, weight, words))
        for word in words:
            self._by_word[word].add(number)
        self._by_joined["".join(words)].add(number)

    def _rank(self, query: tuple[str, ...]) -> dict[int, float]:
        scores: dict[int, float] = defaultdict(float)
        matches = [_similar(word, self._by_word) for word in query]
        for number in self._candidates(matches):
            thing, weight, words = self._phrases[number]
            scores[thing] = max(scores[thing], weight * _phrase_score(words, matches))
        # As one word: slips that cross a word's border, and whatever is written together here and apart there.
        for joined, similarity in _similar("".join(query), self._by_joined).items():
            for number in self._by_joined[joined]:
                thing, weight, _ = self._phrases[number]
                scores[thing] = max(scores[thing], weight * similarity)
        return dict(scores)

    def _candidates(self, matches: list[dict[str, float]]) -> set[int]:
        """The phrases in which every word of the query matches some word."""
        return set.intersection(*(set().union(*(self._by_word[word] for word in match)) for match in matches))


def _phrase_score(words: list[str], matches: list[dict[str, float]]) -> float:
    """How well the query's words match, and how much of the phrase they are: `squat` is Squat before Hack Squat."""
    found = sum(max(match.get(word, 0.0) for word in words) for match in matches) / len(matches)
    covered = min(1.0, len(matches) / len(words))
    return _IN_ANY_ORDER * found * (0.8 + 0.2 * covered)


def _similar(word: str, known: Collection[str]) -> dict[str, float]:
    """The known words that `word` may mean, with how likely (0…1)."""
    alike = {other: _PREFIX + 0.09 * len(word) / len(other) for other in _begun_with(word, known)}
    if word in known:
        alike[word] = _WHOLE
    slips = 0 if len(word) < 4 else 1 if len(word) < 7 else 2
    if slips and len(known) <= MOST_WORDS_TO_SLIP_ON:
        slipped = ((other, _slipped(word, other, slips)) for other in known if other not in alike)
        alike |= {other: likeness for other, likeness in slipped if likeness > 0}
    return alike


def _begun_with(word: str, known: Iterable[str]) -> list[str]:
    return [other for other in known if other.startswith(word)] if len(word) > 1 else []


def _slipped(word: str, other: str, slips: int) -> float:
    distance = OSA.distance(word, other, score_cutoff=slips)
    if distance <= slips:
        return 0.85 * (1 - distance / max(len(word), len(other)))
    # The last word is often half typed and mistyped at once: "benhc pres" has both.
    if len(other) > len(word):
        distance = OSA.distance(word, other[: len(word)], score_cutoff=slips)
        if distance <= slips:
            return 0.7 * (1 - distance / len(word))
    return 0.0


class Named(Protocol):
    """Something that is found by its name."""

    @property
    def id(self) -> UUID: ...

    @property
    def name(self) -> str: ...


Thing = TypeVar("Thing", bound=Named)


class Catalogue(Generic[Thing]):
    """Things that can be searched by their phrases, a name first. Immutable, so that one copy serves everybody."""

    def __init__(self, things: Iterable[Thing], phrases: Callable[[Thing], Sequence[str]]) -> None:
        self.things = tuple(things)
        self.ids = frozenset(thing.id for thing in self.things)
        self._phrases = phrases

    @cached_property
    def _index(self) -> SearchIndex:
        # Not before somebody searches: one person's own things are read for every list of theirs.
        return SearchIndex(self._phrases(thing) for thing in self.things)

    def ranked(self, q: str | None) -> Iterator[tuple[float, Thing]]:
        """Every thing with the score 0 or, with a query, those that match it with theirs."""
        if q is None:
            yield from ((0.0, thing) for thing in self.things)
        else:
            yield from ((score, self.things[position]) for position, score in self._index.rank(q).items())


def by_name(thing: Named) -> tuple[str, str]:
    """Sorts by name, ties by id."""
    return thing.name.casefold(), str(thing.id)


def best_first(scored: Iterable[tuple[float, Thing]]) -> list[Thing]:
    """The best match first; of equal ones the shorter name, which has less beside what was asked for."""
    return [thing for _, thing in sorted(scored, key=lambda one: (-one[0], len(one[1].name), *by_name(one[1])))]
