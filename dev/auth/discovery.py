"""What a client may know before anyone signs in: GET /settings, /health and /.well-known/jwks.json."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dev.auth.context import get_context

_PROVIDERS = [
    "apple",
    "azure",
    "bitbucket",
    "discord",
    "facebook",
    "figma",
    "fly",
    "github",
    "gitlab",
    "google",
    "keycloak",
    "kakao",
    "linkedin",
    "linkedin_oidc",
    "notion",
    "spotify",
    "slack",
    "slack_oidc",
    "workos",
    "twitch",
    "twitter",
    "phone",
    "zoom",
]


async def settings(request: Request) -> Response:  # noqa: ARG001  # Starlette passes it
    """200: only email with password, and anonymous users."""
    external = {"anonymous_users": True, **dict.fromkeys(_PROVIDERS, False), "email": True}
    return JSONResponse(
        {
            "external": external,
            "disable_signup": False,
            "mailer_autoconfirm": True,
            "phone_autoconfirm": False,
            "sms_provider": "",
            "saml_enabled": False,
        }
    )


async def health(request: Request) -> Response:
    """200 after a round trip to the database."""
    async with get_context(request).connection() as connection:
        await connection.execute("select 1")
    description = "The local stack's stand-in for the platform's auth service"
    return JSONResponse({"version": "local", "name": "slow-burn-auth", "description": description})


async def jwks(request: Request) -> Response:
    """200 with the public keys: in use, standing by, and just retired."""
    return JSONResponse(get_context(request).keys.jwks(), headers={"Cache-Control": "public, max-age=600"})
