"""What a clock starts: Vercel Cron, Render cron or pg_cron, each with the one secret. Every task may run twice.

A task goes over all people in batches, each a transaction of its own. A run that its time does not suffice for says so,
and the next one goes on where it ended.
"""

import time
from hmac import compare_digest

from fastapi import Request

from src.ai.provider import AiDep
from src.core.di import ServiceGatewayDep, SettingsDep
from src.core.errors import Unauthenticated
from src.core.route import PUBLIC, api_router
from src.core.schema import Output
from src.cron.tasks import CronTask, run_batch

SECONDS_PER_RUN = 60.0
router = api_router("/api/internal/cron", tags=["cron"])


class CronResult(Output):
    """How much the task did, 0 when it had been done already; whether that was all there is to do."""

    task: CronTask
    changed: int
    done: bool


# GET as well: some clocks can do nothing else. Not for people, so not in the contract.
@router.api_route("/{task}", methods=["GET", "POST"], include_in_schema=False, openapi_extra=PUBLIC)
async def run_task(
    task: CronTask, request: Request, settings: SettingsDep, gateway: ServiceGatewayDep, ai: AiDep
) -> CronResult:
    """Runs a task."""
    secret = settings.cron_secret
    given = request.headers.get("authorization", "").encode()
    if secret is None or not compare_digest(given, f"Bearer {secret.get_secret_value()}".encode()):
        raise Unauthenticated("This needs the cron secret.")
    changed, ends_at = 0, time.monotonic() + SECONDS_PER_RUN
    if task is CronTask.PURGE:
        changed += await gateway.finish_deletions()
    while True:
        batch = await run_batch(task, gateway, ai)
        changed += batch.changed
        if batch.done or time.monotonic() >= ends_at:
            return CronResult(task=task, changed=changed, done=batch.done)
