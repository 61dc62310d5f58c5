"""`python -m src.worker`: claims jobs and dispatches them. No business rules."""

import asyncio
import os
import sys

from src.ai.choice import running_provider
from src.core.config import SettingsError, load_settings
from src.core.logging import configure_logging
from src.core.service_gateway import ServiceGateway
from src.core.shutdown import Shutdown
from src.core.trace import Trace
from src.core.upstream import Upstream, build_client
from src.jobs.tasks import TASKS
from src.jobs.worker import Worker

# Batches are larger than what a person's request may take.
BUDGET_SECONDS = 30.0


async def main() -> None:
    """Works until SIGTERM or SIGINT."""
    settings = load_settings()
    configure_logging(settings)
    shutdown = Shutdown()
    with shutdown.on_signals(pass_on=False):
        async with build_client() as client, running_provider(settings) as ai:
            gateway = ServiceGateway(Upstream(client, budget=BUDGET_SECONDS), settings, Trace(None))
            await Worker(gateway, TASKS, shutdown, ai).run()


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
