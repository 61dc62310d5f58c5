"""Bring a new cluster to what a new project has on the platform: roles, schemas, auth."""

from typing import Final

from dev.credentials import Credentials
from dev.paths import DEV
from dev.postgres import SUPERUSER, Cluster

FILES: Final = (DEV / "bootstrap.sql", DEV / "auth" / "schema.sql")
LOGIN_ROLES: Final = ("postgres", "authenticator", "supabase_auth_admin")


async def bootstrap(cluster: Cluster, database: str = "postgres") -> None:
    """Run the bootstrap files as the superuser and set the passwords. Safe to run again."""
    async with cluster.connect(SUPERUSER, database) as connection:
        for file in FILES:
            await connection.execute(file.read_text())
        await connection.execute(_passwords(cluster.credentials))


def _passwords(credentials: Credentials) -> str:
    # The passwords are our own URL-safe text, so plain quotes hold them.
    return "".join(f"alter role {role} password '{getattr(credentials, role)}';\n" for role in LOGIN_ROLES)
