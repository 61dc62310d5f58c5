"""`python -m dev.gateway` as a process: how it starts, what it refuses, how it ends."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from dev.gateway.config import ConfigError, GatewayConfig
from tests.support.gateway_local import PUBLISHABLE, SECRET, unused_port

ROOT = Path(__file__).parents[3]
GUARD_SECONDS = 30  # a test that hangs ends; nothing is measured


def environment(folder: Path, **changes: str) -> dict[str, str]:
    settings = {
        "SUPABASE_URL": f"http://127.0.0.1:{unused_port()}",
        "AUTH_DATABASE_URL": f"postgresql://nobody:nothing@127.0.0.1:{unused_port()}/postgres",
        "POSTGREST_URL": f"http://127.0.0.1:{unused_port()}",
        "SUPABASE_PUBLISHABLE_KEY": PUBLISHABLE,
        "SUPABASE_SECRET_KEY": SECRET,
        "KEYS_FILE": str(folder / "keys.json"),
        "JWKS_FILE": str(folder / "jwks.json"),
    }
    return {**settings, **changes}


@contextmanager
def process(settings: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    started = subprocess.Popen(
        [sys.executable, "-m", "dev.gateway"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield started
    finally:
        started.kill()
        started.communicate()


def connect_when_up(url: str, started: subprocess.Popen[str]) -> socket.socket:
    """A connection as soon as the process accepts one."""
    host, port = url.removeprefix("http://").rsplit(":", 1)
    while started.poll() is None:
        try:
            return socket.create_connection((host, int(port)), timeout=GUARD_SECONDS)
        except ConnectionRefusedError:
            continue
    raise AssertionError(started.communicate()[1])


def test_serves_without_a_database_and_ends_on_sigterm(tmp_path: Path) -> None:
    settings = environment(tmp_path)
    url = settings["SUPABASE_URL"]
    with process(settings) as gateway:
        connect_when_up(url, gateway).close()
        with urllib.request.urlopen(f"{url}/auth/v1/.well-known/jwks.json", timeout=GUARD_SECONDS) as answer:  # noqa: S310
            assert answer.status == 200
        gateway.send_signal(signal.SIGTERM)
        _, errors = gateway.communicate(timeout=GUARD_SECONDS)
        assert errors == ""


def test_ends_on_sigterm_while_an_answer_is_awaited(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = environment(tmp_path, POSTGREST_URL=f"http://127.0.0.1:{silent.getsockname()[1]}")
        with process(settings) as gateway, connect_when_up(settings["SUPABASE_URL"], gateway) as client:
            client.sendall(f"GET /rest/v1/x HTTP/1.1\r\nhost: x\r\napikey: {PUBLISHABLE}\r\n\r\n".encode())
            upstream, _ = silent.accept()
            with upstream:
                assert upstream.recv(4096).startswith(b"GET /x HTTP/1.1")
                gateway.send_signal(signal.SIGTERM)
                gateway.communicate(timeout=GUARD_SECONDS)


@pytest.mark.parametrize(
    "url",
    ["http://0.0.0.0:54321", "http://192.168.1.5:54321", "http://example.com", "http://127.0.0.1.evil.example:1"],
)
def test_refuses_to_listen_elsewhere(tmp_path: Path, url: str) -> None:
    with process(environment(tmp_path, SUPABASE_URL=url)) as gateway:
        _, errors = gateway.communicate(timeout=GUARD_SECONDS)
    assert gateway.returncode == 1
    assert errors == f"SUPABASE_URL is {url}, but the local stack, for development, listens on 127.0.0.1 only.\n"


def test_says_that_its_port_is_taken(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        url = f"http://127.0.0.1:{other.getsockname()[1]}"
        with process(environment(tmp_path, SUPABASE_URL=url)) as gateway:
            _, errors = gateway.communicate(timeout=GUARD_SECONDS)
    assert gateway.returncode == 1
    assert errors == f"Nothing can listen on {url}: Address already in use.\n"


def test_says_that_the_key_file_is_broken(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("nonsense")
    with process(environment(tmp_path)) as gateway:
        _, errors = gateway.communicate(timeout=GUARD_SECONDS)
    assert gateway.returncode == 1
    assert len(errors.splitlines()) == 1
    assert "keys.json is not a usable key file" in errors


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_loopback_by_any_name(tmp_path: Path, host: str) -> None:
    config = GatewayConfig.from_environment(environment(tmp_path, SUPABASE_URL=f"http://{host}:54321/"))
    assert config.host in {"127.0.0.1", "::1"}
    assert config.port == 54321
    assert config.supabase_url == f"http://{host}:54321"
    assert SECRET not in repr(config)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"KEYS_FILE": "", "POSTGREST_URL": ""}, "needs POSTGREST_URL, KEYS_FILE in"),
        ({"SUPABASE_URL": "https://127.0.0.1:1"}, "SUPABASE_URL must look like"),
        ({"SUPABASE_URL": "127.0.0.1:54321"}, "SUPABASE_URL must look like"),
        ({"SUPABASE_URL": "http://127.0.0.1:x"}, "SUPABASE_URL must look like"),
        ({"SUPABASE_URL": "http://a@127.0.0.1:1"}, "SUPABASE_URL must look like"),
        ({"POSTGREST_URL": "http://127.0.0.1:0"}, "POSTGREST_URL must look like"),
        ({"SUPABASE_SECRET_KEY": PUBLISHABLE}, "SUPABASE_SECRET_KEY with sb_secret_"),
    ],
)
def test_names_what_is_wrong(tmp_path: Path, changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        GatewayConfig.from_environment(environment(tmp_path, **changes))
