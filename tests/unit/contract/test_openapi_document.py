"""openapi.json: current, the same bytes everywhere, and made without anything outside."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dev.paths import ROOT
from src.core.openapi import read_version
from tests.support.small_contract import small_contract
from tools.openapi import __main__ as command
from tools.openapi.document import OPENAPI, build, read, render
from tools.openapi.failure import ContractError
from tools.openapi.rules import broken_rules, operations

PRINT_IT = """
import socket, sys
def refuse(*_): raise AssertionError("it asked the network")
socket.socket.connect = refuse
from tools.openapi.document import build, render
sys.stdout.buffer.write(render(build()).encode())
"""


def made_with(environment: dict[str, str], folder: Path) -> bytes:
    """The contract as another process makes it, from another folder."""
    clean = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", PRINT_IT],
        check=True,
        capture_output=True,
        cwd=folder,
        env={**clean, "PYTHONPATH": str(ROOT), **environment},
    )
    return done.stdout


def test_it_is_what_the_code_says() -> None:
    assert OPENAPI.read_text() == render(build())


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"PYTHONHASHSEED": "0"}, id="hash seed 0"),
        pytest.param({"PYTHONHASHSEED": "4711", "LC_ALL": "C", "TZ": "Asia/Tokyo"}, id="hash seed 4711"),
        pytest.param({"LOG_LEVEL": "nonsense", "SUPABASE_URL": "nonsense"}, id="wrong environment"),
    ],
)
def test_the_bytes_depend_on_the_code_alone(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CORS_ORIGINS=https://other.example\nDATA_BUDGET_SECONDS=-1\n")
    assert made_with(environment, tmp_path) == OPENAPI.read_bytes()


def test_it_keeps_the_rules() -> None:
    assert broken_rules(build()) == []


def test_it_has_the_version_of_the_project() -> None:
    assert build()["info"]["version"] == read_version()


def test_only_the_four_open_routes_are_open() -> None:
    document = build()
    assert document["security"] == [{"bearer": []}]
    opened = {name for name, operation in operations(document) if operation.get("security") == []}
    assert opened == {"GET /", "GET /health", "GET /api/health", "GET /api/v1/auth/public"}


def test_every_error_is_a_problem() -> None:
    # Readiness answers its own document, also when the database is away: monitors read it.
    for name, operation in operations(build()):
        for status, answer in operation["responses"].items():
            if status >= "400" and (name, status) != ("GET /api/health", "503"):
                schemas = {media["schema"]["$ref"] for media in answer["content"].values()}
                assert schemas == {"#/components/schemas/Problem"}, f"{name} {status}"
                assert list(answer["content"]) == ["application/problem+json"], f"{name} {status}"


def test_ranges_are_in_json_schemas_words() -> None:
    text = render(build())
    assert not [word for word in ('"ge":', '"gt":', '"le":', '"lt":') if word in text]
    assert '"maximum":' in text


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda d: d["paths"]["/plans"]["get"].pop("operationId"), "GET /plans: no operationId in camelCase."),
        (lambda d: d["paths"]["/plans"]["get"].update(operationId="list_plans"), "no operationId in camelCase."),
        (lambda d: d["paths"]["/plans"]["get"].update(operationId="createPlan"), "createPlan is there 2 times."),
        (lambda d: d["paths"]["/plans"]["get"].pop("summary"), "GET /plans: no summary."),
        (lambda d: d["paths"]["/plans"]["get"].pop("description"), "GET /plans: no description."),
        (lambda d: d["paths"]["/plans"]["get"].pop("tags"), "GET /plans: no tag."),
        (lambda d: d["paths"]["/plans"]["get"]["responses"].pop("200"), "GET /plans: no answer for success."),
        (
            lambda d: d["paths"]["/plans"]["get"]["responses"]["200"].pop("content"),
            "GET /plans: answer 200 has no schema.",
        ),
        (
            lambda d: d["paths"]["/plans"]["get"]["responses"]["200"].update(content={"application/json": {}}),
            "GET /plans: answer 200 has no schema.",
        ),
        (lambda d: d["components"]["schemas"].update({"Page_Plan_": {}}), "Schema Page_Plan_: the name"),
        (lambda d: d["components"]["schemas"].update({"Plan-Input": {}}), "Schema Plan-Input: the name"),
        (lambda d: d.update(openapi="3.0.3"), "It says OpenAPI 3.0.3, not 3.1."),
        (lambda d: d["info"].pop("title"), "Invalid OpenAPI 3.1 at #/info"),
        (lambda d: d["components"]["schemas"]["Plan"].update(type="objekt"), "Invalid OpenAPI 3.1"),
    ],
)
def test_a_broken_rule_is_named(spoil: object, sentence: str) -> None:
    document = small_contract()
    assert broken_rules(document) == []
    assert callable(spoil)
    spoil(document)
    assert any(sentence in found for found in broken_rules(document)), broken_rules(document)


def test_generate_mends_drift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "OPENAPI", tmp_path / "openapi.json")
    assert command.main(["generate"]) == 0
    assert (tmp_path / "openapi.json").read_bytes() == OPENAPI.read_bytes()


@pytest.mark.parametrize(("text", "reason"), [(None, "cannot be read"), ("{", "is not JSON")])
def test_an_unreadable_contract_is_one_sentence(text: str | None, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ContractError, match=reason):
        read(path)
