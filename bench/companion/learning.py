"""What is learned of a message: said to the real API, judged by what memories and the profile then say."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from bench.companion.facts import is_right
from bench.companion.person import Person, for_each, somebody
from bench.companion.scores import Count, Misses, grouped
from bench.companion.sets import ExpectedFact, Heard, read_learning
from bench.table import TableRow, print_table
from dev.stack import Stack

_KEPT: Final = re.compile(
    r"remember|keep|kept|noted|merke|gemerkt|notier|behalt|recuerd|record|acord|anot|apunt|guard|husk|noter|lagr",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answered:
    """What the companion had before and after it was told, and what it said."""

    reply: dict[str, Any]
    learned: list[dict[str, Any]]
    facts: list[dict[str, Any]]
    superseded: set[str]
    earlier: dict[str, set[str]]  # what was said before, and the memories that were learned of it


@dataclass(frozen=True)
class Judged:
    """What is right of it and what is not; `unmet` says the latter by kind."""

    line: Heard
    right_memories: int
    memories: int
    right_facts: int
    facts: int
    found: tuple[tuple[ExpectedFact, bool], ...]
    heard: bool
    unmet: tuple[str, ...]


async def bench_learning(stack: Stack, url: str, misses: Misses) -> None:
    """Prints what is learned by language, by field, and what traps caught."""

    async def ask(line: Heard) -> Judged:
        async with somebody(stack, url) as person:
            answered = await _told(person, line)
        judged = judge(line, answered, datetime.now(UTC).date())
        if judged.unmet:
            misses.add("learning", line, unmet=judged.unmet, learned=answered.learned, facts=answered.facts)
        return judged

    judged = await for_each(read_learning(), ask)
    by_language = grouped(judged, lambda one: one.line.language)
    print_table("What is learned (goals: precision 0.95, recall 0.80)", [_row(*group) for group in by_language])
    print_table("Facts by field", _by_field(judged))
    print_table("Traps: nothing may be learned", _by_trap(judged))
    print_table("What fails, by kind", _by_unmet(judged))


async def _told(person: Person, line: Heard) -> Answered:
    earlier: dict[str, set[str]] = {}
    known: set[str] = set()
    for said in line.earlier:
        await person.say(said)
        now = {memory["id"] for memory in await person.memories()}
        earlier[said], known = now - known, now
    reply = await person.say(line.message)
    memories = await person.memories()
    learned = [memory for memory in memories if memory["id"] not in known]
    ids = {memory["id"] for memory in learned}
    return Answered(
        reply,
        learned,
        await _facts(person, learned, ids),
        {memory["id"] for memory in memories if memory["status"] == "superseded"},
        earlier,
    )


async def _facts(person: Person, learned: Sequence[dict[str, Any]], ids: set[str]) -> list[dict[str, Any]]:
    """What the new memories say of the person: their own facts, and those that the profile offers to take over."""
    told = [{**fact, "memory_id": memory["id"]} for memory in learned for fact in memory.get("facts", ())]
    offered = [fact for fact in await person.unconfirmed() if fact["memory_id"] in ids]
    facts = [{name: fact[name] for name in ("memory_id", "field", "op", "value")} for fact in [*told, *offered]]
    return [fact for at, fact in enumerate(facts) if fact not in facts[:at]]


def judge(line: Heard, answered: Answered, today: date) -> Judged:
    """Every expectation of the line against what came of it."""
    superseded = _superseded(line, answered)
    found = tuple(
        (fact, any(is_right(told, fact, today) for told in answered.facts) or (fact.op == "remove" and superseded))
        for fact in line.facts
    )
    wrong = [fact for fact in answered.facts if not any(is_right(fact, one, today) for one in line.facts)]
    wrongly = {fact["memory_id"] for fact in wrong}
    right_memories = [one for one in answered.learned if one["kind"] in line.kinds and one["id"] not in wrongly]
    retracted = superseded and all(fact.op == "remove" for fact in line.facts)
    heard = bool(right_memories) or (bool(line.kinds) and retracted)
    unmet = [
        *_unmet_memories(line, answered.learned, heard=heard),
        *(f"missing: {fact.field} {fact.op}" for fact, is_found in found if not is_found and not fact.optional),
        *(f"wrong: {fact['field']} {fact['op']}" for fact in wrong),
        *_unmet_wishes(line, answered, superseded=superseded),
        *(["taken for an emergency"] if answered.reply["message"]["concern"] else []),
    ]
    return Judged(
        line,
        len(right_memories),
        len(answered.learned),
        len(answered.facts) - len(wrong),
        len(answered.facts),
        found,
        heard,
        tuple(unmet),
    )


def _superseded(line: Heard, answered: Answered) -> bool:
    """Whether what the line supersedes was learned before, and is no longer."""
    former = answered.earlier.get(line.superseded or "", set())
    return bool(former) and former <= answered.superseded


def _unmet_memories(line: Heard, learned: Sequence[dict[str, Any]], *, heard: bool) -> Iterable[str]:
    if line.is_trap and learned:
        yield "learned of a trap"
    if line.kinds and not heard and not learned:
        yield "not heard"
    if line.kinds and learned and not any(memory["kind"] in line.kinds for memory in learned):
        yield "of another kind"


def _unmet_wishes(line: Heard, answered: Answered, *, superseded: bool) -> Iterable[str]:
    if line.superseded and not superseded:
        yield "not superseded" if answered.earlier.get(line.superseded) else "not superseded: the earlier was not heard"
    if not line.superseded and answered.superseded:
        yield "superseded though both hold"
    if line.to_remember and not _KEPT.search(answered.reply["message"]["message"]):
        yield "does not say that it is kept"
    if line.to_forget is not None:
        former = answered.earlier.get(line.to_forget, set())
        if not any(memory in str(answered.reply["actions"]) for memory in former):
            yield "does not offer to forget" if former else "does not offer to forget: the earlier was not heard"


def _row(language: str, judged: Sequence[Judged]) -> TableRow:
    precision, recall, facts_precision, facts_recall, whole = (Count() for _ in range(5))
    for one in judged:
        precision.add(one.right_memories, one.memories)
        facts_precision.add(one.right_facts, one.facts)
        whole.add(not one.unmet)
        if one.line.kinds:
            recall.add(one.heard)
        for fact, is_found in one.found:
            facts_recall.add(is_found and not fact.optional, not fact.optional)
    return {
        "language": language,
        "lines": str(len(judged)),
        "precision": f"{precision.share} ({precision})",
        "recall": f"{recall.share} ({recall})",
        "facts: precision": f"{facts_precision.share} ({facts_precision})",
        "recall of facts": f"{facts_recall.share} ({facts_recall})",
        "lines all right": f"{whole.share} ({whole})",
    }


def _by_field(judged: Sequence[Judged]) -> list[TableRow]:
    expected = [(fact, is_found) for one in judged for fact, is_found in one.found if not fact.optional]
    rows = []
    for name, group in grouped(expected, lambda one: f"{one[0].field} {one[0].op}"):
        rows.append({"fact": name, "found": str(Count(sum(is_found for _, is_found in group), len(group)))})
    return rows


def _by_trap(judged: Sequence[Judged]) -> list[TableRow]:
    traps = [one for one in judged if one.line.is_trap]
    return [
        {"trap": name, "kept out of": str(Count(sum(not one.memories and not one.facts for one in group), len(group)))}
        for name, group in grouped(traps, lambda one: one.line.notes.partition(",")[0])
    ]


def _by_unmet(judged: Sequence[Judged]) -> list[TableRow]:
    unmet = [(reason, one.line.language) for one in judged for reason in one.unmet]
    return [
        {
            "what": name,
            **{language: str(sum(spoken == language for _, spoken in group)) for language in ("en", "de", "es", "nb")},
        }
        for name, group in grouped(unmet, lambda one: one[0])
    ]
