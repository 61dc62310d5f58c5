"""/admin/users: what the holder of the secret key may do with anyone's account."""

import secrets
from uuid import UUID, uuid4

from asyncpg import Record, UniqueViolationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dev.auth import bans, passwords, sessions, users
from dev.auth.bodies import AdminDelete, AdminUser, merge_metadata, normalise_email, read_body
from dev.auth.context import get_context, require_admin, user_response
from dev.auth.database import Connection
from dev.auth.errors import AuthError, email_taken, invalid


async def create(request: Request) -> Response:
    """200 with the new user; without `email_confirm` they cannot sign in until it is confirmed."""
    require_admin(request)
    body = await read_body(request, AdminUser)
    _check_phone(body)
    if not body.email:
        raise invalid("Cannot create a user without either an email or phone")
    email, user_id = normalise_email(body.email), _chosen_id(body.id)
    columns: dict[str, object] = {
        "id": user_id,
        "email": email,
        "encrypted_password": await _hash_for(request, body),
        "raw_app_meta_data": merge_metadata({"provider": "email", "providers": ["email"]}, body.app_metadata or {}),
        "raw_user_meta_data": merge_metadata(None, body.user_metadata or {}),
        **_role_and_ban(body),
    }
    try:
        async with get_context(request).transaction() as connection:
            user = await users.insert(connection, columns)
            await users.set_email_identity(connection, user_id, email, {})
            if body.email_confirm:
                user = await _confirm(connection, user)
            return await user_response(connection, user)
    except UniqueViolationError as error:
        raise _taken(error) from error


async def update(request: Request) -> Response:
    """200 with the changed user. Metadata is merged; a new password ends all sessions."""
    require_admin(request)
    user_id = _path_id(request)
    body = await read_body(request, AdminUser)
    _check_phone(body)
    email = normalise_email(body.email) if body.email else ""
    columns = _role_and_ban(body)
    if body.password is not None:
        passwords.check(body.password)
        columns["encrypted_password"] = await get_context(request).passwords.hash(body.password)
    try:
        async with get_context(request).transaction() as connection:
            user = await _apply(connection, await _load(connection, user_id, lock=True), body, columns)
            if email and email != user["email"]:
                user = await users.set_email(connection, user, email, confirmed=body.email_confirm)
            return await user_response(connection, user)
    except UniqueViolationError as error:
        raise _taken(error) from error


async def _apply(connection: Connection, user: Record, body: AdminUser, columns: dict[str, object]) -> Record:
    if "encrypted_password" in columns:
        await sessions.end_others(connection, user["id"], None)
    if body.app_metadata is not None:
        columns["raw_app_meta_data"] = merge_metadata(user["raw_app_meta_data"], body.app_metadata)
    if body.user_metadata is not None:
        columns["raw_user_meta_data"] = merge_metadata(user["raw_user_meta_data"], body.user_metadata)
    user = await users.update(connection, user["id"], columns)
    return await _confirm(connection, user) if body.email_confirm else user


async def _confirm(connection: Connection, user: Record) -> Record:
    metadata = merge_metadata(user["raw_user_meta_data"], {"email_verified": True})
    return await users.confirm(connection, user["id"], {"raw_user_meta_data": metadata})


async def get(request: Request) -> Response:
    """200 with the user."""
    require_admin(request)
    async with get_context(request).connection() as connection:
        return await user_response(connection, await _load(connection, _path_id(request)))


async def remove(request: Request) -> Response:
    """200 `{}`. The row goes, and with it all that the person owns; softly, only what names them."""
    require_admin(request)
    body = await read_body(request, AdminDelete, optional=True)
    async with get_context(request).transaction() as connection:
        user = await _load(connection, _path_id(request), lock=True)
        if body.should_soft_delete:
            await users.anonymise(connection, user)
        else:
            await connection.execute("delete from auth.users where id = $1", user["id"])
    return JSONResponse({})


async def _load(connection: Connection, user_id: UUID, *, lock: bool = False) -> Record:
    user = await users.find_by_id(connection, user_id, lock=lock)
    if user is None:
        raise AuthError(404, "user_not_found", "User not found")
    return user


def _path_id(request: Request) -> UUID:
    try:
        return UUID(request.path_params["id"])
    except ValueError as error:
        raise invalid("user_id must be an UUID", 404) from error


def _chosen_id(text: str) -> UUID:
    try:
        chosen = UUID(text) if text else uuid4()
    except ValueError as error:
        raise invalid("ID must conform to the uuid v4 format") from error
    if chosen.int == 0:
        raise invalid("ID cannot be a nil uuid")
    return chosen


async def _hash_for(request: Request, body: AdminUser) -> str:
    if body.password is not None and body.password_hash:
        raise invalid("Only a password or a password hash should be provided")
    if body.password_hash:
        if not passwords.is_hash(body.password_hash):
            raise invalid("The local auth service only takes argon2 password hashes")
        return body.password_hash
    password = body.password or secrets.token_urlsafe(48)
    if len(password.encode()) > passwords.MAX_BYTES:
        raise invalid(f"Password cannot be longer than {passwords.MAX_BYTES} characters")
    return await get_context(request).passwords.hash(password)


def _role_and_ban(body: AdminUser) -> dict[str, object]:
    columns: dict[str, object] = {"role": body.role.strip()} if body.role.strip() else {}
    if body.ban_duration:
        columns["banned_until"] = bans.parse_ban(body.ban_duration)
    return columns


def _check_phone(body: AdminUser) -> None:
    if body.phone:
        raise AuthError(422, "phone_provider_disabled", "The local auth service has no phone sign-in.")


def _taken(error: UniqueViolationError) -> Exception:
    if error.constraint_name == "users_email_partial_key":
        return email_taken()
    if error.constraint_name == "users_pkey":
        return AuthError(422, "user_already_exists", "A user with this id already exists")
    return error
