"""`python -m dev …` as a person meets it: what it prints, how it ends, what it leaves behind."""

import json
import signal
import sys
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from dev.net import free_port
from tests.support.stack_process import Served, command, serving, still_running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One data folder for all: only the first start has to make it."""
    return tmp_path_factory.mktemp("commands") / "data"


@pytest.fixture
def served(folder: Path) -> Iterator[Served]:
    with serving(folder, free_port()) as served:
        yield served


def environment(folder: Path) -> dict[str, str]:
    return dict(line.split("=", 1) for line in (folder / "stack.env").read_text().splitlines())


def header(token: str) -> dict[str, str]:
    part = token.split(".", maxsplit=1)[0]
    decoded: dict[str, str] = json.loads(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return decoded


def status_with(folder: Path, token: str) -> int:
    """What PostgREST says to this token."""
    values = environment(folder)
    headers = {"apikey": values["SUPABASE_PUBLISHABLE_KEY"], "Authorization": f"Bearer {token}"}
    return httpx.get(f"{values['SUPABASE_URL']}/rest/v1/users?select=id", headers=headers).status_code


def test_a_crash_is_reported_and_mended_and_sigterm_leaves_nothing(served: Served, folder: Path) -> None:
    token = command("token", "--data-dir", str(folder)).stdout.strip()
    served.child("dev.gateway").kill()
    assert "gateway was killed by SIGKILL; starting it again" in served.wait_for("gateway was killed")
    status = None
    while status != 200:
        try:
            status = status_with(folder, token)
        except httpx.TransportError:
            assert served.process.poll() is None

    processes = served.descendants()
    assert len(processes) > 3
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(60) == 0
    assert still_running(processes) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent was killed")
def test_even_a_killed_supervisor_leaves_nothing_and_the_next_start_works(folder: Path) -> None:
    port = free_port()
    with serving(folder, port) as served:
        processes = served.descendants()
        # The worst case: the database cannot even act on what the kernel tells it.
        served.child("postgres -D").suspend()
        served.process.kill()
        served.process.wait(60)
        others = [process for process in processes if "postgres" not in _name(process)]
        assert still_running(others) == []
    with serving(folder, port):
        assert still_running(processes) == []


def _name(process: psutil.Process) -> str:
    try:
        return process.name()
    except psutil.NoSuchProcess:
        return ""


def test_tokens_follow_the_rotation_of_keys(served: Served, folder: Path) -> None:
    assert served.process.poll() is None
    where = ("--data-dir", str(folder))
    old = command("token", *where)
    assert old.returncode == 0
    assert old.stdout.count("\n") == 1
    # Twice: the first rotation takes a key that PostgREST has known since its start, the second one that it was told.
    for _ in range(2):
        rotated = command("rotate-keys", *where)
        assert "PostgREST was told" in rotated.stdout
    new = command("token", *where).stdout.strip()
    assert header(new)["kid"] in rotated.stdout
    while (status := status_with(folder, new)) == 401:
        assert served.process.poll() is None
    assert status == 200
    assert status_with(folder, old.stdout.strip()) == 200


def test_a_token_for_a_new_person_and_for_one_with_another_password(served: Served, folder: Path) -> None:
    assert served.process.poll() is None
    values = environment(folder)
    headers = {"apikey": values["SUPABASE_PUBLISHABLE_KEY"]}
    body = {"email": "cleo@slow-burn.example", "password": "of her own choice"}
    httpx.post(f"{values['SUPABASE_URL']}/auth/v1/signup", json=body, headers=headers)
    for email in ("new@slow-burn.example", "cleo@slow-burn.example"):
        token = command("token", email, "--data-dir", str(folder)).stdout.strip()
        assert status_with(folder, token) == 200


def test_a_folder_in_use_is_one_sentence(served: Served, folder: Path) -> None:
    assert served.process.poll() is None
    for again in (("stack", "--supabase-port", str(free_port())), ("reset",)):
        refused = command(*again, "--data-dir", str(folder))
        assert refused.returncode == 1
        assert refused.stderr.count("\n") == 1
        assert "already running" in refused.stderr


def test_reset_deletes_the_database_and_keeps_the_keys(folder: Path) -> None:
    with serving(folder, free_port()):
        keys = (folder / "keys.json").read_bytes()
    assert list(folder.glob("postgres-*")) != []
    assert command("reset", "--data-dir", str(folder)).returncode == 0
    assert list(folder.glob("postgres-*")) == []
    assert (folder / "keys.json").read_bytes() == keys


@pytest.mark.parametrize("name", ["token", "rotate-keys"])
def test_without_a_stack_there_is_one_sentence(name: str, tmp_path: Path) -> None:
    refused = command(name, "--data-dir", str(tmp_path / "none"))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.startswith("error: ")
    assert refused.stderr.count("\n") == 1


def test_a_port_that_is_none_is_refused() -> None:
    refused = command("stack", "--supabase-port", "99999")
    assert refused.returncode == 2
    assert "99999 is no port" in refused.stderr
