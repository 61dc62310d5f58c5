"""The key ring: files, rotation, and that no token is ever signed with a key nobody can look up."""

import json
import stat
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jwt
import pytest

from dev.auth.keys import KeyFileError, KeyRing
from dev.auth.tokens import Tokens


def open_ring(folder: Path) -> KeyRing:
    return KeyRing.load_or_create(folder / "keys.json", folder / "jwks.json")


def kids(ring: KeyRing) -> list[str]:
    return [str(key["kid"]) for key in ring.jwks()["keys"]]


def test_makes_private_file_for_owner_only_and_public_set_without_private_parts(tmp_path: Path) -> None:
    ring = open_ring(tmp_path)
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    published = json.loads((tmp_path / "jwks.json").read_text())
    assert published == ring.jwks()
    assert len(published["keys"]) == 2
    for key in published["keys"]:
        assert set(key) == {"kty", "alg", "use", "ext", "key_ops", "kid", "crv", "x", "y"}
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")


def test_opens_the_same_keys_again(tmp_path: Path) -> None:
    first = open_ring(tmp_path)
    again = open_ring(tmp_path)
    assert again.current.kid == first.current.kid
    assert kids(again) == kids(first)


def test_makes_a_missing_folder_and_a_missing_public_set(tmp_path: Path) -> None:
    ring = open_ring(tmp_path / "deep" / "er")
    (tmp_path / "deep" / "er" / "jwks.json").unlink()
    open_ring(tmp_path / "deep" / "er")
    assert json.loads((tmp_path / "deep" / "er" / "jwks.json").read_text()) == ring.jwks()


def test_rotation_puts_in_use_what_was_listed_and_keeps_what_was_in_use(tmp_path: Path) -> None:
    ring = open_ring(tmp_path)
    in_use, standby = ring.current.kid, kids(ring)[1]
    assert ring.rotate().kid == standby
    assert ring.current.kid == standby
    assert in_use in kids(ring)
    assert len(kids(ring)) == 3
    assert stat.S_IMODE((tmp_path / "keys.json").stat().st_mode) == 0o600
    assert json.loads((tmp_path / "jwks.json").read_text()) == ring.jwks()


def test_a_token_outlives_two_rotations(tmp_path: Path) -> None:
    ring = open_ring(tmp_path)
    tokens = Tokens(ring, "issuer")
    token = tokens.role_token("anon")
    ring.rotate()
    ring.rotate()
    assert tokens.verify(token)["role"] == "anon"
    assert tokens.role_token("anon") != token


def test_keys_are_forgotten_when_their_tokens_have_expired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ring = open_ring(tmp_path)
    oldest = ring.current.kid
    ring.rotate()
    monkeypatch.setattr("dev.auth.keys.time.time", lambda: 10_000_000_000.0)
    ring.rotate()
    assert oldest not in kids(ring)
    assert ring.find(oldest) is None


def test_follows_a_rotation_of_another_process(tmp_path: Path) -> None:
    service, command = open_ring(tmp_path), open_ring(tmp_path)
    rotated = command.rotate()
    assert service.current.kid == rotated.kid
    assert service.jwks() == command.jwks()


def test_keeps_its_keys_while_the_file_is_away(tmp_path: Path) -> None:
    ring = open_ring(tmp_path)
    kid = ring.current.kid
    (tmp_path / "keys.json").unlink()
    assert ring.current.kid == kid


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"keys": []}', '{"keys": [{"kid": "a"}]}', '{"keys": [1]}'])
def test_names_a_file_that_is_no_key_file(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(KeyFileError, match=r"keys\.json is not a usable key file"):
        open_ring(tmp_path)


def test_two_processes_that_start_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: open_ring(tmp_path), range(16)))
    assert len({ring.current.kid for ring in rings}) == 1


def test_no_token_is_signed_with_a_key_that_is_not_listed_yet(tmp_path: Path) -> None:
    signing, rotating = open_ring(tmp_path), open_ring(tmp_path)
    # What a verifier that read the set *before* each signature knows.
    stop = threading.Event()

    def rotate() -> None:
        for _ in range(40):
            rotating.rotate()
        stop.set()

    thread = threading.Thread(target=rotate)
    thread.start()
    signed = 0
    while not stop.is_set() or signed < 20:
        key = signing.current
        listed = {entry["kid"] for entry in json.loads((tmp_path / "jwks.json").read_text())["keys"]}
        token = jwt.encode({"n": signed}, key.private, algorithm="ES256", headers={"kid": key.kid})
        assert jwt.get_unverified_header(token)["kid"] in listed
        signed += 1
    thread.join()
