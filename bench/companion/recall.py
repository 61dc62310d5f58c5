"""Whether the right memory comes back: two people's memories, asked through the shipped SQL."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

from bench.companion.placeholders import Day, month_away
from bench.companion.scores import Count, Misses, grouped
from bench.companion.sets import Recalled, Told, read_recalled, read_told
from bench.people import act_as
from bench.table import TableRow, print_table
from dev.stack import Stack
from src.ai.provider import Provider, Purpose
from src.memories.repository import EmbeddedText
from src.memories.stated_period import stated_period

DEEPEST = 50


@dataclass(frozen=True)
class Found:
    """At which place the first right memory came; 99 when it did not."""

    question: Recalled
    place: int


async def bench_recall_sets(stack: Stack, ai: Provider, misses: Misses) -> None:
    """Prints recall by class and by language."""
    today = datetime.now(UTC).date()
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
    try:
        told, asked = read_told(), read_recalled()
        found, merged = list[Found](), 0
        for person in dict.fromkeys(memory.person for memory in told):
            own = [memory for memory in told if memory.person == person]
            owner, names = await _learn(connection, ai, own, today)
            questions = {
                question: Day(today, question.language).text(question.text)
                for question in asked
                if question.person == person
            }
            await act_as(connection, owner)
            found += await _ask(connection, ai, names, questions)
            await connection.execute("reset role")
            merged += len(own) - len(names)
    finally:
        await connection.close()
    for one in found:
        if one.place > 5:
            misses.add("recall", one.question, place=one.place)
    by_kind = grouped(found, lambda one: one.question.kind)
    title = f"Recall with {ai.embedding_model} (goals: recall@5 0.60 reworded, 0.70 cross)"
    print_table(title, [_row("class", *group) for group in by_kind])
    by_language = grouped(found, lambda one: one.question.language)
    print_table("Recall by the question's language", [_row("language", *group) for group in by_language])
    print(f"{merged} of {len(told)} memories were taken for another one that says the same.")


async def _learn(
    connection: asyncpg.Connection, ai: Provider, told: Sequence[Told], today: date
) -> tuple[UUID, dict[UUID, str]]:
    """A person who has said all of it, the oldest first, as chat keeps it."""
    owner, kept = uuid4(), dict[str, UUID]()
    await connection.execute(
        "insert into auth.users (id, email) values ($1::uuid, $1::uuid || '@bench.example')", owner
    )
    days = {memory.id: _said_on(memory, today) for memory in told}
    vectors = await ai.embed([memory.text for memory in told], Purpose.DOCUMENT)
    for memory, vector in sorted(zip(told, vectors, strict=True), key=lambda pair: days[pair[0].id]):
        given = {
            "kind": memory.kind,
            "content": memory.text,
            "quote": memory.text,
            "salience": 0.5,
            "replaces": str(kept[memory.replaces]) if memory.replaces else None,
            "embedding": EmbeddedText(memory.text, vector, "").literal,
            "embedding_model": ai.embedding_model,
        }
        sql = "select private.learn_memory($1, $2, null)"
        learned = json.loads(await connection.fetchval(sql, owner, json.dumps(given)))
        kept[memory.id] = UUID(learned["id"])
        await connection.execute(
            "update public.memories set stated_at = $2 where id = $1", kept[memory.id], _noon(days[memory.id])
        )
    return owner, {kept_id: name for name, kept_id in kept.items()}


def _said_on(memory: Told, today: date) -> date:
    unit, _, number = memory.said.partition(":")
    return month_away(today, int(number)) if unit == "month" else today + timedelta(days=int(number))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


async def _ask(
    connection: asyncpg.Connection, ai: Provider, names: dict[UUID, str], questions: Mapping[Recalled, str]
) -> list[Found]:
    vectors = await ai.embed(list(questions.values()), Purpose.QUERY)
    found = []
    for (question, text), vector in zip(questions.items(), vectors, strict=True):
        embedded = EmbeddedText(text, vector, ai.embedding_model)
        period = stated_period(text, "UTC", datetime.now(UTC).date()) or (None, None)
        sql = "select id from public.match_memories($1, $2, $3, $4, $5, $6)"
        rows = await connection.fetch(sql, embedded.literal, text, embedded.model, DEEPEST, *period)
        places = [at for at, row in enumerate(rows, 1) if names.get(row["id"]) in question.memories]
        found.append(Found(question, min(places, default=99)))
    return found


def _row(column: str, name: str, found: Sequence[Found]) -> TableRow:
    at = {k: Count(sum(one.place <= k for one in found), len(found)) for k in (1, 5)}
    return {column: name, "questions": str(len(found)), "recall@1": at[1].share, "recall@5": f"{at[5].share} ({at[5]})"}
