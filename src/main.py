"""What `uvicorn src.main:app` runs."""

import sys

from src.app import create_app
from src.core.config import SettingsError, load_settings

try:
    app = create_app(load_settings())
except SettingsError as mistake:
    sys.exit(str(mistake))
