"""Whose token is believed: the platform's, and nobody else's."""

from typing import Any

import pytest

from src.core.auth import Authenticator
from src.core.config import Settings
from src.core.errors import Unauthenticated
from src.core.jwks import JwksCache
from tests.support.forgeries import EC, ED, FORGERIES, ISSUER, JWKS, LEGACY_SECRET, RSA, SETTINGS, now, token
from tests.support.tokens import good_claims, signed


def authenticator(**settings: Any) -> Authenticator:
    async def fetch() -> bytes:
        return JWKS

    return Authenticator(Settings.model_validate(SETTINGS | settings), JwksCache(fetch))


@pytest.mark.parametrize(("key", "kid", "algorithm"), [(EC, "ec", "ES256"), (RSA, "rsa", "RS256"), (ED, "ed", "EdDSA")])
async def test_every_algorithm_of_the_platform_is_believed(key: Any, kid: str, algorithm: str) -> None:
    claims = good_claims(ISSUER, aal="aal2", is_anonymous=True)
    good = signed(claims, key, algorithm=algorithm, kid=kid)
    person = await authenticator().authenticate(f"Bearer {good}")
    assert (str(person.id), person.email, person.aal) == (claims["sub"], claims["email"], "aal2")
    assert person.is_anonymous is True
    assert person.expires_at == claims["exp"]
    assert good not in repr(person)


async def test_an_audience_may_be_a_list_and_the_scheme_in_any_case() -> None:
    person = await authenticator().authenticate(f"bEaReR {token(aud=['other', 'authenticated'], email='')}")
    assert person.email is None


async def test_what_breaks_while_keys_are_fetched_is_not_the_tokens_fault() -> None:
    async def fetch() -> bytes:
        raise ValueError("I/O operation on closed file")

    with pytest.raises(ValueError, match="closed file"):
        await Authenticator(Settings.model_validate(SETTINGS), JwksCache(fetch)).authenticate(f"Bearer {token()}")


WRONG_CLAIMS: dict[str, dict[str, object]] = {
    "no exp": {"exp": ...},
    "expired beyond the leeway": {"exp": 0},
    "exp is a text": {"exp": "tomorrow"},
    "exp is a number as text": {"exp": "9999999999"},
    "exp is a list": {"exp": [9_999_999_999]},
    "exp is no number": {"exp": float("nan")},
    "exp is endless": {"exp": float("inf")},
    "exp is huge": {"exp": 1e300},
    "exp is negative": {"exp": -1},
    "exp is null": {"exp": None},
    "no iat": {"iat": ...},
    "iat is a text": {"iat": "today"},
    "iat is null": {"iat": None},
    "iat in the future": {"iat": 9_999_999_999},
    "nbf in the future": {"nbf": 9_999_999_999},
    "no sub": {"sub": ...},
    "sub is no UUID": {"sub": "ana"},
    "sub is a number": {"sub": 5},
    "no aud": {"aud": ...},
    "wrong aud": {"aud": "anon"},
    "wrong auds": {"aud": ["anon", "service"]},
    "no iss": {"iss": ...},
    "another project": {"iss": "https://other.example/auth/v1"},
    "a longer issuer": {"iss": f"{ISSUER}/"},
    "no role": {"role": ...},
    "service role": {"role": "service_role"},
    "anon role": {"role": "anon"},
    "roles": {"role": ["authenticated"]},
}


@pytest.mark.parametrize("claims", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
async def test_wrong_claims_are_refused(claims: dict[str, object]) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator().authenticate(f"Bearer {token(**claims)}")


async def test_clocks_may_be_ten_seconds_apart() -> None:
    await authenticator().authenticate(f"Bearer {token(exp=now() - 5)}")
    await authenticator().authenticate(f"Bearer {token(iat=now() + 5)}")
    for beyond in ({"exp": now() - 15}, {"iat": now() + 60}):
        with pytest.raises(Unauthenticated):
            await authenticator().authenticate(f"Bearer {token(**beyond)}")


@pytest.mark.parametrize("forged", FORGERIES.values(), ids=FORGERIES)
async def test_forgeries_are_refused(forged: str) -> None:
    for settings in ({}, {"supabase_jwt_secret": LEGACY_SECRET}):
        with pytest.raises(Unauthenticated):
            await authenticator(**settings).authenticate(f"Bearer {forged}")


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer ", "Basic abc", token(), f"Token {token()}"], ids=range(7)
)
async def test_other_headers_are_refused(header: str | None) -> None:
    with pytest.raises(Unauthenticated):
        await authenticator().authenticate(header)


async def test_a_legacy_secret_counts_only_where_it_is_set() -> None:
    legacy = signed(good_claims(ISSUER), LEGACY_SECRET.encode(), algorithm="HS256")
    with pytest.raises(Unauthenticated):
        await authenticator().authenticate(f"Bearer {legacy}")
    person = await authenticator(supabase_jwt_secret=LEGACY_SECRET).authenticate(f"Bearer {legacy}")
    assert person.role == "authenticated"


async def test_a_token_is_not_remembered_past_its_end() -> None:
    remembering = authenticator()
    short = token(exp=now() - 9)
    await remembering.authenticate(f"Bearer {short}")
    assert len(remembering._verified) == 0
