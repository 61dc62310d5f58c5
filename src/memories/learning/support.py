"""Whether a sentence of the person's says a fact that a model took from it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from src.language.annotation import Hit, annotate, rows_of
from src.language.language import Language
from src.language.text import fold
from src.memories.facts import Fact
from src.memories.learning.reading import Sentence
from src.memories.learning.statements import Statement
from src.vocabulary import FactField, FactOp

_FREE_WORDS: Final = frozenset({FactField.GOALS, FactField.WORK, FactField.RESIDENCE, FactField.MEDICATION})
_NUMBERS: Final = frozenset(
    {
        *(FactField.DAYS_PER_WEEK, FactField.SESSION_MINUTES, FactField.HEIGHT, FactField.BODY_WEIGHT),
        *(FactField.AGE, FactField.DATE_OF_BIRTH),
    }
)
_TOPICS: Final[Mapping[FactField, tuple[str, ...]]] = {
    FactField.DIET: ("diet", "food", "animal_products"),
    FactField.EQUIPMENT: ("equipment", "no_equipment"),
    FactField.EXPERIENCE_LEVEL: ("level",),
    FactField.SPORT: ("sport", "athlete"),
    FactField.PREGNANCY: ("health", "gave_birth"),
    FactField.CONDITIONS: ("health",),
    FactField.WEIGHT_UNIT: ("units_pounds", "units_kilos"),
    FactField.DISTANCE_UNIT: ("units_miles", "units_km"),
}
_MIN_LETTERS: Final = 3


def is_supported(fact: Fact, sentence: Sentence, heard: Sequence[Statement]) -> bool:
    """Whether rules hear the fact too, or at least the words for it and nothing against it."""
    told = [other for statement in heard for other in statement.facts if other.field == fact.field]
    if any(key_of(other) == key_of(fact) for other in told):
        return True
    if any(key_of(other)[2] == key_of(fact)[2] and other.op != fact.op for other in told):
        return False
    hits = [hit for judged in sentence.clauses if judged.is_fact for hit in judged.clause.hits]
    return _IS_SAID.get(fact.field, _has_topic)(fact, hits, sentence)


def key_of(fact: Fact) -> tuple[FactField, FactOp, object]:
    """What makes two facts one: of an injury the joint and its side, of free words nothing more than the field."""
    if fact.field is FactField.INJURIES:
        return fact.field, fact.op, (getattr(fact.value, "joint", None), getattr(fact.value, "side", None))
    return fact.field, fact.op, None if fact.field in _FREE_WORDS else fact.value


def _has_allergen(fact: Fact, hits: Sequence[Hit], _: Sentence) -> bool:
    rows = rows_of("food")
    named = {allergen for hit in hits if hit.topic == "food" for allergen in rows[hit.value]["allergens"].split()}
    return fact.value in named | {hit.value for hit in hits if hit.topic == "health"}


def _has_joint(fact: Fact, hits: Sequence[Hit], _: Sentence) -> bool:
    joints = {hit.value.partition(" ")[0] for hit in hits if hit.topic in {"joint", "injury"}}
    return getattr(fact.value, "joint", None) in joints


def _has_word(fact: Fact, hits: Sequence[Hit], sentence: Sentence) -> bool:
    """The thing by its name in any of the languages, or the word itself."""
    meant = {(hit.topic, hit.value) for hit in annotate(str(fact.value), Language.EN).hits if hit.value}
    return bool(meant & {(hit.topic, hit.value) for hit in hits}) or _has_text(fact, hits, sentence)


def _has_text(fact: Fact, _: Sequence[Hit], sentence: Sentence) -> bool:
    said = fold(sentence.annotated.text)
    return any(word in said for word in fold(str(fact.value)).split() if len(word) >= _MIN_LETTERS)


def _has_number(_: Fact, __: Sequence[Hit], sentence: Sentence) -> bool:
    return any(character.isdigit() for character in sentence.annotated.text) or sentence.has("per_week")


def _has_topic(fact: Fact, hits: Sequence[Hit], _: Sentence) -> bool:
    topics = _TOPICS.get(fact.field, ())
    return any(hit.topic in topics and (not hit.value or hit.value == fact.value or fact.value is True) for hit in hits)


_IS_SAID: Final[Mapping[FactField, Callable[[Fact, Sequence[Hit], Sentence], bool]]] = {
    FactField.ALLERGENS: _has_allergen,
    FactField.INJURIES: _has_joint,
    FactField.DISLIKES: _has_word,
    FactField.EXCLUDED_EXERCISES: _has_word,
    FactField.TIMEZONE: _has_text,
    **dict.fromkeys(_FREE_WORDS, _has_text),
    **dict.fromkeys(_NUMBERS, _has_number),
}
