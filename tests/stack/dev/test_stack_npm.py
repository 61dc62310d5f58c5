"""The npm part of the stack: the machine's npm, the package that stands in for it, and what is said without either."""

import importlib.util
import sys
from pathlib import Path

import pytest

from dev import node
from dev.failure import StackError
from dev.log import silent


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder of PATH, empty."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(folder: Path, name: str, script: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `dev` folder of the test's own, with a lock and nothing installed."""
    folder = tmp_path / "dev"
    (folder / "node_modules").mkdir(parents=True)
    (folder / "package-lock.json").write_text("{}")
    monkeypatch.setattr(node, "DEV", folder)
    monkeypatch.setattr(node, "MODULES", folder / "node_modules")
    monkeypatch.setattr(node, "CACHE", tmp_path / "cache")
    return folder


def test_an_npm_that_works_is_used(path: Path) -> None:
    program(path, "npm", "exit 0")
    program(path, "node", "exit 0")
    assert node.npm() == [str(path / "npm")]


def test_the_package_stands_in_for_a_missing_or_broken_npm(path: Path) -> None:
    for _ in range(2):
        program_, script = node.npm()
        assert Path(program_).is_file()
        assert script.endswith("npm-cli.js")
        program(path, "npm", "exit 1")
        program(path, "node", "exit 1")


@pytest.mark.usefixtures("path")
def test_without_either_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(StackError, match=r"^npm is missing.*\.$"):
        node.npm()


async def test_the_tools_are_installed_once_for_a_lock(path: Path, tools: Path) -> None:
    program(path, "node", "exit 0")
    program(path, "npm", f'echo "$*" >> {tools}/calls')
    for lock in ("{}", "{}", '{"changed": true}'):
        (tools / "package-lock.json").write_text(lock)
        await node.ensure_tools(silent)
    calls = [call for call in (tools / "calls").read_text().splitlines() if call.startswith("ci ")]
    assert len(calls) == 2
    assert "--ignore-scripts" in calls[0]


async def test_a_failing_npm_is_explained_and_tried_again(path: Path, tools: Path) -> None:
    program(path, "node", "exit 0")
    program(path, "npm", '[ "$1" = --version ] || { echo "npm error code ENOTFOUND" >&2; exit 1; }')
    for _ in range(2):
        with pytest.raises(StackError, match=r"package-lock\.json.*ENOTFOUND"):
            await node.ensure_tools(silent)
    assert not (tools / "node_modules" / ".installed-lock").exists()


def test_a_machine_without_a_build_is_told(tools: Path) -> None:
    assert tools.exists()
    with pytest.raises(StackError, match=f"no build of PostgREST for {sys.platform}"):
        node.postgrest_binary()
