"""What a frontend needs to sign in, and who the server thinks is asking."""

from uuid import UUID

from pydantic import AwareDatetime

from src.core.schema import Output


class PublicAuth(Output):
    """Everything `supabase-js` needs, and what verifies our tokens. Nothing of it is secret."""

    supabase_url: str
    publishable_key: str
    issuer: str
    jwks_url: str
    algorithms: list[str]


class Me(Output):
    """The verified principal, from the token alone."""

    id: UUID
    email: str | None
    role: str
    aal: str
    session_id: str | None
    is_anonymous: bool
    expires_at: AwareDatetime
