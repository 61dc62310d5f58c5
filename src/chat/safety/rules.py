"""The first stage: signs of each concern, made of the vocabularies in rules/, and guards against what only looks so."""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict

from src.chat.safety.words import Span, Text, compile_entries, plain, spell
from src.language.language import Language
from src.vocabulary import Concern

_RULES: Final = Path(__file__).parent / "rules"
_MAX_PLACES: Final = 6  # of one vocabulary in one message; more would only repeat
_NEGATED_WITHIN: Final = 3
_TELLING: Final = ("general", "fiction", "past", "now", "settled", "cured", "but")
# Told of somebody else, these are worry or history: nobody is in danger now.
_OF_THE_PERSON: Final = frozenset({Concern.EATING_DISORDER, Concern.OVERTRAINING_FEVER})


class Sign(BaseModel):
    """One way to say something that needs care. rules/en.toml says what each field means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    concern: Concern
    needs: tuple[str, ...]
    unless: tuple[str, ...] = ()
    within: int = 12
    soft: bool = False
    certain: bool = True


class _Signs(BaseModel):
    model_config = ConfigDict(extra="forbid")

    deniable: frozenset[str]
    signs: tuple[Sign, ...]


class _Vocabularies(BaseModel):
    model_config = ConfigDict(extra="forbid")

    words: dict[str, tuple[str, ...]]
    guards: dict[str, tuple[str, ...]]
    spellings: dict[str, str]


@dataclass(frozen=True)
class Rules:
    """The rules of one language."""

    words: Mapping[str, re.Pattern[str]]
    guards: Mapping[str, re.Pattern[str]]
    spellings: Mapping[str, str]
    signs: Sequence[Sign]
    deniable: frozenset[str]


@dataclass(frozen=True)
class Found:
    """A sign in a message. `doubtful`: a question is due; `excused`: a guard explains it away."""

    concern: Concern
    doubtful: bool
    excused: bool


@cache
def load_rules(language: Language) -> Rules:
    """Reads rules/<language>.toml."""
    document = _Vocabularies.model_validate(_read(language.value))
    signs = _Signs.model_validate(_read("signs"))
    words = document.words | _with_english(document.words, {name for sign in signs.signs for name in sign.unless})
    spellings = {plain(typed): plain(meant) for typed, meant in document.spellings.items()}
    return Rules(
        {name: compile_entries(entries, words, spellings) for name, entries in words.items()},
        {name: compile_entries(entries, words, spellings) for name, entries in document.guards.items()},
        spellings,
        signs.signs,
        signs.deniable,
    )


def _with_english(words: Mapping[str, tuple[str, ...]], names: set[str]) -> dict[str, tuple[str, ...]]:
    """The words of the gym are English everywhere: what explains a sign away is also said so."""
    english = _Vocabularies.model_validate(_read(Language.EN.value)).words
    return {name: words[name] + english[name] for name in names}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_RULES / f"{name}.toml").read_text())


def find_signs(text: Text, language: Language) -> list[Found]:
    """Every sign that a language's rules find in a text."""
    reading = _Reading(text, load_rules(language))
    return [found for sign in reading.rules.signs for found in reading.find(sign)]


def is_guarded(text: Text, language: Language) -> bool:
    """Whether it speaks of the past, of a story or in general: similar sentences say nothing about it then."""
    reading = _Reading(text, load_rules(language))
    return any(reading.is_told(sentence) for sentence in reading.sentences())


