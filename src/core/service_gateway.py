"""The way of the secret key: unrelated to UserGateway, so that no request takes it by accident.

The worker and the cron tasks use it. On a person's request path it serves one purpose, removing an account, which only
the auth service can do.
"""

import time
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter

from src.core.admin_api import load_admin_api
from src.core.config import Settings
from src.core.documents import parse_document
from src.core.rest import RestClient, decode_json
from src.core.rest_errors import error_for_status
from src.core.trace import Trace

_IDS: Final = TypeAdapter(list[UUID])


class ServiceGateway:
    """The auth service's admin API and the functions that only the server may call, with the secret key."""

    def __init__(self, rest: RestClient, settings: Settings, trace: Trace) -> None:
        self._rest = rest
        self._auth_url = settings.issuer
        # Where the secret key is understood: at the Supabase URL, not at a PostgREST behind it.
        self._rpc_url = f"{str(settings.supabase_url).rstrip('/')}/rest/v1/rpc"
        self._key = settings.supabase_secret_key
        self._trace = trace

    async def call(self, function: str, params: Mapping[str, Any] | None = None) -> Any:
        """Calls a SQL function, once."""
        headers = {"apikey": self._key.get_secret_value()}
        url = f"{self._rpc_url}/{function}"
        return decode_json(await self._rest.send("POST", url, headers=headers, json=params or {}, trace=self._trace))

    async def delete_account(self, user_id: UUID) -> None:
        """Removes an account and, by cascade, everything in it. Removing one that is gone already is a success.

        It is closed first: what its owner and their jobs are just writing ends, and nothing new begins. When the auth
        service fails after that, the cron task `purge` removes the account.
        """
        await self.call("close_account", {"user_id": str(user_id)})
        admin = await load_admin_api(self._rest.http, self._auth_url, self._key.get_secret_value())
        started = time.perf_counter()
        deadline = self._rest.new_deadline()
        try:
            status = await admin.delete_user(user_id, deadline)
            if status >= 500:
                # Asking again is safe: an account can be removed only once.
                status = await admin.delete_user(user_id, deadline)
        finally:
            self._trace.add("auth", started)
        if status not in {200, 204, 404}:
            raise error_for_status(status)

    async def finish_deletions(self) -> int:
        """Removes accounts that were closed, but that the auth service did not remove then. Returns their number."""
        accounts = parse_document(_IDS.validate_python, await self.call("unfinished_deletions"))
        for user_id in accounts:
            await self.delete_account(user_id)
        return len(accounts)
