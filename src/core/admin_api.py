"""The auth service's admin API: supabase-py's own client writes the request, our pooled client sends it.

Nothing of it outlives a call but the imported library: the client holds the secret key and no session, so no person's
sign-in can take the key's place, and no cookie or redirect leads from one call into another.
"""

import asyncio
from uuid import UUID

import httpx

from src.core.http_client import HttpClient

# What supabase-py writes. httpx adds headers of its own, and one of them asks for an answer that we do not unpack.
_HEADERS = ("apikey", "authorization", "content-type", "x-supabase-api-version")


class _PooledTransport(httpx.AsyncBaseTransport):
    """Sends through our client. Our own errors pass through supabase-py as they are; `status` is of the last answer."""

    def __init__(self, http: HttpClient, deadline: float) -> None:
        self._http = http
        self._deadline = deadline
        self.status = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name: request.headers[name] for name in _HEADERS if name in request.headers}
        body = await request.aread()
        answer = await self._http.send(
            request.method, str(request.url), headers=headers, body=body, deadline=self._deadline
        )
        self.status = answer.status
        return httpx.Response(answer.status, content=answer.body, request=request)


class AdminApi:
    """Administers the users of one project. `url` is the auth service's; made per call by `load_admin_api`."""

    def __init__(self, http: HttpClient, url: str, key: str) -> None:
        # Heavy to import, and needed by next to no request.
        from supabase_auth import AsyncGoTrueAdminAPI  # noqa: PLC0415
        from supabase_auth.errors import AuthError  # noqa: PLC0415

        self._http, self._url = http, url
        self._headers = {"apikey": key, "Authorization": f"Bearer {key}"}
        self._create, self._error = AsyncGoTrueAdminAPI, AuthError

    async def delete_user(self, user_id: UUID, deadline: float) -> int:
        """The status of the answer. Raises Unavailable and UpstreamTimeout."""
        transport = _PooledTransport(self._http, deadline)
        client = httpx.AsyncClient(transport=transport, trust_env=False)
        admin = self._create(url=self._url, headers=self._headers, http_client=client)
        try:
            await admin.delete_user(str(user_id))
        except self._error:
            # An answer that says no; which one, the status says.
            if not transport.status:
                raise
        return transport.status


async def load_admin_api(http: HttpClient, url: str, key: str) -> AdminApi:
    """The admin API. Its first import takes half a second, in a thread: other requests go on."""
    return await asyncio.to_thread(AdminApi, http, url, key)
