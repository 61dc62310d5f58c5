"""Bring a new cluster to what a new project has on the platform: roles, schemas, auth."""

from typing import Final

import asyncpg

from dev.credentials import Credentials
from dev.paths import DEV
from dev.postgres import SUPERUSER, Cluster

FILES: Final = (DEV / "bootstrap.sql", DEV / "auth" / "schema.sql")
LOGIN_ROLES: Final = ("postgres", "authenticator", "supabase_auth_admin")


async def bootstrap(cluster: Cluster) -> None:
    """Run the bootstrap files as the superuser and set the passwords. Safe to run again."""
    connection = await asyncpg.connect(cluster.url(SUPERUSER), ssl=False)
    try:
        for file in FILES:
            await connection.execute(file.read_text())
        await connection.execute(_passwords(cluster.credentials))
    finally:
        await connection.close()


def _passwords(credentials: Credentials) -> str:
    # The passwords are our own URL-safe text, so plain quotes hold them.
    return "".join(f"alter role {role} password '{getattr(credentials, role)}';\n" for role in LOGIN_ROLES)
