"""What importing a file needs to know, of the person who asks what it would do."""

from typing import Annotated, Any, Final

from pydantic import TypeAdapter

from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.imports.context import ImportContext

_FOUND: Final = TypeAdapter(list[str])


class ImportRepository:
    """The caller's units and exercises, and which workouts are here."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway
        self.user_id = gateway.user_id

    async def context(self) -> ImportContext:
        """As an import has it, in one request."""
        self._db.renew_deadline()  # a file takes its time to arrive
        return parse_document(ImportContext.model_validate, await self._db.read("import_preview_context"))

    async def compare(self, workouts: list[Any]) -> list[str]:
        """Of each workout, as an import has it, whether it is "new", a "duplicate" or "differing"."""
        self._db.renew_deadline()  # each batch of a file has its own
        return parse_document(_FOUND.validate_python, await self._db.call("compare_import", {"batch": workouts}))


ImportRepo = Annotated[ImportRepository, injected(ImportRepository)]
