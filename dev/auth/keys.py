"""The signing keys of the local auth service: one file with the private keys, one with the public set.

A key is listed in the public set from the rotation *before* the one that puts it in use, and stays listed
until the last token it signed has expired. So whoever holds a set that is at most one rotation old can verify
every token (PostgREST re-reads its set when told to, the API within its cache time).
"""

import fcntl
import json
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, cast
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from jwt.algorithms import ECAlgorithm

Status = Literal["current", "standby", "previous"]
Jwk = dict[str, str | bool | list[str]]

# An access token lives an hour; ten minutes more for the caches of those who verify it.
KEEP_PREVIOUS_SECONDS = 3600 + 600


class KeyFileError(Exception):
    """The key file exists and cannot be used; the message says which file and what to do."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One ES256 (EC P-256) key. `retired_at` is the time (Unix seconds) it went out of use, 0 before that."""

    kid: str
    status: Status
    private: EllipticCurvePrivateKey
    retired_at: int = 0

    @classmethod
    def generate(cls, status: Status) -> "SigningKey":
        return cls(str(uuid4()), status, generate_private_key(SECP256R1()))

    def public_jwk(self) -> Jwk:
        """The public half, as the platform lists it in its key set."""
        numbers = cast("Jwk", ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True))
        listed: Jwk = {"alg": "ES256", "use": "sig", "ext": True, "key_ops": ["verify"], "kid": self.kid}
        return {"kty": "EC", **listed, "crv": "P-256", "x": numbers["x"], "y": numbers["y"]}

    def stored(self) -> dict[str, object]:
        """As in the private file: status, time of retirement, and the private JWK."""
        jwk = cast("Jwk", ECAlgorithm.to_jwk(self.private, as_dict=True))
        return {"kid": self.kid, "status": self.status, "retired_at": self.retired_at, "jwk": jwk}


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """What the key file said, and the file it was (to notice when it is replaced)."""

    keys: tuple[SigningKey, ...]
    stamp: tuple[int, int, int]

    def of(self, status: Status) -> SigningKey:
        return next(key for key in self.keys if key.status == status)


class KeyRing:
    """The keys in use, standing by and just retired. Follows the file: another process may rotate it."""

    def __init__(self, keys_file: Path, jwks_file: Path) -> None:
        self._keys_file = keys_file
        self._jwks_file = jwks_file
        self._snapshot = self._read()

    @classmethod
    def load_or_create(cls, keys_file: Path, jwks_file: Path) -> "KeyRing":
        """Open the key file, making it (mode 0600) and the public set where they are missing.

        Raises KeyFileError when the file is there and is not a key file, OSError when it cannot be written.
        """
        with _locked(keys_file):
            if not keys_file.exists():
                _write_keys(keys_file, [SigningKey.generate("current"), SigningKey.generate("standby")])
            ring = cls(keys_file, jwks_file)
            ring._publish(ring._snapshot.keys)
        return ring

    @property
    def current(self) -> SigningKey:
        """The key that signs now."""
        return self._fresh().of("current")

    def find(self, kid: str) -> SigningKey | None:
        """The listed key of that id, to verify with; None when it is not (or no longer) listed."""
        return next((key for key in self._fresh().keys if key.kid == kid), None)

    def jwks(self) -> dict[str, list[Jwk]]:
        """The public key set: in use, standing by, and those whose tokens may still be valid."""
        return _public_set(self._fresh().keys)

    def rotate(self) -> SigningKey:
        """Put the standby key in use, keep the old one listed, make a new standby; returns the new current.

        The public set is written first: it lists the new standby before anything could be signed with it.
        """
        with _locked(self._keys_file):
            before = self._read()
            now = int(time.time())
            current = replace(before.of("standby"), status="current")
            retired = replace(before.of("current"), status="previous", retired_at=now)
            older = [
                key for key in before.keys if key.status == "previous" and key.retired_at > now - KEEP_PREVIOUS_SECONDS
            ]
            keys = [current, SigningKey.generate("standby"), retired, *older]
            self._publish(keys)
            _write_keys(self._keys_file, keys)
            self._snapshot = self._read()
        return current

    def _fresh(self) -> _Snapshot:
        # One stat a token (2 µs) is the price of never signing with a key that a rotation has retired.
        with suppress(FileNotFoundError):
            if _stamp(self._keys_file) != self._snapshot.stamp:
                self._snapshot = self._read()
        return self._snapshot

    def _read(self) -> _Snapshot:
        stamp = _stamp(self._keys_file)
        try:
            entries = json.loads(self._keys_file.read_bytes())["keys"]
            keys = tuple(_parse(entry) for entry in entries)
            snapshot = _Snapshot(keys, stamp)
            snapshot.of("current"), snapshot.of("standby")
        except (ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
            raise KeyFileError(
                f"{self._keys_file} is not a usable key file ({type(error).__name__}); "
                "delete it to get new keys (everyone is signed out then)."
            ) from error
        return snapshot

    def _publish(self, keys: tuple[SigningKey, ...] | list[SigningKey]) -> None:
        _write_atomically(self._jwks_file, json.dumps(_public_set(keys), indent=1), 0o644)


def _public_set(keys: tuple[SigningKey, ...] | list[SigningKey]) -> dict[str, list[Jwk]]:
    return {"keys": [key.public_jwk() for key in keys]}


def _parse(entry: dict[str, object]) -> SigningKey:
    private = ECAlgorithm.from_jwk(json.dumps(entry["jwk"]))
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise TypeError("not an EC P-256 private key")
    status, retired_at = entry["status"], entry["retired_at"]
    if status not in {"current", "standby", "previous"} or not isinstance(retired_at, int):
        raise TypeError("not a key's status")
    return SigningKey(str(entry["kid"]), status, private, retired_at)


def _stamp(file: Path) -> tuple[int, int, int]:
    stat = file.stat()
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


def _write_keys(file: Path, keys: list[SigningKey]) -> None:
    _write_atomically(file, json.dumps({"keys": [key.stored() for key in keys]}, indent=1), 0o600)


def _write_atomically(file: Path, text: str, mode: int) -> None:
    """Write a temporary file beside it and rename: a reader sees the old content or the new, never a part."""
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600 from the start
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(descriptor)
        Path(name).chmod(mode)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """One writer at a time, over processes; the lock goes with the process, so none is left behind."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(f".{file.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
