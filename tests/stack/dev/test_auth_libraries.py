"""The auth service and the gateway as supabase-py sees them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from supabase import AsyncClient, AsyncClientOptions, acreate_client
from supabase_auth.errors import AuthApiError, AuthWeakPasswordError

from dev.stack import Stack
from tests.support.auth_http import PASSWORD, claims_of, new_email

# supabase-py's own way of making its database client; nothing of ours passes these.
pytestmark = pytest.mark.filterwarnings("ignore:The '(timeout|verify)' parameter is deprecated:DeprecationWarning")


@asynccontextmanager
async def client_of(stack: Stack, key: str) -> AsyncIterator[AsyncClient]:
    """A client over a pool of ours: its own are left open whenever someone signs in."""
    async with httpx.AsyncClient(timeout=30) as pool:
        options = AsyncClientOptions(httpx_client=pool, auto_refresh_token=False)
        yield await acreate_client(stack.supabase_url, key, options)


@pytest.fixture
async def supabase(stack: Stack) -> AsyncIterator[AsyncClient]:
    async with client_of(stack, stack.publishable_key) as client:
        yield client


async def test_sign_up_query_refresh_and_sign_out(supabase: AsyncClient) -> None:
    email = new_email()
    made = await supabase.auth.sign_up({"email": email, "password": PASSWORD, "options": {"data": {"n": 1}}})
    assert made.session is not None
    assert made.user is not None
    assert made.user.user_metadata["n"] == 1
    rows = (await supabase.table("users").select("id").execute()).data
    assert rows == [{"id": made.user.id}]
    refreshed = await supabase.auth.refresh_session()
    assert refreshed.session is not None
    assert refreshed.session.refresh_token != made.session.refresh_token
    asked = await supabase.auth.get_user()
    assert asked is not None
    assert asked.user.email == email
    claims = await supabase.auth.get_claims()
    assert claims is not None
    assert claims["claims"]["sub"] == made.user.id
    await supabase.auth.sign_out()
    signed_in = await supabase.auth.sign_in_with_password({"email": email, "password": PASSWORD})
    assert signed_in.user is not None
    assert signed_in.user.id == made.user.id


async def test_anonymous_becomes_permanent(supabase: AsyncClient) -> None:
    anonymous = await supabase.auth.sign_in_anonymously()
    assert anonymous.user is not None
    assert anonymous.user.is_anonymous
    changed = await supabase.auth.update_user({"email": new_email(), "password": PASSWORD})
    assert changed.user.id == anonymous.user.id
    assert not changed.user.is_anonymous
    session = (await supabase.auth.refresh_session()).session
    assert session is not None
    assert claims_of(session.access_token)["is_anonymous"] is False


async def test_errors_arrive_as_the_librarys_own(supabase: AsyncClient) -> None:
    with pytest.raises(AuthWeakPasswordError) as weak:
        await supabase.auth.sign_up({"email": new_email(), "password": "abc"})
    assert weak.value.reasons == ["length"]
    with pytest.raises(AuthApiError, match="Invalid login credentials") as wrong:
        await supabase.auth.sign_in_with_password({"email": new_email(), "password": PASSWORD})
    assert wrong.value.code == "invalid_credentials"


async def test_admin_creates_reads_lists_and_deletes(stack: Stack, supabase: AsyncClient) -> None:
    async with client_of(stack, stack.secret_key) as admin:
        email = new_email()
        made = await admin.auth.admin.create_user({"email": email, "password": PASSWORD, "email_confirm": True})
        user_id = made.user.id
        assert (await admin.auth.admin.get_user_by_id(user_id)).user.email == email
        assert user_id in [user.id for user in await admin.auth.admin.list_users()]
        everyone = (await admin.table("users").select("id").eq("id", user_id).execute()).data
        assert everyone == [{"id": user_id}]
        await supabase.auth.sign_in_with_password({"email": email, "password": PASSWORD})
        await admin.auth.admin.delete_user(user_id)
        assert (await admin.table("users").select("id").eq("id", user_id).execute()).data == []
        with pytest.raises(AuthApiError, match="User from sub claim in JWT does not exist"):
            await supabase.auth.get_user()


async def test_publishable_key_is_no_admin(supabase: AsyncClient) -> None:
    with pytest.raises(AuthApiError) as refused:
        await supabase.auth.admin.list_users()
    assert refused.value.status == 401
