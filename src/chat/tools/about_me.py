"""What the companion remembers of the person."""

from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import day as day_in_words
from src.chat.schemas import ReviewMemories
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.language.language import Language
from src.memories.schemas import MemoryQuery
from src.vocabulary import EvidenceKind, MemoryKind

_MAX_SHOWN = 12


class MemoriesArguments(Arguments):
    """What of it."""

    kinds: list[MemoryKind] = Field([], max_length=6, description="only memories of these kinds; empty for all")


class _Memory(BaseModel):
    id: UUID
    content: str
    on: date


class _Found(BaseModel):
    is_enabled: bool
    total: int = 0
    memories: list[_Memory] = []


class AboutMe(Tool[MemoriesArguments]):
    """The newest memories, in the person's own words."""

    name = "about_me"
    description = (
        "What the companion remembers of the person, newest first, with the day it was said, and how many memories "
        "there are. For 'what do you know about me', 'what did I tell you'. Kinds: profile, preference, goal, injury, "
        "event, fact."
    )
    Arguments = MemoriesArguments

    async def call(self, arguments: MemoriesArguments, toolbox: Toolbox, /) -> ToolAnswer:
        if not toolbox.state.memory_enabled:
            return ToolAnswer(_Found(is_enabled=False).model_dump(mode="json"))
        query = MemoryQuery(kind=arguments.kinds, per_page=_MAX_SHOWN)
        page = await toolbox.sources.memories.page(query)
        memories = [
            _Memory(id=row["id"], content=row["content"], on=toolbox.asker.day_of(row["stated_at"]))
            for row in page.items
        ]
        found = _Found(is_enabled=True, total=page.total, memories=memories)
        receipts = tuple(
            Receipt(
                EvidenceKind.MEMORY,
                memory.id,
                day_in_words(memory.on, toolbox.language, toolbox.asker.today),
                memory.content,
            )
            for memory in memories
        )
        return ToolAnswer(found.model_dump(mode="json"), receipts, (ReviewMemories(kind="review_memories"),))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if not found.is_enabled:
            return say("person.memory_off", language)
        if not found.memories:
            return say("person.no_memories", language)
        lines = [f"• “{memory.content}”" for memory in found.memories]
        more = found.total - len(lines)
        after = [say("person.more_memories", language, n=more)] * (more > 0)
        return "\n".join([say("person.memories", language), *lines, *after])
