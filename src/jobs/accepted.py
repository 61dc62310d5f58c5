"""The answer of routes that enqueue a job: 202, with the job and its Location."""

from typing import Any, Final

from fastapi import Response

from src.jobs.schemas import Job

ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {202: {"x-headers": ("Location",)}}
"""The OpenAPI responses of such a route, whose `status_code` is 202."""


def accepted(job: Job, response: Response) -> Job:
    """Puts the Location of the job on the answer. Returns the job."""
    response.headers["Location"] = f"/api/v1/jobs/{job.id}"
    return job
