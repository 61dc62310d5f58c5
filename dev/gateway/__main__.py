"""`python -m dev.gateway`: serve the local Supabase URL until SIGTERM or Ctrl-C."""

import logging
import os
import socket
import sys

from dev.auth.keys import KeyFileError, KeyRing
from dev.gateway.config import ConfigError, GatewayConfig
from dev.gateway.server import server_for


def main() -> None:
    """Exit with one sentence when it cannot start."""
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    try:
        config = GatewayConfig.from_environment(os.environ)
        ring = KeyRing.load_or_create(config.keys_file, config.jwks_file)
        listener = _listen(config)
    except (ConfigError, KeyFileError, OSError) as error:
        sys.exit(str(error))
    server_for(config, ring).run(sockets=[listener])


def _listen(config: GatewayConfig) -> socket.socket:
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        return socket.create_server((config.host, config.port), family=family, backlog=2048)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise ConfigError(f"Nothing can listen on {config.supabase_url}: {reason}.") from error


if __name__ == "__main__":
    main()
