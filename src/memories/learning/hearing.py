"""What a message says to be remembered, by rules.

message ─▶ sentences ─▶ words and what they are ─▶ clauses ─▶ how each is meant ─▶ frames ─▶ statements

Frames (src/memories/learning/frames) know one thing each: allergies, injuries, equipment. They only see clauses that
the guards let through, and take words from the lexicons of src/language, so that a language is data.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from src.language.language import Language
from src.memories.contradiction import find_contradicted, retracted
from src.memories.facts import Fact
from src.memories.learning.frames.finding import Finding
from src.memories.learning.guards import Judged
from src.memories.learning.reading import Sentence, find_all, is_injected, joked, read_sentences
from src.memories.learning.statements import Heard, Statement
from src.memories.schemas import MatchedMemory
from src.vocabulary import FactField, MemoryKind

MAX_CONTENT: Final = 500
MAX_STATEMENTS: Final = 10
_LAUGHS: Final = re.compile("[\U0001f602\U0001f923\U0001f61c\U0001f61d\U0001f643\U0001f609]|/s\\b")
# What is said with a laugh may still be dangerous.
_HEARD_WITH_A_LAUGH: Final = frozenset(
    {FactField.ALLERGENS, FactField.INJURIES, FactField.PREGNANCY, FactField.CONDITIONS}
)
# What may be taken back by itself is a memory by itself.
_ALONE: Final = _HEARD_WITH_A_LAUGH | {FactField.DIET, FactField.MEDICATION}
_HANGS_ON: Final = frozenset({"because", "when", "condition", "that", "relative"})
_Heard = tuple[Judged, list[Finding]]


def hear(message: str, known: Sequence[MatchedMemory], language: Language, *, today: date | None = None) -> Heard:
    """What the message says. `known`: memories that it may contradict, the nearest. `today`: where the person is; it
    gives "since March" its year."""
    sentences = read_sentences(message, language)
    asked = [sentence for sentence in sentences if sentence.wish is not None and sentence.wish.keeps]
    if is_injected(message, sentences):
        return Heard(asked_to_keep=bool(asked), not_kept=tuple(_text(message, sentence) for sentence in asked))
    statements, not_kept = _learn(message, sentences, today)
    kept, left_out = statements[:MAX_STATEMENTS], statements[MAX_STATEMENTS:]
    return Heard(
        statements=tuple(replacing(statement, known) for statement in kept),
        forget=_to_forget(sentences),
        asked_to_keep=bool(asked),
        not_kept=(*not_kept, *(statement.content for statement in left_out if asked)),
    )


def replacing(statement: Statement, known: Sequence[MatchedMemory]) -> Statement:
    """The statement with the memory whose place it takes."""
    replaced = find_contradicted(statement.content, statement.kind, known)
    old = next((memory for memory in known if memory.id == replaced), None)
    taken_back = retracted(statement.content, statement.kind, old) if old and not statement.facts else ()
    return replace(statement, replaces=replaced, facts=statement.facts or taken_back)


def statements_of(
    message: str, sentences: Sequence[Sentence], number: int, today: date | None = None
) -> list[Statement]:
    """What one of the sentences says: one statement, or one for each clause that stands alone."""
    sentence = sentences[number]
    before = sentences[number - 1].clauses if number else ()
    laughs = _LAUGHS.search(_text(message, sentence)) is not None or sentence.has("laugh")
    heard: list[_Heard] = []
    for judged in sentence.clauses:
        found = find_all(judged, [other for other in sentence.clauses if other is not judged], before, today)
        if laughs:
            found = [one for one in found if any(fact.field in _HEARD_WITH_A_LAUGH for fact in one.facts)]
        if found:
            heard.append((judged, found))
    return list(_stated(message, sentence, _grouped(heard)))


def _learn(message: str, sentences: Sequence[Sentence], today: date | None) -> tuple[list[Statement], list[str]]:
    statements: list[Statement] = []
    not_kept: list[str] = []
    in_jest = joked(sentences)
    for number, sentence in enumerate(sentences):
        if sentence.wish is not None and not sentence.wish.keeps:
            continue
        found = [] if number in in_jest else statements_of(message, sentences, number, today)
        if sentence.wish is not None and not found and not (sentence.wish.is_pointing and statements):
            found = _kept_anyway(message, sentences, number)
            not_kept += [] if found else [_text(message, sentence)]
        statements += found
    return _distinct(statements), not_kept


def _grouped(heard: list[_Heard]) -> list[list[_Heard]]:
    groups: list[list[_Heard]] = []
    for one in heard:
        if groups and not _begins_anew(one, groups[-1]):
            groups[-1].append(one)
        else:
            groups.append([one])
    return groups


def _begins_anew(one: _Heard, group: list[_Heard]) -> bool:
    judged, found = one
    _, last = group[-1]
    if judged.clause.link in _HANGS_ON or not judged.clause.has("first", "joint", "injury"):
        return _stands_alone(found) and _stands_alone(last) and judged.clause.link not in _HANGS_ON
    if _joints(found) and _joints(found) <= {joint for _, several in group for joint in _joints(several)}:
        return False
    return found[0].kind is not last[0].kind or (_stands_alone(found) and _stands_alone(last))


def _stands_alone(found: list[Finding]) -> bool:
    return any(fact.field in _ALONE for one in found for fact in one.facts)


def _joints(found: list[Finding]) -> set[object]:
    facts = [fact for one in found for fact in one.facts if fact.field is FactField.INJURIES]
    return {getattr(fact.value, "joint", None) for fact in facts}


def _stated(message: str, sentence: Sentence, groups: list[list[_Heard]]) -> Iterator[Statement]:
    for group in groups:
        text = _text(message, sentence) if len(groups) == 1 else _span(message, sentence, group)
        if len(text) > MAX_CONTENT:
            text = _span(message, sentence, group)[:MAX_CONTENT].rsplit(" ", 1)[0]
        found = [finding for _, several in group for finding in several]
        facts = tuple(dict.fromkeys(fact for finding in found for fact in finding.facts))
        first = max(found, key=lambda finding: finding.salience)
        yield Statement(first.kind, text, text, first.salience, facts)


def _span(message: str, sentence: Sentence, group: list[_Heard]) -> str:
    """From the clause that has the subject to the end of the last one."""
    first, last = group[0][0].clause, group[-1][0].clause
    if not first.has("first", "joint"):
        earlier = [judged.clause for judged in sentence.clauses if judged.clause.start < first.start]
        first = next((clause for clause in reversed(earlier) if clause.has("first")), first)
    end = next((hit.start for hit in last.all("and") if hit.end == last.end), last.end)
    return message[sentence.start + first.first_letter : sentence.start + last.sentence.words[end - 1].end]


def _kept_anyway(message: str, sentences: Sequence[Sentence], number: int) -> list[Statement]:
    """What the person asked to keep is kept as they said it, whatever it is; "remember that" means what came before."""
    wish = sentences[number].wish
    said = number - 1 if wish is not None and wish.is_pointing else number
    text = _text(message, sentences[said]) if said >= 0 else ""
    return [Statement(MemoryKind.FACT, text, text, 0.7)] if 0 < len(text) <= MAX_CONTENT else []


def _to_forget(sentences: Sequence[Sentence]) -> str | None:
    for sentence in sentences:
        if sentence.wish is not None and not sentence.wish.keeps:
            return "" if sentence.wish.is_pointing else sentence.wish.rest
    return None


def _distinct(statements: Iterable[Statement]) -> list[Statement]:
    """Each content once: saying a thing twice is one memory."""
    kept: dict[str, Statement] = {}
    for statement in statements:
        same = kept.get(statement.content)
        facts: tuple[Fact, ...] = tuple(dict.fromkeys((*same.facts, *statement.facts))) if same else statement.facts
        kept[statement.content] = replace(same or statement, facts=facts)
    return list(kept.values())


def _text(message: str, sentence: Sentence) -> str:
    return message[sentence.start : sentence.end].strip()
