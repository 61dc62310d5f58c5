"""What importing a file needs to know, of the person who asks what it would do."""

from typing import Annotated

from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.imports.context import ImportContext


class ImportRepository:
    """The caller's units and exercises."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def context(self) -> ImportContext:
        """As an import has it, in one request."""
        return parse_document(ImportContext.model_validate, await self._db.read("import_preview_context"))


ImportRepo = Annotated[ImportRepository, injected(ImportRepository)]
