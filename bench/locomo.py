"""Recall on LoCoMo, ten long conversations with questions, where somebody has its file (locomo10.json).

Snap Research publishes it under a licence that keeps it out of this repository. Each turn is one memory; a question is
answered by the turns that it names as evidence.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID, uuid4

import asyncpg

from bench.people import act_as
from bench.table import TableRow, print_table
from dev.stack import Stack
from src.ai.provider import Provider, Purpose
from src.memories.repository import EmbeddedText

LONGEST: Final = 500
FOUND: Final = 10
_KINDS: Final = {1: "several turns", 2: "time", 3: "open", 4: "one turn", 5: "unanswerable"}
_INSERT: Final = """
    insert into public.memories (user_id, kind, content, content_hash, embedding, embedding_model, salience,
      source_quote, stated_at)
    select $1, 'event', t.content, sha256(convert_to(t.name || t.content, 'UTF8')),
           private.unit_vector(t.vector), $2, 0.5, t.content, t.stated_at
      from unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[]) as t(name, content, vector, stated_at)
    returning id"""


@dataclass(frozen=True)
class Turn:
    """What one of the two said, and when."""

    name: str
    text: str
    said_at: datetime


@dataclass(frozen=True)
class Question:
    """A question and the turns that answer it."""

    text: str
    kind: str
    evidence: frozenset[str]


@dataclass(frozen=True)
class Conversation:
    turns: Sequence[Turn]
    questions: Sequence[Question]


def read_locomo(path: Path) -> list[Conversation]:
    """The conversations, with those of their questions that name a turn."""
    samples = json.loads(path.read_text(encoding="utf-8"))
    return [Conversation(tuple(_turns(sample["conversation"])), tuple(_questions(sample["qa"]))) for sample in samples]


def _turns(conversation: dict[str, Any]) -> Iterator[Turn]:
    for name, session in conversation.items():
        if not isinstance(session, list):
            continue
        said_at = datetime.strptime(conversation[f"{name}_date_time"], "%I:%M %p on %d %B, %Y").replace(tzinfo=UTC)
        for turn in session:
            shown = f" [{turn['blip_caption']}]" if turn.get("blip_caption") else ""
            yield Turn(turn["dia_id"], f"{turn['speaker']}: {turn['text']}{shown}"[:LONGEST], said_at)


def _questions(asked: Sequence[dict[str, Any]]) -> Iterator[Question]:
    for one in asked:
        named = re.findall(r"D(\d+):0*(\d+)", " ".join(one.get("evidence", ())))
        if named:
            kind = _KINDS[one["category"]]
            yield Question(one["question"], kind, frozenset(f"D{session}:{turn}" for session, turn in named))


async def bench_locomo(stack: Stack, ai: Provider, path: Path) -> None:
    """Prints by kind of question how many of its turns are among the first ten, and how often any is."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
    try:
        found = [one for conversation in read_locomo(path) for one in await _asked(connection, ai, conversation)]
    finally:
        await connection.close()
    rows: list[TableRow] = []
    for kind in (*_KINDS.values(), "all"):
        of_kind = [(share, whole) for name, share, whole in found if kind in {name, "all"}]
        if of_kind:
            rows.append(
                {
                    "questions": kind,
                    "number": str(len(of_kind)),
                    "recall@10": f"{sum(share for share, _ in of_kind) / len(of_kind):.3f}",
                    "any of them": f"{sum(hit for _, hit in of_kind) / len(of_kind):.3f}",
                }
            )
    print_table(f"LoCoMo with {ai.embedding_model} (goal: recall@10 0.62)", rows)


async def _asked(
    connection: asyncpg.Connection, ai: Provider, conversation: Conversation
) -> list[tuple[str, float, bool]]:
    owner = uuid4()
    await connection.execute(
        "insert into auth.users (id, email) values ($1::uuid, $1::uuid || '@bench.example')", owner
    )
    names = await _learn(connection, ai, owner, conversation.turns)
    vectors = await ai.embed([question.text for question in conversation.questions], Purpose.QUERY)
    await act_as(connection, owner)
    found = []
    for question, vector in zip(conversation.questions, vectors, strict=True):
        embedded = EmbeddedText(question.text, vector, ai.embedding_model)
        sql = "select id from public.match_memories($1, $2, $3, $4)"
        rows = await connection.fetch(sql, embedded.literal, question.text, embedded.model, FOUND)
        hits = question.evidence & {names[row["id"]] for row in rows}
        found.append((question.kind, len(hits) / len(question.evidence), bool(hits)))
    await connection.execute("reset role")
    return found


async def _learn(connection: asyncpg.Connection, ai: Provider, owner: UUID, turns: Sequence[Turn]) -> dict[UUID, str]:
    vectors = await ai.embed([turn.text for turn in turns], Purpose.DOCUMENT)
    literals = [EmbeddedText(turn.text, vector, "").literal for turn, vector in zip(turns, vectors, strict=True)]
    names, texts, said = ([getattr(turn, name) for turn in turns] for name in ("name", "text", "said_at"))
    rows = await connection.fetch(_INSERT, owner, ai.embedding_model, names, texts, literals, said)
    return {row["id"]: name for row, name in zip(rows, names, strict=True)}
