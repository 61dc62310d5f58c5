"""Tokens as a project signs them, and whatever somebody could send in their place."""

import json
import time

from src.core.auth import MAX_TOKEN_LENGTH
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


def token(**changes: object) -> str:
    return signed(good_claims(ISSUER, **changes), EC, kid="ec")


def now() -> int:
    return int(time.time())


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
