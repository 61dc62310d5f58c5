"""One's own export, brought to the account that it came from: what is here already stays once."""

from uuid import uuid4

from src.core.config import Settings
from tests.support.archive import EXPORT, bring
from tests.support.memories import MEMORIES, contents_of, remember
from tests.support.people import Person

EVERY = ["active", "superseded"]


async def test_memories_and_messages_are_there_already(ana: Person, settings: Settings) -> None:
    await remember(ana, "I prefer training in the morning", "preference")
    await remember(ana, "I prefer training in the evening", "preference")
    assert len(await contents_of(ana, status=["superseded"])) == 1
    await ana.post("/api/v1/chat", json={"client_id": str(uuid4()), "message": "Hello"})
    document = (await ana.get(EXPORT)).json()
    result = await bring(ana, document, settings)
    assert result["rejected"] == []
    assert result["sections"]["memories"] == {"duplicate": 2}
    assert result["sections"]["messages"] == {"duplicate": 2}
    assert (await ana.get(MEMORIES, params={"status": EVERY})).json()["total"] == 2
    assert (await ana.get("/api/v1/chat/messages")).json()["total"] == 2


async def test_what_was_imported_is_forgotten_in_the_conversation_too(
    ana: Person, bo: Person, settings: Settings
) -> None:
    words = "My left knee hurts when I squat deep."
    await ana.post("/api/v1/chat", json={"client_id": str(uuid4()), "message": words})
    assert (await bring(bo, (await ana.get(EXPORT)).json(), settings))["rejected"] == []
    for memory in (await bo.get(MEMORIES)).json()["items"]:
        assert (await bo.delete(f"{MEMORIES}/{memory['id']}")).status_code == 204
    for path in ("/api/v1/chat/messages", MEMORIES, EXPORT):
        assert "left knee" not in (await bo.get(path)).text.lower(), path
