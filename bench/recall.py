"""How well remembering works: recall on a labelled set of statements and questions, by the provider of the settings."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import asyncpg

from bench.people import act_as
from bench.table import print_table
from dev.stack import Options, Stack
from src.ai.choice import running_provider
from src.ai.provider import Provider, Purpose
from src.core.config import Settings, load_settings
from src.memories.repository import EmbeddedText
from src.memories.stated_period import stated_period

# The set of the first days, and one in four languages that weights and cosines were fitted on (half of its questions).
SETS: Final = (
    Path(__file__).with_name("memories.tsv"),
    Path(__file__).with_name("companion") / "tuning" / "memories.tsv",
)
FITTED_ON: Final = date(2026, 11, 15)
DEEPEST: Final = 50


@dataclass(frozen=True)
class LabelledMemory:
    """A statement with when it was said, what it replaced, and questions that it answers."""

    kind: str
    days_ago: int
    statement: str
    replaced: str | None
    questions: list[tuple[str, str]]  # what makes it hard, and the question


def labelled_set(path: Path) -> list[LabelledMemory]:
    """Columns: kind, days ago or day, statement, what it replaced (or empty), then `label: question`.

    A paraphrase shares a word with its answer or a part of one; what is reworded shares none, what is crossed is in
    another language.
    """
    found = []
    for kind, said, statement, replaced, *cells in (line.split("\t") for line in path.read_text().splitlines()[1:]):
        days_ago = int(said) if said.isdecimal() else (FITTED_ON - date.fromisoformat(said)).days
        questions = [
            (label, question.strip()) for label, _, question in (cell.partition(":") for cell in cells if cell)
        ]
        found.append(LabelledMemory(kind, days_ago, statement, replaced or None, questions))
    return found


async def bench_recall(folder: Path) -> None:
    async with Stack(Options(folder, durable=False)) as stack, bench_provider(stack) as ai:
        for path in SETS:
            labelled = labelled_set(path)
            _print_recall(len(labelled), ai.embedding_model, await recall(stack, ai, labelled))


def _print_recall(statements: int, model: str, ranks: Sequence[tuple[str, str, int]]) -> None:
    rows = []
    for label in (*dict.fromkeys(label for label, _, _ in ranks), "all"):
        of_label = [rank for question_label, _, rank in ranks if label in {question_label, "all"}]
        rows.append({"questions": label, "number": str(len(of_label)), **_at(of_label)})
    print_table(f"Recall on {statements} statements with {model} (goals: recall@5 0.60 reworded, 0.70 crossed)", rows)
    for label, question, rank in ranks:
        if rank > 5:
            print(f"    {'-' if rank > DEEPEST else rank:>3}  {label}: {question}")


@asynccontextmanager
async def bench_provider(stack: Stack) -> AsyncIterator[Provider]:
    """The provider of the settings; without an environment of them the one that needs no model."""
    try:
        settings = load_settings()
    except Exception:  # noqa: BLE001  # no environment: offline
        settings = Settings.model_validate(
            {
                "supabase_url": stack.supabase_url,
                "supabase_publishable_key": stack.publishable_key,
                "supabase_secret_key": stack.secret_key,
            }
        )
    async with running_provider(settings) as ai:
        yield ai


def _at(ranks: list[int]) -> dict[str, str]:
    return {f"recall@{k}": f"{sum(rank <= k for rank in ranks) / len(ranks):.3f}" for k in (1, 5)}


async def recall(stack: Stack, ai: Provider, labelled: list[LabelledMemory]) -> list[tuple[str, str, int]]:
    """Each question with its label and the place at which its answer comes; 99 when it does not."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
    try:
        [owner] = (await _people(connection, 1)).values()
        await _learn(connection, owner, ai, labelled)
        asked = [(memory, label, question) for memory in labelled for label, question in memory.questions]
        vectors = await ai.embed([question for _, _, question in asked], Purpose.QUERY)
        await act_as(connection, owner)
        ranks = []
        for (memory, label, question), vector in zip(asked, vectors, strict=True):
            contents = await _matched(connection, EmbeddedText(question, vector, ai.embedding_model))
            ranks.append(
                (label, question, contents.index(memory.statement) + 1 if memory.statement in contents else 99)
            )
        await connection.execute("reset role")
        return ranks
    finally:
        await connection.close()


async def _matched(connection: asyncpg.Connection, question: EmbeddedText) -> list[str]:
    # Asked on the day that the sets count from.
    shift = datetime.now(UTC) - datetime.combine(FITTED_ON, time(12), UTC)
    period = stated_period(question.text, "UTC", FITTED_ON)
    start, end = (None, None) if period is None else (period.start + shift, period.end + shift)
    sql = "select content from public.match_memories($1, $2, $3, $4, $5, $6)"
    rows = await connection.fetch(sql, question.literal, question.text, question.model, DEEPEST, start, end)
    return [row["content"] for row in rows]


async def _people(connection: asyncpg.Connection, count: int) -> dict[int, UUID]:
    ids = {number: uuid4() for number in range(count)}
    for person in ids.values():
        await connection.execute(
            "insert into auth.users (id, email) values ($1::uuid, $1::uuid || '@bench.example')", person
        )
    return ids


async def _learn(connection: asyncpg.Connection, owner: UUID, ai: Provider, labelled: list[LabelledMemory]) -> None:
    """As chat learns it: the oldest first, what was replaced before what replaced it."""
    for memory in sorted(labelled, key=lambda memory: -memory.days_ago):
        old = None
        for content in filter(None, (memory.replaced, memory.statement)):
            [vector] = await ai.embed([content], Purpose.DOCUMENT)
            given = {"kind": memory.kind, "content": content, "quote": content, "salience": 0.5, "replaces": old}
            given |= {"embedding": EmbeddedText(content, vector, "").literal, "embedding_model": ai.embedding_model}
            sql = "select private.learn_memory($1, $2, null)"
            learned = json.loads(await connection.fetchval(sql, owner, json.dumps(given)))
            assert learned["outcome"] == ("superseded" if old else "learned"), (
                content,
                learned,
            )  # none taken for another
            old = learned["id"]
        await connection.execute(
            "update public.memories set stated_at = now() - $2::integer * interval '1 day' where id = $1::uuid",
            old,
            memory.days_ago,
        )
