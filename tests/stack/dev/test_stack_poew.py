"""poew on machines that are not like ours: with stand-ins for uv and Python, and without any network."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from dev.paths import ROOT
from tests.support.stack_process import GUARD_SECONDS, still_running

UV = """#!/bin/sh
[ "$1" = --version ] && { echo "uv ${UV_STAND_IN_VERSION:-0.13.8} (a stand-in)"; exit; }
echo "$*" >> "$UV_CALLS"
for last; do :; done
case "$1" in
venv) mkdir -p "$last/bin"
    printf '#!/bin/sh\\nfor word; do echo "$word"; done\\n' > "$last/bin/python"
    chmod +x "$last/bin/python" ;;
pip) [ -z "${UV_HANGS:-}" ] || { echo $$ > "$UV_HANGS"; exec sleep 60; } ;;
esac
"""


# A parallel test runner ignores Ctrl-C, and what it starts would too.
LISTEN_TO_SIGINT = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Machine:
    """A fresh clone in a folder with a space in its name, and a PATH of our choice."""

    def __init__(self, folder: Path) -> None:
        self.project = folder / "a clone"
        (self.project / "dev").mkdir(parents=True)
        shutil.copy(ROOT / "poew", self.project)
        (self.project / "requirements-dev.txt").write_text("thing==1\n")
        (self.project / "dev" / "uv-requirements.txt").write_text(f"uv==0.0.0 --hash=sha256:{'0' * 64}\n")
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.calls = folder / "calls"
        for tool in ("sh", "dirname", "env", "cmp", "mkdir", "rm", "cp", "chmod", "sleep"):
            self.bin.joinpath(tool).symlink_to(str(shutil.which(tool)))

    def add(self, name: str, script: str) -> None:
        self.bin.joinpath(name).write_text(script)
        self.bin.joinpath(name).chmod(0o755)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(  # noqa: S603  # our own script
            [sys.executable, "-I", "-S", "-c", LISTEN_TO_SIGINT, str(self.project / "poew"), *arguments],
            cwd="/",
            env={"PATH": str(self.bin), "UV_CALLS": str(self.calls), "PIP_NO_INDEX": "1", **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        with self.start(*arguments, **environment) as process:
            out, err = process.communicate(timeout=GUARD_SECONDS)
        return process.returncode, out, err

    def uv_calls(self) -> list[str]:
        return self.calls.read_text().splitlines() if self.calls.exists() else []


@pytest.fixture
def bare(tmp_path: Path) -> Machine:
    """A machine without uv and without Python."""
    return Machine(tmp_path)


@pytest.fixture
def machine(bare: Machine) -> Machine:
    """A machine with uv, one working Python, and the shim of a version that is not installed."""
    bare.add("uv", UV)
    bare.add("python3.13", "#!/bin/sh\necho 'python3.13: command not found' >&2\nexit 127\n")
    bare.bin.joinpath("python3").symlink_to(sys.executable)
    return bare


def test_it_syncs_when_the_requirements_changed_and_only_then(machine: Machine) -> None:
    code, out, _ = machine.run("token", "two words")
    assert code == 0
    assert out.splitlines() == ["-m", "poethepoet", "-C", str(machine.project), "token", "two words"]
    venv, sync = machine.uv_calls()
    assert venv.startswith("venv ")
    assert "--no-python-downloads" in venv
    assert "pip sync" in sync
    assert "--require-hashes" in sync

    code, _, err = machine.run("token")
    assert (code, err) == (0, "")
    assert len(machine.uv_calls()) == 2

    (machine.project / "requirements-dev.txt").write_text("thing==2\n")
    machine.run("token")
    assert [call.split()[0] for call in machine.uv_calls()] == ["venv", "pip", "pip"]


def test_two_at_once_sync_once(machine: Machine) -> None:
    started = [machine.start("token") for _ in range(2)]
    for process in started:
        out, err = process.communicate(timeout=GUARD_SECONDS)
        assert process.returncode == 0, err
        assert "poethepoet" in out
    assert len(machine.uv_calls()) == 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_installation_too(machine: Machine, tmp_path: Path, number: signal.Signals) -> None:
    hangs = tmp_path / "pid"
    with machine.start("token", UV_HANGS=str(hangs)) as process:
        while not (hangs.exists() and hangs.read_text().strip()):
            assert process.poll() is None
        installing = psutil.Process(int(hangs.read_text()))
        process.send_signal(number)
        process.communicate(timeout=GUARD_SECONDS)
    assert process.returncode != 0
    assert still_running([installing]) == []


def test_without_python_there_is_one_sentence(bare: Machine) -> None:
    code, _, err = bare.run("token")
    assert code == 1
    assert err == "poew: Python 3.11 or newer is needed and was not found on PATH.\n"


def test_an_old_uv_is_not_used_and_an_unreachable_index_is_explained(machine: Machine) -> None:
    code, _, err = machine.run("token", UV_STAND_IN_VERSION="0.1.2")
    assert code == 1
    assert err.splitlines()[-1] == "poew: uv could not be installed: see the lines above."
    assert machine.uv_calls() == []
    assert not (machine.project / ".cache" / "uv").exists()


def test_it_runs_under_a_minimal_shell() -> None:
    shell = shutil.which("dash") or "/bin/sh"
    done = subprocess.run([shell, "-n", ROOT / "poew"], check=False, capture_output=True)  # noqa: S603  # a syntax check
    assert (done.returncode, done.stderr) == (0, b"")
    assert os.access(ROOT / "poew", os.X_OK)
