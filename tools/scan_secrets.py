"""`python -m tools.scan_secrets [FILE…]`: fails when a file, or any file git would commit, holds a secret.

Yelp's detect-secrets with all its detectors, and without its network verification; nothing leaves the machine.
A line that only looks like a secret ends with `# pragma: allowlist secret`; a comment above it says why.
"""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

from dev.paths import ROOT

# Made by tools, full of hashes, and read by nobody.
GENERATED: Final = re.compile(r"(^|/)(package-lock\.json|(uv-)?requirements[\w-]*\.txt|openapi\.json|schema\.d\.ts)$")
# The people of the tests have passwords, and their databases addresses; keys and tokens are looked for there too.
IN_TESTS_FINE: Final = frozenset({"Secret Keyword", "Basic Auth Credentials"})
OWN_PATTERNS: Final = {
    "Supabase secret key": re.compile(r"sb_secret_[A-Za-z0-9_-]{20,}"),
    # One whose signature can be real: the detector of the library also stops made-up ones.
    "Signed token": re.compile(r"eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{40,}"),
    "Google API key": re.compile(r"AIza[A-Za-z0-9_-]{35}"),
}
ALLOWED: Final = re.compile(r"# pragma: allowlist secret$")

_FILTERS: Final = (
    "allowlist.is_line_allowlisted",
    "heuristic.is_indirect_reference",
    "heuristic.is_likely_id_string",
    "heuristic.is_non_text_file",
    "heuristic.is_not_alphanumeric_string",
    "heuristic.is_potential_uuid",
    "heuristic.is_prefixed_with_dollar_sign",
    "heuristic.is_sequential_string",
    "heuristic.is_templated_secret",
)


def findings(files: Sequence[str]) -> list[str]:
    """`file:line: what` for each secret in these files, named from the project's folder."""
    found = SecretsCollection(root=str(ROOT))
    with transient_settings(_settings()):
        for name in files:
            found.scan_file(name)
    detected = [(name, secret.line_number, secret.type) for name, secret in found if not is_fine(name, secret.type)]
    own = [entry for name in files for entry in _own_findings(name)]
    return [f"{name}:{line}: {kind}" for name, line, kind in sorted({*detected, *own})]


def _settings() -> dict[str, list[dict[str, str]]]:
    detectors: Iterable[type] = get_mapping_from_secret_type_to_class().values()
    names = {detector.__name__ for detector in detectors} - {"JwtTokenDetector", "KeywordDetector"}
    keywords = {"name": "KeywordDetector", "keyword_exclude": r"=\s*(true|false)\s*$"}
    return {
        "plugins_used": [keywords, *({"name": name} for name in sorted(names))],
        "filters_used": [{"path": f"detect_secrets.filters.{name}"} for name in _FILTERS],
    }


def is_fine(name: str, kind: str) -> bool:
    """Whether this kind of finding is expected in this file."""
    return name.startswith("tests/") and kind in IN_TESTS_FINE


def _own_findings(name: str) -> Iterator[tuple[str, int, str]]:
    lines = (ROOT / name).read_text(errors="replace").splitlines()
    for number, line in enumerate(lines, start=1):
        for kind, pattern in OWN_PATTERNS.items():
            if pattern.search(line) and not ALLOWED.search(line):
                yield name, number, kind


def committable() -> list[str]:
    """The files that git has or would take, without what tools generate."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=True,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout.split("\0")
    return [name for name in listed if name and not GENERATED.search(name) and (ROOT / name).is_file()]


def main(names: list[str]) -> int:
    """Scan; the exit code."""
    chosen = [_from_root(name) for name in names if not GENERATED.search(name)] if names else committable()
    found = findings(chosen)
    for line in found:
        print(line, file=sys.stderr)
    if found:
        print("error: these look like secrets: take them out and revoke them.", file=sys.stderr)
        return 1
    print(f"no secrets in {len(chosen)} files")
    return 0


def _from_root(name: str) -> str:
    path = Path(name).resolve()
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
