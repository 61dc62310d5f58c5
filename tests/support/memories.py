"""Memories as the companion learns them, and as they really are in the database."""

import json
from typing import Any

import asyncpg

from dev.stack import Stack
from src.ai.sentence_encoder import EMBEDDING_MODEL, encode
from tests.support.people import Person

MEMORIES = "/api/v1/memories"


def literal_of(text: str) -> str:
    """A text's embedding as pgvector reads it."""
    return str(encode([text])[0])


def statement(content: str, **given: Any) -> dict[str, Any]:
    """What chat hands to private.learn_memory."""
    statement = {"kind": "fact", "content": content, "quote": content, "salience": 0.6, "replaces": None}
    return {**statement, "embedding": literal_of(content), "embedding_model": EMBEDDING_MODEL, **given}


async def learn(stack: Stack, person: Person, content: str, **given: Any) -> dict[str, Any]:
    """Learns a statement as chat does; the outcome."""
    sql = "select private.learn_memory($1, $2, null)"
    answer: dict[str, Any] = json.loads(
        (await fetch(stack, sql, person.id, json.dumps(statement(content, **given))))[0][0]
    )
    return answer


async def fetch(stack: Stack, sql: str, *values: Any) -> list[Any]:
    """What the database says, past all policies."""
    connection = await asyncpg.connect(stack.admin_database_url, ssl=False)
    try:
        rows: list[Any] = await connection.fetch(sql, *values)
        return rows
    finally:
        await connection.close()


async def remember(person: Person, content: str, kind: str = "fact", **given: Any) -> dict[str, Any]:
    """Adds a memory by hand."""
    answer = await person.post(MEMORIES, json={"kind": kind, "content": content, **given})
    assert answer.status_code in {200, 201}, answer.text
    memory: dict[str, Any] = answer.json()
    return memory


async def contents_of(person: Person, **params: Any) -> list[str]:
    """The contents of a list of memories, in its order."""
    answer = await person.get(MEMORIES, params=params)
    assert answer.status_code == 200, answer.text
    return [memory["content"] for memory in answer.json()["items"]]
