"""What takes longer than a request: embedding memories again, and forgetting them in a long conversation."""

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


async def forget_memories(job: ClaimedJob) -> dict[str, Any]:
    """Removes forgotten words from the older messages. Begins again after a crash: what is gone stays gone."""
    batches, position = 0, None
    while (position := await job.call("forget_messages", position=position)) is not None:
        batches += 1
        await job.progress(batches / (batches + 1), "Removing what was forgotten from older messages")
    return {"batches": batches}


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.EMBED_MEMORIES: embed_memories,
    JobKind.FORGET_MEMORIES: forget_memories,
}
