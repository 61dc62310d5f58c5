"""Generating for a person in a job: what they asked for, and an answer whatever becomes of the model."""

from typing import TypeVar

import structlog
from pydantic import BaseModel, ValidationError

from src.ai.offline import MODEL as OFFLINE
from src.ai.provider import Generated, OutputT, Task, Usage
from src.core.errors import AppError
from src.jobs.worker import HeldJob, JobFailed

log = structlog.get_logger()

RequestT = TypeVar("RequestT", bound=BaseModel)

REQUEST = "request"
"""Where the input of a job holds what was asked for, as JSON text: the database keeps inputs flat."""


def request_of(job: HeldJob, model: type[RequestT]) -> RequestT:
    """What was asked for. Raises JobFailed: jobs can be enqueued past the API, with anything in them."""
    try:
        return model.model_validate_json(str(job.options.get(REQUEST)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        # It may quote names and words of theirs: of any length, and with NUL, which Postgres cannot store.
        raise JobFailed(f"The request is not sound: {reason}".replace("\x00", "")[:300]) from None


async def answer_of(job: HeldJob, task: Task[OutputT]) -> Generated[OutputT]:
    """The model's answer. The task's own, marked `model: "offline"`, when there is no model, when it cannot be reached,
    and when what it says breaks the rules or is cut off however often it is told."""
    if job.ai.name == OFFLINE:
        return await job.ai.generate(task)
    try:
        generated = await job.ai.generate(task)
    except AppError as error:
        log.warning("answered by rules", job_id=job.id, error=error.code, detail=error.detail)
        return Generated(task.offline(), OFFLINE, Usage(0, 0))
    used = generated.usage
    await job.call("count_tokens", input_tokens=used.input_tokens, output_tokens=used.output_tokens)
    if generated.finish != "stop":
        log.warning("answered by rules", job_id=job.id, error="cut_off")
        return Generated(task.offline(), OFFLINE, used)
    return generated
