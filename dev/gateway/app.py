"""The ASGI app at the Supabase URL: CORS, API keys, and who answers which path."""

import asyncio
import contextlib
import logging
from typing import Final

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dev.auth import database
from dev.auth.app import auth_context, create_app
from dev.auth.database import Pool
from dev.auth.keys import KeyRing
from dev.gateway import cors
from dev.gateway.apikeys import ApiKeys, Headers, RefusedError
from dev.gateway.config import GatewayConfig
from dev.gateway.proxy import Proxy
from dev.gateway.upstream import UpstreamPool

AUTH: Final = b"/auth/v1"
REST: Final = b"/rest/v1"
# Open on the platform too: public keys, and pages that a browser is sent to by a link.
WITHOUT_KEY: Final = (
    b"/auth/v1/.well-known/jwks.json",
    b"/auth/v1/verify",
    b"/auth/v1/callback",
    b"/auth/v1/authorize",
    b"/auth/v1/sso/saml/acs",
    b"/auth/v1/sso/saml/metadata",
)
ELSEWHERE: Final = (b"/storage/v1", b"/realtime/v1", b"/functions/v1", b"/graphql/v1")

_log = logging.getLogger("dev.gateway")


class Gateway:
    """Answers /auth/v1 itself, passes /rest/v1 on, and says what else the local stack lacks."""

    def __init__(self, pool: Pool, auth: ASGIApp, keys: ApiKeys, upstream: UpstreamPool) -> None:
        self._pool = pool
        self._auth = auth
        self._keys = keys
        self._upstream = upstream
        self._proxy = Proxy(upstream, len(REST))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            if cors.is_preflight(scope["method"], scope["headers"]):
                await cors.answer_preflight(scope["headers"], send)
            else:
                await self._answer(scope, receive, cors.add_headers(send))

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: bytes = scope["raw_path"]
        if not _below(path, AUTH) and not _below(path, REST):
            await _not_here(path)(scope, receive, send)
        elif path in WITHOUT_KEY:
            await self._ask_auth(scope, receive, send, scope["headers"])
        else:
            try:
                await self._admit(scope, receive, send)
            except RefusedError as refused:
                body = {"message": refused.message, "hint": refused.hint}
                await JSONResponse(body, 401)(scope, receive, send)

    async def _admit(self, scope: Scope, receive: Receive, send: Send) -> None:
        access = self._keys.check(scope["headers"], scope["query_string"])
        kept = [header for header in scope["headers"] if header[0] not in {b"apikey", b"authorization"}]
        if _below(scope["raw_path"], REST):
            kept.append((b"authorization", self._keys.for_postgrest(access)))
            await self._proxy.forward({**scope, "headers": kept, "query_string": access.query}, receive, send)
        else:
            authorization = self._keys.for_auth(access)
            if authorization is not None:
                kept.append((b"authorization", authorization))
            await self._ask_auth({**scope, "query_string": access.query}, receive, send, kept)

    async def _ask_auth(self, scope: Scope, receive: Receive, send: Send, headers: Headers) -> None:
        try:
            await self._auth({**scope, "headers": headers, "root_path": AUTH.decode()}, receive, send)
        except Exception:  # noqa: BLE001  # Starlette has answered 500 and raises again, which would cut the connection
            _log.exception("the auth service failed")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()  # startup
        await self._pool
        await send({"type": "lifespan.startup.complete"})
        await receive()  # shutdown
        self._upstream.close()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._pool.close(), 0.5)  # a query that hangs must not keep us
        self._pool.terminate()
        await send({"type": "lifespan.shutdown.complete"})


def create_gateway(config: GatewayConfig, ring: KeyRing) -> Gateway:
    """The app for those settings and keys. Connects to nothing yet; call it in the loop that will run it."""
    pool = database.pool(config.auth_database_url)
    context = auth_context(pool, ring, f"{config.supabase_url}/auth/v1")
    keys = ApiKeys(config.publishable_key, config.secret_key, context.tokens)
    upstream = UpstreamPool(config.postgrest_host, config.postgrest_port)
    return Gateway(pool, create_app(context), keys, upstream)


def _below(path: bytes, prefix: bytes) -> bool:
    return path == prefix or path.startswith(prefix + b"/")


def _not_here(path: bytes) -> JSONResponse:
    missing = next((prefix for prefix in ELSEWHERE if _below(path, prefix)), None)
    if missing is None:
        return JSONResponse({"message": "no Route matched with those values"}, 404)
    name = missing.decode()
    message = f"The local stack has no {name}: use `supabase start` or a hosted project for it."
    return JSONResponse({"message": message}, 404)
