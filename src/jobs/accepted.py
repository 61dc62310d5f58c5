"""The answer of routes that enqueue a job: 202, with the job and its Location."""

from typing import Any, Final

from fastapi import Response

from src.core.errors import Conflict, Forbidden, NotFound, TooManyRequests, ValidationFailed
from src.core.problems import problems
from src.jobs.schemas import Job

ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {202: {"x-headers": ("Location",)}}
"""The OpenAPI responses of such a route, whose `status_code` is 202."""

ENQUEUED: Final = ACCEPTED | problems(NotFound, Forbidden, Conflict, ValidationFailed, TooManyRequests)
"""The same where what a person has said and planned decides whether the job can be made."""


def accepted(job: Job, response: Response) -> Job:
    """Puts the Location of the job on the answer. Returns the job."""
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job
