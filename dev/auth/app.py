"""The ASGI app of the auth service."""

import asyncpg
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Route
from starlette.types import ExceptionHandler

from dev.auth import account, admin, admin_list, discovery, errors, grants, signup, unsupported
from dev.auth.context import AuthContext
from dev.auth.database import Pool
from dev.auth.keys import KeyRing
from dev.auth.passwords import Passwords
from dev.auth.tokens import Tokens


def auth_context(pool: Pool, keys: KeyRing, issuer: str) -> AuthContext:
    """The parts of the service; `issuer` is `<SUPABASE_URL>/auth/v1`."""
    return AuthContext(pool, keys, Tokens(keys, issuer), Passwords())


def create_app(context: AuthContext) -> Starlette:
    """The service, to be mounted below /auth/v1. Whoever made the pool opens and closes it."""
    handlers: dict[int | type[Exception], ExceptionHandler] = {
        errors.AuthError: errors.on_auth_error,
        HTTPException: errors.on_http_error,
        asyncpg.PostgresError: errors.on_database_error,
        **dict.fromkeys(errors.DATABASE_GONE, errors.on_database_gone),
        Exception: errors.on_unexpected,
    }
    app = Starlette(routes=[*_routes(), *unsupported.routes()], exception_handlers=handlers)
    app.router.redirect_slashes = False
    app.state.auth = context
    return app


def _routes() -> list[BaseRoute]:
    return [
        Route("/signup", signup.sign_up, methods=["POST"]),
        Route("/token", grants.token, methods=["POST"]),
        Route("/user", account.get_user, methods=["GET"]),
        Route("/user", account.update_user, methods=["PUT"]),
        Route("/logout", account.log_out, methods=["POST"]),
        Route("/admin/users", admin_list.users_page, methods=["GET"]),
        Route("/admin/users", admin.create, methods=["POST"]),
        Route("/admin/users/{id}", admin.get, methods=["GET"]),
        Route("/admin/users/{id}", admin.update, methods=["PUT"]),
        Route("/admin/users/{id}", admin.remove, methods=["DELETE"]),
        Route("/settings", discovery.settings, methods=["GET"]),
        Route("/health", discovery.health, methods=["GET"]),
        Route("/.well-known/jwks.json", discovery.jwks, methods=["GET"]),
    ]
