"""The gateway's settings, from the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

LOOPBACK: Final = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}
NAMES: Final = (
    "SUPABASE_URL",
    "AUTH_DATABASE_URL",
    "POSTGREST_URL",
    "SUPABASE_PUBLISHABLE_KEY",
    "SUPABASE_SECRET_KEY",
    "KEYS_FILE",
    "JWKS_FILE",
)


class ConfigError(Exception):
    """The environment cannot be used; the message is one sentence that says why."""


@dataclass(frozen=True)
class GatewayConfig:
    """Where to listen, whom to ask, and the two API keys. Secrets stay out of its repr by having none."""

    supabase_url: str
    host: str
    port: int
    auth_database_url: str
    postgrest_host: str
    postgrest_port: int
    publishable_key: str
    secret_key: str
    keys_file: Path
    jwks_file: Path

    __repr__ = object.__repr__

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "GatewayConfig":
        """ConfigError when something is missing, or when it should listen on anything but loopback."""
        missing = [name for name in NAMES if not environment.get(name)]
        if missing:
            raise ConfigError(f"The gateway needs {', '.join(missing)} in its environment.")
        url = environment["SUPABASE_URL"].rstrip("/")
        here = _address("SUPABASE_URL", url)
        upstream = _address("POSTGREST_URL", environment["POSTGREST_URL"])
        if here.hostname not in LOOPBACK:
            raise ConfigError(
                f"SUPABASE_URL is {url}, but the local stack, for development, listens on 127.0.0.1 only."
            )
        publishable, secret = environment["SUPABASE_PUBLISHABLE_KEY"], environment["SUPABASE_SECRET_KEY"]
        _check_keys(publishable, secret)
        return cls(
            supabase_url=url,
            host=LOOPBACK[here.hostname],
            port=here.port or 80,
            auth_database_url=environment["AUTH_DATABASE_URL"],
            postgrest_host=upstream.hostname or "",
            postgrest_port=upstream.port or 80,
            publishable_key=publishable,
            secret_key=secret,
            keys_file=Path(environment["KEYS_FILE"]),
            jwks_file=Path(environment["JWKS_FILE"]),
        )


def _address(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        usable = parts.scheme == "http" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.username:
        raise ConfigError(f"{name} must look like http://127.0.0.1:54321.")
    return parts


def _check_keys(publishable: str, secret: str) -> None:
    if not publishable.startswith("sb_publishable_") or not secret.startswith("sb_secret_"):
        raise ConfigError(
            "SUPABASE_PUBLISHABLE_KEY must start with sb_publishable_, SUPABASE_SECRET_KEY with sb_secret_."
        )
