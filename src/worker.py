"""`python -m src.worker`: claims jobs and dispatches them. No business rules."""

import asyncio
import os
import sys
from collections.abc import Mapping
from typing import Final

from src.ai.choice import running_provider
from src.archive.tasks import HANDLERS as ARCHIVE
from src.core.config import SettingsError, load_settings
from src.core.http_client import HttpClient, build_client
from src.core.logging import configure_logging
from src.core.rest import RestClient
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown
from src.core.trace import Trace
from src.imports.tasks import HANDLERS as IMPORTS
from src.jobs.worker import JobHandler, Worker
from src.memories.tasks import HANDLERS as MEMORIES
from src.nutrition.adapter.tasks import HANDLERS as MEAL_PLAN_ADAPTER
from src.nutrition.generator.tasks import HANDLERS as MEAL_PLAN_GENERATOR
from src.training.adapter.tasks import HANDLERS as PLAN_ADAPTER
from src.training.generator.tasks import HANDLERS as PLAN_GENERATOR
from src.vocabulary import JobKind

HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    **ARCHIVE,
    **IMPORTS,
    **MEMORIES,
    **MEAL_PLAN_ADAPTER,
    **MEAL_PLAN_GENERATOR,
    **PLAN_ADAPTER,
    **PLAN_GENERATOR,
}

# Batches are larger than what a person's request may take.
TIMEOUT_SECONDS = 30.0


async def main() -> None:
    """Works until SIGTERM or SIGINT."""
    settings = load_settings()
    configure_logging(settings)
    shutdown = Shutdown()
    with shutdown.on_signals(pass_on=False):
        async with build_client() as client, running_provider(settings) as ai:
            rest = RestClient(HttpClient(client, timeout=TIMEOUT_SECONDS), {})
            await Worker(ServiceGateway(rest, settings, Trace(None)), HANDLERS, shutdown, ai).run()


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except SettingsError as error:
        sys.exit(str(error))
    # At once: a request that was cancelled lives on in pyreqwest's own thread until its time is up, and would crash on
    # an interpreter that is coming down.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
