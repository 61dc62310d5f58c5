"""Whether a new statement takes the place of an old one, by rules: for the companion without a model.

Two statements contradict each other when they are about the same and say another value: another fact of the same field,
another number, the opposite, another of several that exclude each other (morning and evening), or another name for what
there is one of. What is not clearly so is no contradiction: keeping both harms less than losing one.

Statements are compared by what their words are, so that it does not matter in which language each was said.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from uuid import UUID

from src.language.annotation import Annotated, annotate
from src.language.language import Language, detect_language
from src.language.lexicon import read_table
from src.language.phrases import PhraseIndex, inflections
from src.memories.facts import Fact
from src.memories.learning.frames.numbers import NUMBER_WORDS
from src.memories.learning.reading import find_all, read_sentences
from src.memories.schemas import MatchedMemory
from src.vocabulary import FactField, FactOp, MemoryKind

# From here on, statements that share so many of their words are about the same.
_SAME_SUBJECT: Final = 0.5
_SAME_SENTENCE: Final = 0.75
# Where words are two things, the later counts: running is an exercise first.
_THINGS: Final = ("athlete", "sport", "level", "diet", "equipment", "injury", "joint", "food", "exercise")
# Words that say how it is meant, not what it is about.
_TONE: Final = frozenset({"like", "dislike", "eats_not", "not", "ended", "again", "used_to", "stop", "change", "hedge"})
# Of these a person has one; the words behind them are the value.
_ONE_OF: Final = ("name", "live", "moved", "work_as", "weigh", "tall", "age_old")
_FORMS: Final = {"moved": "live"}
_MIN_STEM: Final = 3
_NUMBERLESS: Final = frozenset({"one", "ein", "eine", "un", "una", "en", "ei", "et"})


@dataclass(frozen=True)
class _Statement:
    """What the rules look at."""

    text: str
    kind: MemoryKind
    concepts: tuple[str, ...]  # what it is about, in the order of its words
    choices: frozenset[tuple[str, str]]
    numbers: tuple[str, ...]
    facts: tuple[Fact, ...]
    cues: frozenset[str]
    negated: bool
    taste: int  # 1 liked, -1 disliked, 0 neither

    @property
    def subject(self) -> frozenset[str]:
        """What it is about."""
        return frozenset(self.concepts)


def find_contradicted(content: str, kind: MemoryKind, memories: Sequence[MatchedMemory]) -> UUID | None:
    """The id of the active memory that a new statement replaces, if there is one."""
    new = _read(content, kind)
    found: list[tuple[float, UUID]] = []
    for memory in memories:
        old = _read(memory.content, memory.kind)
        if new.text.casefold() != old.text.casefold() and any(rule(new, old) for rule in _RULES):
            found.append((_overlap(new.subject, old.subject), memory.id))
    return max(found)[1] if found else None


def retracted(content: str, kind: MemoryKind, old: MatchedMemory) -> tuple[Fact, ...]:
    """What a new liking takes back of a dislike: "I love lunges" ends that lunges are left out."""
    new = _read(content, kind)
    if new.taste <= 0:
        return ()
    return tuple(
        fact.model_copy(update={"op": FactOp.REMOVE})
        for fact in _read(old.content, old.kind).facts
        if fact.field in {FactField.DISLIKES, FactField.EXCLUDED_EXERCISES} and fact.op is FactOp.ADD
    )


@lru_cache(maxsize=4096)
def _read(text: str, kind: MemoryKind) -> _Statement:
    language = detect_language(text)
    annotated = annotate(text.strip().rstrip(".!"), language)
    cues = frozenset(hit.topic for hit in annotated.hits)
    concepts = _concepts(annotated)
    negated = bool(cues & {"not", "ended", "used_to"})
    liked = 1 if "like" in cues or "prefer" in cues else 0
    taste = -1 if "dislike" in cues else -liked if negated else liked
    if "dislike" in cues and cues & {"ended", "used_to"} and not _denies_liking(annotated):
        taste = 1
    return _Statement(
        text=annotated.text,
        kind=kind,
        concepts=concepts,
        choices=_choices(annotated),
        numbers=_numbers(annotated),
        facts=_facts(text, language),
        cues=cues,
        negated=negated,
        taste=taste,
    )


def _denies_liking(annotated: Annotated) -> bool:
    """ "do not like" is a dislike by its "not": that it is "not any more" ends the liking."""
    dislikes = [hit for hit in annotated.hits if hit.topic == "dislike"]
    return any(
        hit.topic == "like" and any(hit.start < one.end and one.start < hit.end for one in dislikes)
        for hit in annotated.hits
    )


def _facts(text: str, language: Language) -> tuple[Fact, ...]:
    return tuple(
        fact
        for sentence in read_sentences(text, language)
        for judged in sentence.clauses
        for finding in find_all(judged, [other for other in sentence.clauses if other is not judged])
        for fact in finding.facts
    )


def _concepts(annotated: Annotated) -> tuple[str, ...]:
    things = {hit.start: hit for topic in _THINGS for hit in annotated.hits if hit.topic == topic}
    tone = {at for hit in annotated.hits if hit.topic in _TONE for at in range(hit.start, hit.end)}
    found: list[str] = []
    covered = 0
    for position, word in enumerate(annotated.words):
        if position in things:
            covered = things[position].end
            found.append(f"{things[position].topic}:{things[position].value}")
        elif position >= covered and position not in tone and word.text.isalpha() and word.text not in NUMBER_WORDS:
            found.append(_stem(word.text, annotated.language))
    return tuple(found)


def _stem(word: str, language: Language) -> str:
    """The shortest form that the word may be one of."""
    return min((form for form in inflections(word, language) if len(form) > _MIN_STEM), key=len, default=word)


def _numbers(annotated: Annotated) -> tuple[str, ...]:
    return tuple(
        word.text.replace(",", ".") if word.text[0].isdigit() else str(NUMBER_WORDS[word.text])
        for word in annotated.words
        if word.text[0].isdigit() or (word.text in NUMBER_WORDS and word.text not in _NUMBERLESS)
    ) + tuple(
        str(times) for word, times in (("once", 1), ("twice", 2)) if any(word == one.text for one in annotated.words)
    )


def _choices(annotated: Annotated) -> frozenset[tuple[str, str]]:
    return frozenset(match.value for match in _choice_index(annotated.language).find(annotated.words))


@lru_cache(maxsize=len(Language))
def _choice_index(language: Language) -> PhraseIndex[tuple[str, str]]:
    index: PhraseIndex[tuple[str, str]] = PhraseIndex(language, inflected=False)
    for row in read_table("choices"):
        for phrase in row[language].split("|"):
            index.add(phrase, (row["group"], row["is"]))
    return index


def _fact_changed(new: _Statement, old: _Statement) -> bool:
    return any(_is_against(ours, theirs) for ours in new.facts for theirs in old.facts if ours.field == theirs.field)


def _is_against(new: Fact, old: Fact) -> bool:
    if new.field is FactField.GOALS or old.op is FactOp.REMOVE:
        return False
    if new.op is FactOp.SET:
        return new.value != old.value
    if new.field is FactField.INJURIES:
        same_joint = getattr(new.value, "joint", None) == getattr(old.value, "joint", None)
        sides = {getattr(new.value, "side", None), getattr(old.value, "side", None)} - {None}
        return new.op is FactOp.REMOVE and same_joint and len(sides) < 2
    return new.op is FactOp.REMOVE and new.value == old.value


def _number_changed(new: _Statement, old: _Statement) -> bool:
    if not (new.numbers and old.numbers) or new.numbers == old.numbers or new.negated != old.negated:
        return False
    # Two things that were done are two things, whatever their numbers.
    done = "done" in new.cues or "done" in old.cues
    return not done and len(new.numbers) == len(old.numbers) and _overlap(new.subject, old.subject) >= _SAME_SENTENCE


def _taste_changed(new: _Statement, old: _Statement) -> bool:
    """The opposite taste of the same or of more: hating to run in the rain leaves it that one loves to run."""
    if not new.taste or not old.taste or new.taste == old.taste or not new.subject:
        return False
    return new.subject <= old.subject and new.choices <= old.choices


def _denied(new: _Statement, old: _Statement) -> bool:
    # "I stopped running" takes back "I run every day"; "I do not run in the evening" takes back nothing of it.
    if new.taste or old.taste or new.negated == old.negated or not new.subject or _has_body(new):
        return False
    affirmed, denied = (old, new) if new.negated else (new, old)
    return denied.subject <= affirmed.subject or (affirmed is new and affirmed.subject == denied.subject)


def _goal_given_up(new: _Statement, old: _Statement) -> bool:
    return old.kind is MemoryKind.GOAL and new.negated and bool(new.subject) and new.subject <= old.subject


def _has_body(statement: _Statement) -> bool:
    return any(concept.startswith(("joint:", "injury:")) for concept in statement.concepts)


def _choice_changed(new: _Statement, old: _Statement) -> bool:
    for group in {group for group, _ in new.choices}:
        ours = {value for name, value in new.choices if name == group}
        theirs = {value for name, value in old.choices if name == group}
        changed = "change" in new.cues
        if len(ours) != 1 or not theirs or (group == "weekday" and len(theirs) != 1):
            continue
        if new.negated != old.negated or (ours <= theirs and not (changed and len(theirs) > 1)):
            continue
        rest_new, rest_old = _without_choices(new), _without_choices(old)
        alike = _overlap(rest_new, rest_old) >= _SAME_SUBJECT if rest_new or rest_old else True
        if alike or (changed and bool(rest_new & rest_old or not rest_new)):
            return True
    return False


def _without_choices(statement: _Statement) -> frozenset[str]:
    said = {word for language in Language for word in _choice_words(language)}
    return frozenset(concept for concept in statement.concepts if concept not in said)


@lru_cache(maxsize=len(Language))
def _choice_words(language: Language) -> frozenset[str]:
    words = {word for row in read_table("choices") for phrase in row[language].split("|") for word in phrase.split()}
    return frozenset({_stem(word, language) for word in words} | words)


def _comparison_reversed(new: _Statement, old: _Statement) -> bool:
    both = "compare" in new.cues and "compare" in old.cues
    return bool(
        both and new.taste and new.taste == old.taste and new.subject == old.subject and new.concepts != old.concepts
    )


def _single_value_changed(new: _Statement, old: _Statement) -> bool:
    ours = {_FORMS.get(cue, cue) for cue in new.cues if cue in _ONE_OF}
    theirs = {_FORMS.get(cue, cue) for cue in old.cues if cue in _ONE_OF}
    if "name" in ours & theirs:
        return new.subject != old.subject and len(new.concepts) <= 3 and len(old.concepts) <= 3
    if "favourite" in _favourites(new) & _favourites(old):
        return _overlap(new.subject, old.subject) > 0 and new.subject != old.subject and new.taste == old.taste == 1
    return False


def _favourites(statement: _Statement) -> set[str]:
    text = statement.text.casefold()
    return (
        {"favourite"}
        if any(word in text for word in ("favorit", "favourite", "favorite", "liebling", "yndling"))
        else set()
    )


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one or other else 0.0


_RULES: Final[tuple[Callable[[_Statement, _Statement], bool], ...]] = (
    _fact_changed,
    _number_changed,
    _taste_changed,
    _denied,
    _goal_given_up,
    _choice_changed,
    _comparison_reversed,
    _single_value_changed,
)
