"""The frontend's side of the contract: its copy, and the client generated from it."""

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any, Final

from dev.paths import ROOT
from tools.openapi.document import OPENAPI
from tools.openapi.failure import ContractError
from tools.openapi.tools import ensure_packages, run_npm, run_package

WEB: Final = ROOT / "web"
GENERATE: Final = "generate-api"
TYPES: Final = Path("src", "api", "schema.d.ts")


def publish(folder: Path, source: Path = OPENAPI) -> None:
    """Copies the contract to a frontend folder and runs its generator.

    ContractError, before anything is written, when the folder is not one or has no `generate-api` script.
    """
    _require_generator(folder)
    shutil.copyfile(source, folder / "openapi.json")
    if (folder / "package-lock.json").exists() and not (folder / "node_modules").exists():
        ensure_packages(folder)
    done = run_npm(["run", GENERATE], folder)
    if done.code != 0:
        raise ContractError(f"`npm run {GENERATE}` failed in {folder}:\n{done.output.strip()}")


def _require_generator(folder: Path) -> None:
    if not folder.is_dir():
        raise ContractError(f"There is no frontend folder {folder}: name it with --to or FRONTEND_DIR.")
    try:
        scripts = json.loads((folder / "package.json").read_text()).get("scripts", {})
    except (OSError, ValueError, AttributeError) as error:
        raise ContractError(f"{folder} has no readable package.json, so it is no frontend folder.") from error
    if GENERATE not in scripts:
        raise ContractError(f"{folder / 'package.json'} has no script {GENERATE}, which makes the client.")


def stale_or_broken(folder: Path = WEB, source: Path = OPENAPI) -> list[str]:
    """A sentence for each thing in the frontend that is not what the contract gives, or does not compile with it."""
    copy = folder / "openapi.json"
    if not copy.exists() or copy.read_bytes() != source.read_bytes():
        return [f"{folder.name}/openapi.json is not a copy of openapi.json: run ./poew publish-openapi."]
    ensure_packages(folder)
    if (folder / TYPES).read_text() != generated_types(folder):
        return [f"{folder.name}/{TYPES} is not what openapi.json gives: run ./poew publish-openapi."]
    done = run_npm(["run", "--silent", "check"], folder)
    return [f"{folder.name}/ does not compile:\n{done.output.strip()}"] if done.code else []


def generated_types(folder: Path) -> str:
    """What the folder's own `generate-api` makes of its copy, written elsewhere."""
    manifest: dict[str, Any] = json.loads((folder / "package.json").read_text())
    program, *arguments = str(manifest["scripts"][GENERATE]).split()
    with tempfile.TemporaryDirectory() as name:
        made = Path(name, "schema.d.ts")
        elsewhere = [str(made) if argument == str(TYPES) else argument for argument in arguments]
        done = run_package(folder, program, elsewhere, folder)
        if done.code != 0 or not made.exists():
            raise ContractError(f"{program} failed in {folder}:\n{done.output.strip()}")
        return made.read_text()
