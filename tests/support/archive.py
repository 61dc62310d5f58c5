"""Exports, and what makes two of them comparable."""

import json
from typing import Any

from src.archive.document import Archive
from src.core.config import Settings
from tests.support.jobs import result_of
from tests.support.people import Person

EXPORT, IMPORT = "/api/v1/users/me/export", "/api/v1/users/me/import"
_SECTIONS_WITH_IDS = ("exercises", "foods", "plans", "meal_plans", "memories", "messages")


async def exported(person: Person) -> dict[str, Any]:
    """The person's export."""
    document: dict[str, Any] = (await person.get(EXPORT)).json()
    Archive.model_validate(document)
    return document


async def bring(person: Person, document: Any, settings: Settings) -> dict[str, Any]:
    """The result of importing a document."""
    accepted = await person.post(IMPORT, content=json.dumps(document), headers={"Content-Type": "application/json"})
    return await result_of(person, accepted, settings)


def neutral(document: dict[str, Any]) -> Any:
    """The document with the person's own ids named by their order, and without the moment of the export."""
    text = json.dumps({**document, "exported_at": None})
    for section in _SECTIONS_WITH_IDS:
        for number, item in enumerate(document[section]):
            text = text.replace(item["id"], f"{section} {number}")
    return json.loads(text)