class _Reading:
    """One text, read with the rules of one language."""

    def __init__(self, text: Text, rules: Rules) -> None:
        self.rules = rules
        self._text = Text(spell(text.folded, rules.spellings))
        self._places: dict[str, list[Span]] = {}
        self._guarded: dict[str, list[Span]] = {}

    def find(self, sign: Sign) -> Iterator[Found]:
        """A sign wherever its vocabularies stand close together and nothing denies them."""
        needed = []
        for name in sign.needs:
            needed.append(self._all(name))
            if not needed[-1]:
                return
        for spans in product(*needed):
            first, last = min(span.first for span in spans), max(span.last for span in spans)
            if last - first > sign.within or not self._one_thought(first, last):
                continue
            sentences = {self._text.sentence(first), self._text.sentence(last)}
            if any(self._places_in(name, sentences) for name in sign.unless):
                yield Found(sign.concern, doubtful=True, excused=True)
            else:
                yield self._judge(sign, spans, sentences)

    def sentences(self) -> set[int]:
        """The sentences in which a guard says something."""
        return {self._text.sentence(span.first) for name in self.rules.guards for span in self._guards(name)}

    def is_told(self, sentence: int) -> bool:
        """Whether a sentence is of the past, of a story, or a question of knowledge."""
        said = {guard for guard in _TELLING if self._says(guard, {sentence})}
        is_past = "past" in said and ("now" not in said or "settled" in said)
        is_cured = "cured" in said and "but" not in said
        return bool(said & {"general", "fiction"}) or is_past or is_cured

    def _judge(self, sign: Sign, spans: Sequence[Span], sentences: set[int]) -> Found:
        told = any(self.is_told(sentence) for sentence in sentences)
        # Who once tried to die is asked how it is now, also long after.
        survived = told and sign.concern is Concern.SELF_HARM and self._is_survived(sentences)
        excused = self._is_denied(sign, spans) or (told and not survived)
        doubtful = survived or not sign.certain
        recent = self._says("recent", sentences) and not self._says("now", sentences)
        if self._says("other", sentences):
            # "My friend says I starve myself" is of the person; "my kid has a fever, so I rest" is not.
            signs = [span.first for name, span in zip(sign.needs, spans, strict=True) if name in self.rules.deniable]
            first = min(signs, default=spans[0].first)
            of_the_person = any(span.first < first for span in self._guards("self"))
            is_past = self._says("other_past", sentences) and not self._says("now", sentences)
            is_history = recent or is_past or self._says("settled", sentences)
            of_another = sign.concern in _OF_THE_PERSON
            excused = excused or ((is_history or of_another) and not of_the_person)
            doubtful = doubtful or of_another
        if sign.concern is Concern.OVERTRAINING_FEVER:
            excused = excused or self._says("recent", sentences)
        laughing = self._says("laugh", sentences)
        if sign.soft:
            excused = excused or laughing or bool(self._places_in("workout_joke", sentences))
        return Found(sign.concern, doubtful or laughing, excused)

    def _is_survived(self, sentences: set[int]) -> bool:
        explained = any(self._says(guard, sentences) for guard in ("general", "fiction", "settled", "other"))
        return self._says("attempt", sentences) and not explained

    def _is_denied(self, sign: Sign, spans: Sequence[Span]) -> bool:
        deniable = [span for name, span in zip(sign.needs, spans, strict=True) if name in self.rules.deniable]
        return any(
            0 < span.first - negation.last <= _NEGATED_WITHIN
            # "I cannot stand milk, my eyes swell": the comma ends what is denied.
            and not self._text.has_comma_after(negation.last)
            and self._text.sentence(negation.last) == self._text.sentence(span.first)
            # "Cannot feel" is what is felt, not a denial of the rest.
            and not any(_covers(other, negation) for other in (*spans, *self._guards("no_denial")))
            for span in deniable
            for negation in self._guards("negation")
        )

    def _one_thought(self, first: int, last: int) -> bool:
        return self._text.sentence(last) - self._text.sentence(first) <= 1

    def _places_in(self, name: str, sentences: set[int]) -> bool:
        return any(self._text.sentence(span.first) in sentences for span in self._all(name))

    def _says(self, guard: str, sentences: set[int]) -> bool:
        return any(self._text.sentence(span.first) in sentences for span in self._guards(guard))

    def _all(self, name: str) -> list[Span]:
        if name not in self._places:
            self._places[name] = list(self._text.find(self.rules.words[name]))[:_MAX_PLACES]
        return self._places[name]

    def _guards(self, name: str) -> list[Span]:
        if name not in self._guarded:
            self._guarded[name] = list(self._text.find(self.rules.guards[name]))
        return self._guarded[name]


def _covers(outer: Span, inner: Span) -> bool:
    return outer.first <= inner.first and inner.last <= outer.last
