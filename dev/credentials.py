"""The passwords and API keys of one data folder: made at its first start, kept, private."""

import json
import os
import secrets
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

FILE: Final = "credentials.json"


@dataclass(frozen=True)
class Credentials:
    """A password per login role, the keys of the gateway, and the secret of the cron routes."""

    supabase_admin: str
    postgres: str
    authenticator: str
    supabase_auth_admin: str
    publishable_key: str
    secret_key: str
    cron_secret: str

    def database_url(self, role: str, port: int, database: str = "postgres") -> str:
        """The address for one of the login roles, on loopback TCP."""
        password = quote(str(getattr(self, role)), safe="")
        return f"postgresql://{role}:{password}@127.0.0.1:{port}/{database}"


def load_or_create(data_dir: Path) -> Credentials:
    """Read `<data_dir>/credentials.json`, made with mode 600 when it is not there."""
    path = data_dir / FILE
    if path.exists():
        return Credentials(**json.loads(path.read_text()))
    made = _generate()
    write_private(path, json.dumps(asdict(made), indent=2) + "\n")
    return made


def _generate() -> Credentials:
    passwords = {
        role: secrets.token_urlsafe(24)
        for role in ("supabase_admin", "postgres", "authenticator", "supabase_auth_admin")
    }
    return Credentials(
        **passwords,
        publishable_key=_api_key("sb_publishable"),
        secret_key=_api_key("sb_secret"),
        cron_secret=secrets.token_urlsafe(32),
    )


def _api_key(prefix: str) -> str:
    # The platform's look: 22 characters, and 8 more that are its checksum there.
    return f"{prefix}_{secrets.token_urlsafe(16)}_{secrets.token_urlsafe(6)}"


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 600
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(scratch).replace(path)
