"""The same guards on what a model learned: its memories are kept only as far as the person's own words say so."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from src.language.language import Language
from src.memories.facts import CAREFUL_FIELDS, SAFETY_FIELDS, Fact
from src.memories.learning.hearing import MAX_CONTENT, MAX_STATEMENTS, hear
from src.memories.learning.reading import Sentence, is_injected, joked, read_sentences
from src.memories.learning.statements import Statement
from src.memories.learning.support import is_supported, key_of
from src.memories.schemas import MatchedMemory

_HEALTH: Final = SAFETY_FIELDS | CAREFUL_FIELDS


def check_learned(
    statements: Sequence[Statement],
    message: str,
    known: Sequence[MatchedMemory],
    language: Language,
    *,
    today: date | None = None,
) -> list[Statement]:
    """A model's statements without those that the message does not make, each with the facts that rules hear too.

    What rules hear of safety is added where the model missed it. What the person asked to keep is kept.
    """
    sentences = read_sentences(message, language)
    if is_injected(message, sentences):
        return []
    heard = hear(message, known, language, today=today)
    in_jest = joked(sentences)
    kept: list[Statement] = []
    for statement in statements:
        number = _sentence_of(statement.quote, message, sentences)
        if number is None or number in in_jest or not _states(sentences[number], statement.quote, message):
            continue
        facts = tuple(fact for fact in statement.facts if is_supported(fact, sentences[number], heard.statements))
        kept.append(replace(statement, content=statement.content[:MAX_CONTENT], facts=facts))
    told = {key_of(fact) for statement in kept for fact in statement.facts}
    for statement in heard.statements:
        missed = tuple(fact for fact in statement.facts if key_of(fact) not in told)
        if missed and any(_is_same(one, statement) for one in kept):
            kept = [_with_facts(one, missed) if _is_same(one, statement) else one for one in kept]
        elif any(fact.field in _HEALTH for fact in missed) or (heard.asked_to_keep and not kept):
            kept.append(replace(statement, facts=missed))
    return kept[:MAX_STATEMENTS]


def _sentence_of(quote: str, message: str, sentences: Sequence[Sentence]) -> int | None:
    """The sentence that the quote begins in; None when it stands nowhere in the person's own words."""
    found = re.search(re.escape(quote.strip()), message, re.IGNORECASE) if quote.strip() else None
    if found is None:
        return None
    return next((number for number, one in enumerate(sentences) if one.start <= found.start() < one.end), None)


def _states(sentence: Sentence, quote: str, message: str) -> bool:
    """Whether a clause that the quote touches states something of the person; to be kept anyway is enough."""
    if sentence.wish is not None:
        return sentence.wish.keeps
    start = message.lower().find(quote.strip().lower()) - sentence.start
    end = start + len(quote.strip())
    touched = [
        judged
        for judged in sentence.clauses
        if judged.clause.first_letter < end and judged.clause.last_letter > max(start, 0)
    ]
    return any(judged.is_own and not judged.is_unreal for judged in touched)


def _is_same(kept: Statement, heard: Statement) -> bool:
    """Whether one has the words of the other."""
    one, other = kept.quote.strip().lower(), heard.quote.strip().lower()
    return one in other or other in one


def _with_facts(kept: Statement, missed: tuple[Fact, ...]) -> Statement:
    return replace(kept, facts=tuple(dict.fromkeys((*kept.facts, *missed))))
