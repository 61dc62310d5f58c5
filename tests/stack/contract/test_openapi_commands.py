"""The commands of the contract where they compare and compile, which takes node."""

from functools import partial
from pathlib import Path

import pytest

from tests.support.small_contract import Document, small_contract
from tools.openapi import __main__ as command
from tools.openapi.document import build, render
from tools.openapi.release import broken_promises


def test_verify_fails_on_drift(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stale = tmp_path / "openapi.json"
    stale.write_text(render({**build(), "servers": []}))
    monkeypatch.setattr(command, "OPENAPI", stale)
    assert command.main(["verify"]) == 1
    assert "openapi.json is not what the code says" in capsys.readouterr().err
    assert command.main(["publish"]) == 1
    assert command.main(["release"]) == 1


def test_verify_fails_on_a_broken_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    released = tmp_path / "openapi.json"
    before: Document = build()
    before["paths"]["/api/v1/gone"] = small_contract()["paths"]["/health"]
    before["paths"]["/api/v1/gone"]["get"]["responses"] = {"204": {"description": "Gone"}}
    released.write_text(render(before))
    monkeypatch.setattr(command, "broken_promises", partial(broken_promises, released=released))
    assert command.main(["verify"]) == 1
    assert "Path `/api/v1/gone` was removed" in capsys.readouterr().err
