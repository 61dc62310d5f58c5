"""The super-user's way: unrelated to UserGateway, so that no request comes by it by accident.

On a request path it serves one purpose, removing an account, which only the auth service can do.
"""

import time
from uuid import UUID

from src.core.config import Settings
from src.core.rest_errors import error_of_status
from src.core.trace import Trace
from src.core.upstream import Upstream


class ServiceGateway:
    """The auth service's admin API, with the secret key."""

    def __init__(self, upstream: Upstream, settings: Settings, trace: Trace) -> None:
        self._upstream = upstream
        self._users_url = f"{settings.issuer}/admin/users"
        self._key = settings.supabase_secret_key
        self._trace = trace

    async def delete_account(self, person: UUID) -> None:
        """Removes an account and, by cascade, everything in it. Removing one that is gone already is a success."""
        key = self._key.get_secret_value()
        started = time.perf_counter()
        try:
            answer = await self._upstream.send(
                "DELETE",
                f"{self._users_url}/{person}",
                headers={"apikey": key, "Authorization": f"Bearer {key}", "content-type": "application/json"},
                body=b'{"should_soft_delete": false}',
            )
        finally:
            self._trace.add("auth", started)
        if answer.status not in {200, 204, 404}:
            raise error_of_status(answer.status)
