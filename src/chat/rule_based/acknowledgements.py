"""What the companion says to something that the person told: what follows from it, in the language of the message."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from src.chat.context import Context
from src.chat.phrases import say
from src.chat.phrases.formats import listed
from src.chat.rule_based.part import Part
from src.chat.schemas import ForgetMemory, ReviewMemories
from src.chat.tools.tool import Receipt
from src.language.language import Language
from src.language.lexicon import read_table
from src.memories.facts import Fact, Injury
from src.memories.learning.statements import Heard, Statement
from src.memories.schemas import MatchedMemory
from src.vocabulary import CompanionMood, EvidenceKind, FactField, FactOp, MemoryKind

_MAX_OFFERED_TO_FORGET: Final = 5
# Of the nearest memory's similarity: what is farther away was not meant.
_NEARLY_AS_NEAR: Final = 0.8
# What has a place in the profile is offered for it. Safety facts act at once, and are offered too.
_NOT_IN_PROFILE: Final = frozenset(
    {
        FactField.PREGNANCY,
        FactField.CONDITIONS,
        FactField.MEDICATION,
        FactField.AGE,
        FactField.RESIDENCE,
        FactField.WORK,
    }
)

_ADDED: Final = {
    FactField.PREGNANCY: "talk.pregnancy",
    FactField.CONDITIONS: "talk.condition",
    FactField.MEDICATION: "talk.condition",
    FactField.INJURIES: "talk.injury",
    FactField.ALLERGENS: "talk.allergens",
    FactField.DIET: "talk.diet",
    FactField.DISLIKES: "talk.dislikes",
    FactField.EXCLUDED_EXERCISES: "talk.exercises",
}
_REMOVED: Final = {FactField.INJURIES: "talk.healed", FactField.ALLERGENS: "talk.retracted_allergy"}


def acknowledge(heard: Heard, context: Context, language: Language) -> Iterator[Part]:
    """A part for what was told, for what could not be kept, and for what to forget. Nothing where nothing was said."""
    if heard.statements and not context.state.memory_enabled:
        yield Part(" ".join([*_care(heard, language), say("talk.memory_off", language)]), _mood(heard))
    elif heard.statements and context.state.memory_full:
        yield Part(" ".join([*_care(heard, language), say("talk.memory_full", language)]), CompanionMood.CONCERNED)
    elif heard.statements:
        yield _kept(heard, context, language)
    for sentence in heard.not_kept:
        yield Part(say("talk.not_kept", language, quote=sentence))
    if heard.forget is not None:
        yield _to_forget(heard.forget, context, language)


def _kept(heard: Heard, context: Context, language: Language) -> Part:
    replaced = [memory for memory in context.memories if memory.id in {item.replaces for item in heard.statements}]
    sentences = [sentence for statement in heard.statements for sentence in _sentences(statement, heard, language)]
    before = [say("talk.before", language, quote=memory.content) for memory in replaced[:1]]
    offered = any(fact.field not in _NOT_IN_PROFILE and fact.op is not FactOp.REMOVE for fact in _facts(heard))
    offer = [say("talk.offered", language)] if offered else []
    text = " ".join([*dict.fromkeys(sentences), *_care(heard, language)[1:], *before, *offer])
    return Part(text, _mood(heard), tuple(map(_receipt, replaced[:1])))


def _care(heard: Heard, language: Language) -> list[str]:
    """What a friend says of an injury, whether it is kept or not; empty where nobody is hurt."""
    hurt = [fact for statement in heard.statements for fact in statement.facts if _hurts(fact)]
    if not hurt and all(statement.kind is not MemoryKind.INJURY for statement in heard.statements):
        return []
    if any(fact.op is FactOp.REMOVE and fact.field is FactField.INJURIES for fact in _facts(heard)):
        return []
    sorry = [say("talk.injury", language, what=_value_in_words(hurt[0], language))] if hurt else [""]
    return [*sorry, say("talk.care", language)]


def _hurts(fact: Fact) -> bool:
    return fact.field is FactField.INJURIES and fact.op is not FactOp.REMOVE


def _facts(heard: Heard) -> Iterator[Fact]:
    return (fact for statement in heard.statements for fact in statement.facts)


def _sentences(statement: Statement, heard: Heard, language: Language) -> Iterator[str]:
    if heard.asked_to_keep:
        yield say("talk.asked", language, quote=statement.content)
    told = list(_consequences(statement.facts, language))
    yield from told
    if not told and not heard.asked_to_keep:
        key = "talk.goal" if statement.kind is MemoryKind.GOAL else "talk.kept"
        yield say(key, language, quote=statement.content)


def _consequences(facts: Sequence[Fact], language: Language) -> Iterator[str]:
    """What follows from facts, a sentence for each kind; nothing where the words of the person say it best."""
    values: dict[str, list[str]] = {}
    for fact in facts:
        key = _ADDED.get(fact.field) if fact.op is not FactOp.REMOVE else _REMOVED.get(fact.field, "talk.retracted")
        if key is not None:
            values.setdefault(key, []).append(_value_in_words(fact, language))
    for key, words in values.items():
        yield say(key, language, what=listed(list(dict.fromkeys(words)), language))
    if any(map(_hurts, facts)):
        yield say("talk.spared", language)


def _value_in_words(fact: Fact, language: Language) -> str:
    value: Any = fact.value
    match fact.field:
        case FactField.ALLERGENS:
            return say(f"food.allergen_{value}", language)
        case FactField.DIET:
            return say(f"food.diet_{value}", language)
        case FactField.INJURIES:
            joint = value.joint if isinstance(value, Injury) else value["joint"]
            return say(f"person.joint_{joint}", language)
        case FactField.DISLIKES:
            return _native("foods", str(value), language)
        case FactField.EXCLUDED_EXERCISES:
            return _native("exercises", str(value), language)
    return listed(value, language) if isinstance(value, list) else str(value)


def _native(topic: str, english: str, language: Language) -> str:
    """What the lexicon calls it in the language; the English words where it has none."""
    found = (row[language.value] for row in read_table(topic) if english in row.values())
    return next((words.split("|")[0] for words in found if words), english)


def _mood(heard: Heard) -> CompanionMood:
    worrying = {FactField.INJURIES, FactField.CONDITIONS}
    if _care(heard, Language.EN) or any(
        fact.field in worrying and fact.op is not FactOp.REMOVE for fact in _facts(heard)
    ):
        return CompanionMood.CONCERNED
    is_goal = any(statement.kind is MemoryKind.GOAL for statement in heard.statements)
    return CompanionMood.ENCOURAGING if is_goal else CompanionMood.WARM


def _to_forget(what: str, context: Context, language: Language) -> Part:
    if not what.strip():
        return Part(say("talk.forget_all", language), actions=(ReviewMemories(kind="review_memories"),))
    nearest = max((memory.similarity for memory in context.memories), default=0.0)
    matching = [memory for memory in context.memories if memory.similarity >= _NEARLY_AS_NEAR * nearest]
    matching = matching[:_MAX_OFFERED_TO_FORGET]
    if not matching:
        return Part(say("talk.forget_none", language))
    lines = [f"• “{memory.content}”" for memory in matching]
    actions = tuple(ForgetMemory(kind="forget_memory", memory_id=memory.id) for memory in matching)
    return Part(
        "\n".join([say("talk.forget", language), *lines]), evidence=tuple(map(_receipt, matching)), actions=actions
    )


def _receipt(memory: MatchedMemory) -> Receipt:
    return Receipt(EvidenceKind.MEMORY, memory.id, memory.content[:200], memory.content)
