"""The rows of auth.users and auth.identities, and how the platform shows them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from asyncpg import Record

from dev.auth.bodies import Metadata, merge_metadata
from dev.auth.database import Connection, RowLike

_TIMES = (
    "email_confirmed_at",
    "phone_confirmed_at",
    "confirmation_sent_at",
    "confirmed_at",
    "recovery_sent_at",
    "last_sign_in_at",
)


async def find_by_id(connection: Connection, user_id: UUID, *, lock: bool = False) -> Record | None:
    """The user's row; `lock` holds others off until the transaction ends."""
    statement = "select * from auth.users where id = $1"
    return await connection.fetchrow(f"{statement} for update" if lock else statement, user_id)


async def find_by_email(connection: Connection, email: str) -> Record | None:
    """The user with that (lower-case) address; single sign-on users may share one and are not looked at."""
    return await connection.fetchrow(
        "select * from auth.users where email = $1 and aud = 'authenticated' and not is_sso_user", email
    )


async def list_identities(connection: Connection, user_id: UUID) -> list[Record]:
    """The ways this person signs in."""
    return await connection.fetch("select * from auth.identities where user_id = $1 order by created_at, id", user_id)


async def list_identities_by_user(connection: Connection, user_ids: list[UUID]) -> dict[UUID, list[Record]]:
    """The same for many people; those who have none are left out."""
    found: dict[UUID, list[Record]] = {}
    for row in await connection.fetch(
        "select * from auth.identities where user_id = any($1) order by created_at, id", user_ids
    ):
        found.setdefault(row["user_id"], []).append(row)
    return found


async def insert(connection: Connection, values: dict[str, object]) -> Record:
    """A new user with those columns; triggers on auth.users see it here."""
    row = {"aud": "authenticated", "role": "authenticated", **values}
    names = ", ".join(row)
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await connection.execute(
        # The zero instance and the empty tokens are what the platform writes.
        f"insert into auth.users (instance_id, confirmation_token, recovery_token, email_change_token_new,"  # noqa: S608  # column names of ours
        f" email_change, created_at, updated_at, {names})"
        f" values ('00000000-0000-0000-0000-000000000000', '', '', '', '', now(), now(), {places})",
        *row.values(),
    )
    # Read again: a trigger may have changed it.
    return await _present(connection, row["id"])


async def update(connection: Connection, user_id: UUID, values: dict[str, object]) -> Record:
    """Change those columns of the user."""
    settings = "".join(f", {name} = ${number}" for number, name in enumerate(values, 2))
    await connection.execute(
        f"update auth.users set updated_at = now(){settings} where id = $1",  # noqa: S608  # column names of ours
        user_id,
        *values.values(),
    )
    return await _present(connection, user_id)


async def _present(connection: Connection, user_id: object) -> Record:
    row = await connection.fetchrow("select * from auth.users where id = $1", user_id)
    if row is None:
        raise LookupError("a trigger removed the user")
    return row


async def set_email_identity(connection: Connection, user_id: UUID, email: str, extra: Metadata) -> Metadata:
    """Write the email identity (one per user) and return its data, which the user's metadata repeats."""
    data = {**extra, "email": email, "email_verified": False, "phone_verified": False, "sub": str(user_id)}
    await connection.execute(
        "insert into auth.identities"
        " (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at)"
        " values ($1, $2, $3, 'email', now(), now(), now())"
        " on conflict (provider_id, provider) do update"
        " set identity_data = auth.identities.identity_data || excluded.identity_data, updated_at = now()",
        str(user_id),
        user_id,
        data,
    )
    return data


def signed_in_now() -> dict[str, object]:
    """The columns of a person who signs in now."""
    return {"last_sign_in_at": datetime.now(UTC)}


async def confirm(connection: Connection, user_id: UUID, values: dict[str, object]) -> Record:
    """Take the email address for confirmed, and change those columns."""
    return await update(connection, user_id, {"email_confirmed_at": datetime.now(UTC), **values})


async def set_email(connection: Connection, user: Record, email: str, *, confirmed: bool) -> Record:
    """Give the user that (free) address and its identity. Confirmed, it makes an anonymous user permanent."""
    identity = await set_email_identity(connection, user["id"], email, {})
    providers = [row["provider"] for row in await list_identities(connection, user["id"])]
    columns: dict[str, object] = {
        "email": email,
        "raw_app_meta_data": {
            **(user["raw_app_meta_data"] or {}),
            "provider": providers[0],
            "providers": providers,
        },
        "raw_user_meta_data": with_identity(user["raw_user_meta_data"], identity, verified=confirmed),
    }
    if not confirmed:
        return await update(connection, user["id"], columns)
    return await confirm(connection, user["id"], {**columns, "is_anonymous": False})


async def anonymise(connection: Connection, user: Record) -> None:
    """Keep the row and forget the person: address, password, metadata, identities and sessions."""
    forgotten = sha256(f"{user['id']}{user['email'] or ''}".encode()).hexdigest()
    columns = {
        "email": forgotten,
        "encrypted_password": "",
        "raw_user_meta_data": {},
        "raw_app_meta_data": {},
    }
    await update(connection, user["id"], {**columns, "deleted_at": datetime.now(UTC)})
    await connection.execute(
        "update auth.identities set provider_id = encode(sha256(convert_to(provider_id, 'utf8')), 'hex'),"
        " identity_data = '{}' where user_id = $1",
        user["id"],
    )
    await connection.execute("delete from auth.sessions where user_id = $1", user["id"])


def with_identity(metadata: Metadata | None, identity: Metadata, *, verified: bool) -> Metadata:
    """The user's metadata with what the email identity adds to it on the platform."""
    keys = ("sub", "email", "phone_verified")
    return merge_metadata(metadata, {**{key: identity[key] for key in keys}, "email_verified": verified})


def to_public(user: RowLike, own_identities: Sequence[RowLike]) -> dict[str, object]:
    """The user as the platform answers it; times that are not set are left out."""
    shown: dict[str, object] = {"id": str(user["id"]), "aud": user["aud"] or "", "role": user["role"] or ""}
    shown |= {"email": user["email"] or "", "phone": user["phone"] or ""}
    shown |= {name: moment(user[name]) for name in _TIMES if user[name] is not None}
    shown["app_metadata"] = user["raw_app_meta_data"] or {}
    shown["user_metadata"] = user["raw_user_meta_data"] or {}
    shown["identities"] = [_identity(identity) for identity in own_identities]
    shown |= {"created_at": moment(user["created_at"]), "updated_at": moment(user["updated_at"])}
    shown |= {name: moment(user[name]) for name in ("banned_until", "deleted_at") if user[name] is not None}
    return {**shown, "is_anonymous": user["is_anonymous"]}


def _identity(identity: RowLike) -> dict[str, object]:
    shown = {
        "identity_id": str(identity["id"]),
        "id": identity["provider_id"],
        "user_id": str(identity["user_id"]),
        "identity_data": identity["identity_data"],
        "provider": identity["provider"],
        "email": identity["email"] or "",
    }
    times = {name: identity[name] for name in ("last_sign_in_at", "created_at", "updated_at")}
    return {**shown, **{name: moment(value) for name, value in times.items() if value is not None}}


def moment(value: datetime) -> str:
    """RFC 3339 in UTC with a `Z`, as the platform writes times."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
