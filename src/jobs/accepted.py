"""The answer of routes that enqueue a job: 202, with the job and its Location."""

from typing import Any, Final

from fastapi import Response

from src.core.gateway import Row
from src.jobs.schemas import Job

ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {202: {"x-headers": ("Location",)}}
"""The OpenAPI responses of such a route, whose `status_code` is 202."""


def accepted(row: Row, response: Response) -> Job:
    """The job of a row of public.jobs."""
    response.headers["Location"] = f"/api/v1/jobs/{row['id']}"
    return Job.model_validate(row)
