"""openapi.json: made from the code alone, so that every machine writes the same bytes."""

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

from pydantic import AnyHttpUrl, SecretStr

from dev.paths import ROOT
from src.app import create_app
from src.core.config import Settings
from tools.openapi.failure import ContractError

OPENAPI: Final = ROOT / "openapi.json"

OpenApiDocument = dict[str, Any]


def build() -> OpenApiDocument:
    """The contract of the code as it is, to change at will."""
    document: OpenApiDocument = json.loads(_built())
    return document


@cache
def _built() -> str:
    # Making it takes a second, and a process has one code.
    # Constructed, not validated: validation would read the environment and .env.
    settings = Settings.model_construct(
        supabase_url=AnyHttpUrl("https://example.supabase.co"),
        supabase_publishable_key="example",
        supabase_secret_key=SecretStr("example"),
    )
    return json.dumps(create_app(settings).openapi(), ensure_ascii=False)


def render(document: OpenApiDocument) -> str:
    """The text of a contract file."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def read(path: Path) -> OpenApiDocument:
    """The contract in a file. ContractError when there is none."""
    try:
        document: OpenApiDocument = json.loads(path.read_bytes())
    except OSError as error:
        raise ContractError(f"{path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ContractError(f"{path} is not JSON: {error}.") from error
    return document


def version_of(document: OpenApiDocument) -> str:
    """The `info.version` of a contract."""
    return str(document["info"]["version"])
