"""POST /signup: a new person, by email and password or anonymous; signed in at once, as there is no mail."""

from uuid import UUID, uuid4

from asyncpg import UniqueViolationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dev.auth import passwords, sessions, users
from dev.auth.bodies import SignUp, merge_metadata, normalise_email, read_body
from dev.auth.context import get_context, session_body
from dev.auth.database import Connection
from dev.auth.errors import AuthError, invalid
from dev.auth.sessions import ClientInfo


async def sign_up(request: Request) -> Response:
    """200 with a session. 400, 422 `weak_password`, `user_already_exists`."""
    body = await read_body(request, SignUp)
    if body.phone:
        raise AuthError(422, "phone_provider_disabled", "The local stack sends no text messages.")
    return await (_with_email(request, body) if body.email else _anonymous(request, body))


async def _with_email(request: Request, body: SignUp) -> Response:
    if not body.password:
        raise invalid("Signup requires a valid password")
    passwords.check(body.password)
    email = normalise_email(body.email)
    auth = get_context(request)
    async with auth.connection() as connection:
        if await users.find_by_email(connection, email) is not None:
            raise _exists()
    hashed = await auth.passwords.hash(body.password)  # slow: outside the transaction
    try:
        async with auth.transaction() as connection:
            user_id = await _insert_person(connection, email, hashed, body)
            session = await sessions.start(connection, user_id, "password", ClientInfo.of(request))
            return JSONResponse(await session_body(request, connection, session))
    except UniqueViolationError as error:
        if error.constraint_name == "users_email_partial_key":  # someone else was faster
            raise _exists() from error
        raise


def _exists() -> AuthError:
    return AuthError(422, "user_already_exists", "User already registered")


async def _insert_person(connection: Connection, email: str, hashed: str, body: SignUp) -> UUID:
    user_id = uuid4()
    app_data = {"provider": "email", "providers": ["email"]}
    columns = {"id": user_id, "email": email, "encrypted_password": hashed, "raw_app_meta_data": app_data}
    given = merge_metadata(None, body.data)
    user = await users.insert(connection, {**columns, "raw_user_meta_data": given})
    identity = await users.set_email_identity(connection, user_id, email, given)
    # Two steps, as on the platform: a trigger on insert sees a person whose address is not confirmed yet.
    metadata = users.with_identity(user["raw_user_meta_data"], identity, verified=True)
    await users.confirm(connection, user_id, {"raw_user_meta_data": metadata, **users.signed_in_now()})
    return user_id


async def _anonymous(request: Request, body: SignUp) -> Response:
    columns = {"raw_app_meta_data": {}, "raw_user_meta_data": merge_metadata(None, body.data), "is_anonymous": True}
    user_id = uuid4()
    async with get_context(request).transaction() as connection:
        await users.insert(connection, {"id": user_id, **columns, **users.signed_in_now()})
        session = await sessions.start(connection, user_id, "anonymous", ClientInfo.of(request))
        return JSONResponse(await session_body(request, connection, session))
