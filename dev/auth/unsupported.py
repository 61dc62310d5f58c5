"""What the platform has and this service cannot offer: it sends no mail and knows no sign-in provider.

The answers are 4xx on purpose: the client libraries take a 5xx for a passing fault and ask again.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from dev.auth.errors import AuthError

_ELSEWHERE = "use `supabase start` or a hosted project."


async def needs_mail(request: Request) -> Response:
    """422: links and codes by mail."""
    path = request.scope["path"].rpartition("/")[2]
    message = f"The local stack sends no mail, so there is no {path} here: {_ELSEWHERE}"
    raise AuthError(422, "email_provider_disabled", message)


async def needs_provider(request: Request) -> Response:  # noqa: ARG001  # Starlette passes it
    """422: sign-in with another service."""
    raise AuthError(422, "provider_disabled", f"The local stack has no sign-in providers: {_ELSEWHERE}")


async def needs_more(request: Request) -> Response:  # noqa: ARG001  # Starlette passes it
    """422: second factors, audit log and the like."""
    raise AuthError(422, "feature_disabled", f"The local auth service does not have this: {_ELSEWHERE}")


_REFUSED = {
    needs_mail: "recover resend magiclink otp verify invite reauthenticate admin/generate_link",
    needs_provider: "authorize callback sso sso/{rest:path} user/identities/{rest:path} oauth/{rest:path}",
    needs_more: "factors factors/{rest:path} admin/users/{id}/factors admin/audit admin/sso/{rest:path}",
}


def routes() -> list[BaseRoute]:
    """One route per endpoint of the platform that is refused."""
    methods = ["GET", "POST", "PUT", "DELETE"]
    return [
        Route(f"/{path}", handler, methods=methods) for handler, paths in _REFUSED.items() for path in paths.split()
    ]
