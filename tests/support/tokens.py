"""Access tokens of every kind, good and forged, and key sets to verify them with."""

import base64
import json
import time
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key as generate_rsa_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

Private = EllipticCurvePrivateKey | RSAPrivateKey | Ed25519PrivateKey
Claims = dict[str, Any]


def ec_key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def rsa_key() -> RSAPrivateKey:
    return generate_rsa_key(public_exponent=65537, key_size=2048)


def ed_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.generate()


def public_jwk(key: Private, kid: str, **extra: object) -> dict[str, Any]:
    """The public half as a member of a key set; `extra` members replace or join."""
    public = key.public_key()
    algorithm: Any
    if isinstance(key, EllipticCurvePrivateKey):
        algorithm, name = ECAlgorithm, "ES256"
    elif isinstance(key, RSAPrivateKey):
        algorithm, name = RSAAlgorithm, "RS256"
    else:
        algorithm, name = OKPAlgorithm, "EdDSA"
    return {**algorithm.to_jwk(public, as_dict=True), "kid": kid, "alg": name, "use": "sig", **extra}


def pem(key: Private) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def der(key: Private) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def good_claims(issuer: str, **changes: object) -> Claims:
    """What the platform puts into a person's token; `changes` replace, and ... removes a claim."""
    now = int(time.time())
    claims: Claims = {
        "iss": issuer,
        "sub": str(uuid4()),
        "aud": "authenticated",
        "exp": now + 3600,
        "iat": now,
        "email": "someone@people.example",
        "phone": "",
        "app_metadata": {},
        "user_metadata": {},
        "role": "authenticated",
        "aal": "aal1",
        "amr": [{"method": "password", "timestamp": now}],
        "session_id": str(uuid4()),
        "is_anonymous": False,
    }
    return {name: value for name, value in {**claims, **changes}.items() if value is not ...}


def signed(claims: Claims, key: Any, *, algorithm: str = "ES256", **header: object) -> str:
    """A token with a true signature over these claims, whatever they are; ... removes a header member."""
    members = {"alg": algorithm, "typ": "JWT", **header}
    kept = {name: value for name, value in members.items() if value is not ...}
    content = f"{encoded(json.dumps(kept).encode())}.{encoded(json.dumps(claims).encode())}"
    return f"{content}.{encoded(signature(content.encode(), key, algorithm))}"


def signature(content: bytes, key: Any, algorithm: str) -> bytes:
    """The raw signature. A key for HMAC may be anything, a public key's bytes included: a forger does not mind."""
    if algorithm == "none":
        return b""
    if algorithm.startswith("HS"):
        return jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(content, key)
    signed_bytes: bytes = jwt.get_algorithm_by_name(algorithm).sign(content, key)
    return signed_bytes


def encoded(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
