"""Finding an item by what a person types: names and aliases, half words, swapped letters, words in any order."""

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from cachetools import LRUCache
from rapidfuzz.distance import OSA

from src.core.sorting import Sort

REMEMBERED_QUERIES = 2048
# More words than anybody types to find an item; each is compared with every known word.
MAX_WORDS = 8
# A library has some thousands of words in some ten thousands of characters, but the database lets one person have
# 20,000 aliases of their own, and everybody else waits while they are read and compared. Names are always found;
# aliases up to this many characters; and typos are forgiven up to this many words.
MAX_ALIAS_CHARACTERS = 100_000
MAX_WORDS_FOR_TYPOS = 10_000
_WHOLE, _PREFIX, _ALIAS, _IN_ANY_ORDER = 1.0, 0.9, 0.98, 0.99


def split_words(text: str) -> list[str]:
    """Lower-case words without accents or punctuation: `Pull-Up` and `pull up` are the same."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = (" " if not char.isalnum() else char for char in plain if not unicodedata.combining(char))
    return "".join(kept).split()


class PhraseIndex:
    """Ranks items by how well one of their phrases (a name first, then aliases) matches a query.

    A word of the query matches a word of a phrase when it is the same, its beginning, or a typo away (one edit from
    four letters on, two from seven; a swap of neighbours is one edit). Every word of the query must match. What is
    written apart in one and together in the other (`pullup`, `pull up`) matches as a whole.
    """

    def __init__(self, items: Iterable[Sequence[str]]) -> None:
        self._phrases: list[tuple[int, float, list[str]]] = []
        self._by_word: dict[str, set[int]] = defaultdict(set)
        self._by_joined: dict[str, set[int]] = defaultdict(set)
        self._ranked: LRUCache[tuple[str, ...], dict[int, float]] = LRUCache(REMEMBERED_QUERIES)
        phrases = list(items)
        for item, (name, *_) in enumerate(phrases):
            self._add(item, _WHOLE, split_words(name))
        room = MAX_ALIAS_CHARACTERS
        for item, (_, *aliases) in enumerate(phrases):
            for alias in aliases:
                room -= len(alias)
                if room >= 0:
                    self._add(item, _ALIAS, split_words(alias))

    def rank(self, query: str) -> dict[int, float]:
        """Scores (0 to 1, the best match highest) of the items that match, by position."""
        words = tuple(split_words(query)[:MAX_WORDS])
        if words not in self._ranked:
            self._ranked[words] = self._rank(words) if words else {}
        return self._ranked[words]

    def _add(self, item: int, weight: float, words: list[str]) -> None:
        number = len(self._phrases)
        self._phrases.append((item, weight, words))
        for word in words:
            self._by_word[word].add(number)
        self._by_joined["".join(words)].add(number)

    def _rank(self, query: tuple[str, ...]) -> dict[int, float]:
        scores: dict[int, float] = defaultdict(float)
        matches = [_similar(word, self._by_word) for word in query]
        for number in self._candidates(matches):
            item, weight, words = self._phrases[number]
            scores[item] = max(scores[item], weight * _phrase_score(words, matches))
        # As one word: typos that cross a word's border, and whatever is written together here and apart there.
        for joined, similarity in _similar("".join(query), self._by_joined).items():
            for number in self._by_joined[joined]:
                item, weight, _ = self._phrases[number]
                scores[item] = max(scores[item], weight * similarity)
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
    max_distance = 0 if len(word) < 4 else 1 if len(word) < 7 else 2
    if max_distance and len(known) <= MAX_WORDS_FOR_TYPOS:
        typos = ((other, _typo_score(word, other, max_distance)) for other in known if other not in alike)
        alike |= {other: likeness for other, likeness in typos if likeness > 0}
    return alike


def _begun_with(word: str, known: Iterable[str]) -> list[str]:
    return [other for other in known if other.startswith(word)] if len(word) > 1 else []


def _typo_score(word: str, other: str, max_distance: int) -> float:
    distance = OSA.distance(word, other, score_cutoff=max_distance)
    if distance <= max_distance:
        return 0.85 * (1 - distance / max(len(word), len(other)))
    # The last word is often half typed and mistyped at once: "benhc pres" has both.
    if len(other) > len(word):
        distance = OSA.distance(word, other[: len(word)], score_cutoff=max_distance)
        if distance <= max_distance:
            return 0.7 * (1 - distance / len(word))
    return 0.0


class Named(Protocol):
    """Something that is found by its name."""

    @property
    def id(self) -> UUID: ...

    @property
    def name(self) -> str: ...


ItemT = TypeVar("ItemT", bound=Named)


class SearchIndex(Generic[ItemT]):
    """Items that can be searched by their phrases, a name first. Immutable, so that one copy serves everybody."""

    def __init__(self, items: Iterable[ItemT], phrases: Callable[[ItemT], Sequence[str]]) -> None:
        self.items = tuple(items)
        self.ids = frozenset(item.id for item in self.items)
        self._phrases = phrases

    @cached_property
    def _index(self) -> PhraseIndex:
        # Not before somebody searches: a person's own items are read for every list of theirs.
        return PhraseIndex(self._phrases(item) for item in self.items)

    def ranked(self, q: str | None) -> Iterator[tuple[float, ItemT]]:
        """The items that match `q` with their scores; without `q`, all items with the score 0."""
        if q is None:
            yield from ((0.0, item) for item in self.items)
        else:
            yield from ((score, self.items[position]) for position, score in self._index.rank(q).items())


def by_name(item: Named) -> tuple[str, str]:
    """Sorts by name, ties by id."""
    return item.name.casefold(), str(item.id)


def rank_best(scored: Iterable[tuple[float, ItemT]]) -> list[tuple[float, ItemT]]:
    """Sorts by score, the best first; of equal ones the shorter name, which holds less besides the query."""
    return sorted(scored, key=lambda hit: (-hit[0], len(hit[1].name), *by_name(hit[1])))


def find(
    indexes: Iterable[SearchIndex[ItemT]],
    q: str | None,
    is_wanted: Callable[[ItemT], bool],
    sort: Sort | None,
    orders: Mapping[str, Callable[[ItemT], Any]],
) -> list[ItemT]:
    """The wanted items that match: the best match first, or as sorted; by name where neither is said.

    `orders`: what each column of `sort` sorts by.
    """
    hits = [(score, item) for index in indexes for score, item in index.ranked(q) if is_wanted(item)]
    if q is not None and sort is None:
        return [item for _, item in rank_best(hits)]
    order = by_name if sort is None else orders[sort.column]
    return sorted((item for _, item in hits), key=order, reverse=sort is not None and sort.is_descending)
