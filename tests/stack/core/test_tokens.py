"""Whose token is believed: the platform's, and nobody else's."""

import json
import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dev.stack import Stack
from src.core.auth import MAX_TOKEN_LENGTH, Authenticator
from src.core.config import Settings
from src.core.errors import Unauthenticated
from src.core.jwks import JwksCache
from tests.support.api import Api, running
from tests.support.people import Person, anonymous_client, assert_problem, client_with, sign_up
from tests.support.tokens import der, ec_key, ed_key, encoded, good_claims, pem, public_jwk, rsa_key, signed

EC, RSA, ED, FOREIGN = ec_key(), rsa_key(), ed_key(), ec_key()
OCT = {"kty": "oct", "kid": "oct", "alg": "HS256", "use": "sig", "k": encoded(b"k" * 32)}
JWKS = json.dumps(
    {
        "keys": [
            public_jwk(EC, "ec"),
            public_jwk(RSA, "rsa"),
            public_jwk(ED, "ed"),
            public_jwk(FOREIGN, "encrypts", use="enc"),
            OCT,
        ]
    }
).encode()
SETTINGS = {
    "supabase_url": "https://project.example",
    "supabase_publishable_key": "sb_publishable_x",
    "supabase_secret_key": "sb_secret_x",
}
ISSUER = "https://project.example/auth/v1"
LEGACY_SECRET = "s" * 40
ME = "/api/v1/auth/me"


def authenticator(**settings: Any) -> Authenticator:
    async def fetch() -> bytes:
        return JWKS

    return Authenticator(Settings.model_validate(SETTINGS | settings), JwksCache(fetch))


def token(**changes: object) -> str:
    return signed(good_claims(ISSUER, **changes), EC, kid="ec")


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


def now() -> int:
    return int(time.time())


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


def forgeries() -> dict[str, str]:
    claims = good_claims(ISSUER)
    mine = public_jwk(FOREIGN, "ec")
    header, payload, signature = token().split(".")
    odd = encoded(json.dumps({"alg": ["ES256"], "kid": "ec"}).encode())
    return {
        "alg none": f"{encoded(json.dumps({'alg': 'none'}).encode())}.{payload}.",
        "alg none with a kid": f"{encoded(json.dumps({'alg': 'none', 'kid': 'ec'}).encode())}.{payload}.{signature}",
        "no signature": f"{header}.{payload}.",
        "another payload": f"{header}.{encoded(json.dumps(claims).encode())}.{signature}",
        "HMAC with the public PEM": signed(claims, pem(EC), algorithm="HS256", kid="ec"),
        "HMAC with the public DER": signed(claims, der(EC), algorithm="HS256", kid="ec"),
        "HMAC with the public JWK": signed(
            claims, json.dumps(public_jwk(EC, "ec")).encode(), algorithm="HS256", kid="ec"
        ),
        "HMAC with the key set": signed(claims, JWKS, algorithm="HS256", kid="ec"),
        "HMAC with a symmetric key of the set": signed(claims, b"k" * 32, algorithm="HS256", kid="oct"),
        "a foreign key under a known kid": signed(claims, FOREIGN, kid="ec"),
        "a key that is there to encrypt": signed(claims, FOREIGN, kid="encrypts"),
        "an unknown kid": signed(claims, FOREIGN, kid="mine"),
        "no kid": signed(claims, EC),
        "a kid that is no text": signed(claims, EC, kid=["ec"]),
        "a key inside": signed(claims, FOREIGN, kid="ec", jwk=mine),
        "a key inside and no kid": signed(claims, FOREIGN, jwk=mine),
        "an address of keys": signed(claims, FOREIGN, kid="ec", jku="https://evil.example/jwks.json"),
        "an address of a certificate": signed(claims, FOREIGN, kid="ec", x5u="https://evil.example/cert"),
        "a certificate inside": signed(claims, FOREIGN, kid="ec", x5c=[encoded(der(FOREIGN))]),
        "an algorithm that is no text": f"{odd}.{payload}.AAAA",
        "an extension we do not know": signed(claims, EC, kid="ec", crit=["mine"], mine=True),
        "a header without end": f"{encoded(b'[' * 6000)}.{payload}.{signature}",
        "an algorithm of another key": signed(claims, EC, kid="rsa"),
        "not a token": "not-a-token",
        "dots": "..",
        "bytes": "\xff\xfe.\x00.\x01",
        "a publishable key": "sb_publishable_x",
        "a secret key": "sb_secret_x",
        "a legacy service key": signed(
            {"role": "service_role", "iss": "supabase", "exp": now() + 9}, LEGACY_SECRET.encode(), algorithm="HS256"
        ),
        "too long": "a" * (MAX_TOKEN_LENGTH + 1),
        "huge": "a" * 1_000_000,
    }


FORGERIES = forgeries()


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


async def test_refusals_say_nothing_of_the_token(
    settings: Settings, stack: Stack, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = [*FORGERIES.values(), stack.publishable_key, stack.secret_key]
    async with running(settings.model_copy(update={"log_level": "debug"})) as api, anonymous_client(api) as stranger:
        for each in forged:
            response = await stranger.get(
                "/api/v1/plans", headers={b"Authorization": f"Bearer {each}".encode("latin-1")}
            )
            assert_problem(response, 401, "unauthenticated")
            assert response.headers["www-authenticate"] == 'Bearer error="invalid_token"'
            logged = "".join(capsys.readouterr())
            assert '"status": 401' in logged
            assert parts_in(each, response.text + str(response.headers) + logged) == []


def parts_in(token: str, said: str) -> list[str]:
    """The parts of a token, long enough to be no chance, that were said."""
    return [part for part in (token, *token.split(".")) if len(part) >= 8 and part in said]


async def test_real_tokens_are_believed_and_their_forgeries_are_not(api: Api, ana: Person, stack: Stack) -> None:
    assert (await ana.get(ME)).json()["id"] == ana.id
    claims = jwt.decode(ana.token, options={"verify_signature": False})
    kid = jwt.get_unverified_header(ana.token)["kid"]
    listed = next(key for key in stack.keys.jwks()["keys"] if key["kid"] == kid)
    public = jwt.PyJWK(listed).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for forged in (
        signed(claims, FOREIGN, kid=kid),
        signed(claims, FOREIGN, kid=kid, jwk=public_jwk(FOREIGN, kid)),
        signed(claims, public, algorithm="HS256", kid=kid),
        signed(claims, json.dumps(listed).encode(), algorithm="HS256", kid=kid),
        signed(claims, b"", algorithm="none", kid=kid),
    ):
        async with client_with(api, forged) as forger:
            assert_problem(await forger.get(ME), 401, "unauthenticated")


async def test_a_rotated_key_is_believed_and_the_former_still_is(own_api: Api, ana: Person, stack: Stack) -> None:
    stack.keys.rotate()
    async with await sign_up(own_api, stack) as later:
        assert jwt.get_unverified_header(later.token)["kid"] != jwt.get_unverified_header(ana.token)["kid"]
        assert (await later.get(ME)).json()["id"] == later.id
    async with client_with(own_api, ana.token) as former:
        assert (await former.get(ME)).json()["id"] == ana.id
    # And by PostgREST, which verifies the token again.
    assert (await ana.get("/api/v1/users/me")).status_code == 200
