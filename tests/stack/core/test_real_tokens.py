"""Tokens of the real auth service, their forgeries, and keys that rotate."""

import json

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from dev.stack import Stack
from src.core.config import Settings
from tests.support.api import Api, running
from tests.support.forgeries import FOREIGN, FORGERIES
from tests.support.people import Person, anonymous_client, assert_problem, client_with, sign_up
from tests.support.tokens import public_jwk, signed

ME = "/api/v1/auth/me"


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
            assert '"status":401' in logged
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
