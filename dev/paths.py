"""Where things are in the project."""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
DEV: Final = ROOT / "dev"
SUPABASE: Final = ROOT / "supabase"
CACHE: Final = ROOT / ".cache"
DEFAULT_DATA_DIR: Final = ROOT / ".data"
