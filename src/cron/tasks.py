"""The tasks that clocks start, a batch at a time."""

from enum import StrEnum

from src.ai.provider import Provider
from src.chat.check_ins.task import check_in_batch
from src.core.documents import Document, parse_document
from src.core.service_gateway import ServiceGateway


class CronTask(StrEnum):
    """What can be started. Behind each is a SQL function; a check-in is written between two of them."""

    ADAPT_PLANS = "adapt-plans"
    CHECK_IN = "check-in"
    DECAY_AFFINITY = "decay-affinity"
    PURGE = "purge"
    EMBED_MEMORIES = "embed-memories"

    @property
    def function(self) -> str:
        return self.value.replace("-", "_")


class Batch(Document):
    """What each of the functions answers: how much it changed, and whether that was the last batch."""

    changed: int
    done: bool


async def run_batch(task: CronTask, gateway: ServiceGateway, ai: Provider) -> Batch:
    """The next batch of a task, in a transaction of its own."""
    if task is CronTask.CHECK_IN:
        changed, done = await check_in_batch(gateway)
        return Batch(changed=changed, done=done)
    parameters = {"model": ai.embedding_model} if task is CronTask.EMBED_MEMORIES else {}
    return parse_document(Batch.model_validate, await gateway.call(task.function, parameters))
