"""Embedding memories again: after an import, or when another embedding model has come into use."""

from collections.abc import Mapping
from typing import Any, Final

from src.ai.provider import Purpose
from src.jobs.worker import ClaimedJob, JobHandler
from src.memories.repository import EmbeddedText
from src.vocabulary import JobKind

BATCH_SIZE = 100


async def embed_memories(job: ClaimedJob) -> dict[str, Any]:
    """Gives each memory a vector of the model that is used now. What was done stays done when it is tried again."""
    done, model = 0, job.ai.embedding_model
    while rows := await job.call("memories_to_embed", model=model, max_rows=BATCH_SIZE):
        vectors = await job.ai.embed([row["content"] for row in rows], Purpose.DOCUMENT)
        embedded = [
            {
                "id": row["id"],
                "updated_at": row["updated_at"],
                "embedding": EmbeddedText(row["content"], vector, model).literal,
            }
            for row, vector in zip(rows, vectors, strict=True)
        ]
        done += await job.call("store_embeddings", model=model, rows=embedded)
        await job.progress(done / (done + BATCH_SIZE), f"Embedded {done} memories")
    return {"embedded": done}


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.EMBED_MEMORIES: embed_memories,
}
