"""How the gateway is served."""

from functools import partial

import uvicorn

from dev.auth.keys import KeyRing
from dev.gateway.app import create_gateway
from dev.gateway.config import GatewayConfig


def server_for(config: GatewayConfig, ring: KeyRing) -> uvicorn.Server:
    """A server for these settings and keys, to be given its listening socket."""
    settings = uvicorn.Config(
        partial(create_gateway, config, ring),
        factory=True,
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,
        proxy_headers=False,  # nobody stands before us
        access_log=False,  # a query may carry an API key
        server_header=False,
        date_header=False,  # PostgREST sends its own
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,  # an open stream must not keep the stack from ending
    )
    return uvicorn.Server(settings)
