"""How the gateway (auth service and proxy to PostgREST, `python -m dev.gateway`) is run."""

import os
import sys
from collections.abc import Mapping

from dev.child import Command
from dev.net import http_status
from dev.paths import ROOT


def gateway_command(port: int, publishable_key: str, settings: Mapping[str, str]) -> Command:
    """`settings` is its whole configuration, by environment."""

    async def is_healthy() -> bool:
        return await http_status(port, "/auth/v1/health", {"apikey": publishable_key}) == 200

    return Command(
        name="gateway",
        argv=[sys.executable, "-m", "dev.gateway"],
        check=is_healthy,
        env={"PATH": os.environ.get("PATH", os.defpath), "PYTHONUNBUFFERED": "1", **settings},
        cwd=ROOT,
    )
