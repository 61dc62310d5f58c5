"""The server has no sign-in of its own: it says where to sign in, and who a token belongs to."""

from datetime import UTC, datetime

from src.auth.schemas import Me, PublicAuth
from src.core.di import PrincipalDep, SettingsDep
from src.core.jwks import ALGORITHMS
from src.core.route import PUBLIC, api_router
from src.users.repository import UserRepo

router = api_router("/api/v1/auth", tags=["auth"])


@router.get("/public", operation_id="getPublicAuth", openapi_extra=PUBLIC)
async def get_public_auth(settings: SettingsDep) -> PublicAuth:
    """Where and with what to sign in: for `createClient(supabase_url, publishable_key)`."""
    legacy = ["HS256"] if settings.supabase_jwt_secret else []
    return PublicAuth(
        supabase_url=str(settings.supabase_url).rstrip("/"),
        publishable_key=settings.supabase_publishable_key,
        issuer=settings.issuer,
        jwks_url=settings.jwks_url,
        algorithms=sorted(ALGORITHMS) + legacy,
    )


@router.get("/me", operation_id="getMe")
async def get_me(principal: PrincipalDep, users: UserRepo) -> Me:
    """Who this access token belongs to, as the server verified it."""
    # The token alone does not say whether its account still exists.
    await users.get()
    return Me(
        id=principal.id,
        email=principal.email,
        role=principal.role,
        aal=principal.aal,
        session_id=principal.session_id,
        is_anonymous=principal.is_anonymous,
        expires_at=datetime.fromtimestamp(principal.expires_at, UTC),
    )
