"""What the lock files pin."""

import json
import re
from typing import Any

from dev.paths import ROOT


def pinned(lock: str) -> dict[str, str]:
    """Package to version, of a requirements file."""
    lines = (ROOT / lock).read_text().splitlines()
    matches = (re.match(r"([\w.-]+)(?:\[[\w,]+\])?==(\S+)", line) for line in lines)
    return {match[1]: match[2] for match in matches if match}


def npm_versions(folder: str) -> dict[str, str]:
    """Package to version, of a folder's package-lock.json."""
    packages: dict[str, Any] = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
    return {path.removeprefix("node_modules/"): package["version"] for path, package in packages.items() if path}
