"""The super-user's way: unrelated to UserGateway, so that no request comes by it by accident.

The worker and the cron tasks use it. On a person's request path it serves one purpose, removing an account, which only
the auth service can do.
"""

import time
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from src.core.config import Settings
from src.core.errors import BadUpstream
from src.core.rest_errors import error_of, error_of_status
from src.core.trace import Trace
from src.core.upstream import Answer, Upstream


class ServiceGateway:
    """The auth service's admin API and the functions that only the server may call, with the secret key."""

    def __init__(self, upstream: Upstream, settings: Settings, trace: Trace) -> None:
        self._upstream = upstream
        self._users_url = f"{settings.issuer}/admin/users"
        # Where the secret key is understood: at the Supabase URL, not at a PostgREST behind it.
        self._rpc_url = f"{str(settings.supabase_url).rstrip('/')}/rest/v1/rpc"
        self._key = settings.supabase_secret_key
        self._trace = trace

    async def call(self, function: str, params: Mapping[str, Any] | None = None) -> Any:
        """What a SQL function answers, asked once."""
        headers = {"apikey": self._key.get_secret_value(), "content-type": "application/json"}
        started = time.perf_counter()
        try:
            answer = await self._upstream.send(
                "POST", f"{self._rpc_url}/{function}", headers=headers, body=to_json(params or {})
            )
        finally:
            self._trace.add("db", started)
        if not 200 <= answer.status < 300:
            raise error_of(answer)
        try:
            return from_json(answer.body) if answer.body else None
        except ValueError as error:
            raise BadUpstream from error

    async def delete_account(self, person: UUID) -> None:
        """Removes an account and, by cascade, everything in it. Removing one that is gone already is a success."""
        started = time.perf_counter()
        deadline = started + self._upstream.budget
        try:
            answer = await self._delete(person, deadline)
            if answer.status >= 500:
                # What the person is just writing may hold what the deletion needs, and the database then ends one of
                # the two. Asking again is safe: an account can be removed only once.
                answer = await self._delete(person, deadline)
        finally:
            self._trace.add("auth", started)
        if answer.status not in {200, 204, 404}:
            raise error_of_status(answer.status)

    async def _delete(self, person: UUID, deadline: float) -> Answer:
        key = self._key.get_secret_value()
        return await self._upstream.send(
            "DELETE",
            f"{self._users_url}/{person}",
            headers={"apikey": key, "Authorization": f"Bearer {key}", "content-type": "application/json"},
            body=b'{"should_soft_delete": false}',
            deadline=deadline,
        )
