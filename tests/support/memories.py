"""Memories as the companion learns them, and as they really are in the database."""

import json
from typing import Any
from uuid import uuid4

import asyncpg

from dev.stack import Stack
from src.ai.sentence_encoder import EMBEDDING_MODEL, encode
from tests.support.people import Person, rest_client

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


async def tell(stack: Stack, person: Person, message: str, *facts: dict[str, Any], **given: Any) -> None:
    """Says something to the companion that teaches it these facts, by what POST /chat calls with the person's token."""
    learned = statement(message, facts=list(facts), **given)
    async with rest_client(stack, person.token) as direct:
        begun = await direct.post("/rpc/begin_chat", json={"client_id": str(uuid4()), "message": message})
        assert begun.status_code == 200, begun.text
        reply = {
            "message_id": begun.json()["message_id"],
            "reply": "I see.",
            "mood": "neutral",
            "actions": [],
            "model": "offline",
            "finish": "stop",
            "input_tokens": 0,
            "output_tokens": 0,
            "latency_ms": 0,
            "evidence": [],
            "memories": [learned],
        }
        finished = await direct.post("/rpc/finish_chat", json={"payload": reply})
        assert finished.status_code == 200, finished.text


async def memory_of(person: Person, content: str) -> dict[str, Any]:
    """The active memory with this content."""
    items = (await person.get(MEMORIES, params={"per_page": 100})).json()["items"]
    [memory] = [item for item in items if item["content"] == content]
    found: dict[str, Any] = memory
    return found
