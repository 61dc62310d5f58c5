"""The contract for people: /docs and /redoc, with scripts and styles of our own origin, and /openapi.json.

FastAPI's own pages load scripts from a CDN, which would then run on the origin that people sign in to.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import fastapi_offline
from fastapi import FastAPI
from fastapi.responses import FileResponse, HTMLResponse, Response

from src.core.errors import NotFound
from src.core.route import PUBLIC, api_router

_FOLDER: Final = Path(fastapi_offline.__file__).parent / "static"
_FILES: Final = frozenset({"swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js", "favicon.png"})
# In files of their own: the policy lets no script in a page run.
_OURS: Final[Mapping[str, tuple[str, str]]] = {
    "start.js": (
        "text/javascript",
        'SwaggerUIBundle({url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, showExtensions: true});',
    ),
    # Redoc's logo would come from its maker's server.
    "redoc.css": ("text/css", 'body { margin: 0 } img[src*="redoc.ly"] { display: none }'),
}
_PAGE: Final = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/favicon.png">
<link rel="stylesheet" href="/docs/{style}">
</head>
<body>
{body}
</body>
</html>
"""
_SWAGGER: Final = """\
<div id="swagger-ui"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>"""
_REDOC: Final = """\
<redoc spec-url="/openapi.json"></redoc>
<script src="/docs/redoc.standalone.js"></script>"""
_CACHED: Final = {"Cache-Control": "public, max-age=3600"}


def install_docs(app: FastAPI) -> None:
    """Adds the pages and the contract as a document."""
    document: bytes | None = None

    async def openapi() -> Response:
        nonlocal document
        # Once: to write it takes longer than a hundred requests.
        document = document or json.dumps(app.openapi(), separators=(",", ":")).encode()
        return Response(document, media_type="application/json")

    async def docs() -> HTMLResponse:
        return HTMLResponse(_PAGE.format(title=app.title, style="swagger-ui.css", body=_SWAGGER))

    async def redoc() -> HTMLResponse:
        return HTMLResponse(_PAGE.format(title=app.title, style="redoc.css", body=_REDOC))

    router = api_router(tags=[])
    router.add_api_route("/openapi.json", openapi, include_in_schema=False, openapi_extra=PUBLIC)
    router.add_api_route("/docs", docs, include_in_schema=False, openapi_extra=PUBLIC)
    router.add_api_route("/redoc", redoc, include_in_schema=False, openapi_extra=PUBLIC)
    router.add_api_route("/docs/{name}", _asset, include_in_schema=False, openapi_extra=PUBLIC)
    app.router.routes.extend(router.routes)


async def _asset(name: str) -> Response:
    if name in _OURS:
        media_type, text = _OURS[name]
        return Response(text, media_type=media_type, headers=_CACHED)
    if name not in _FILES:
        raise NotFound
    return FileResponse(_FOLDER / name, headers=_CACHED)
