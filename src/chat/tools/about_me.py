"""What the companion remembers of the person."""

from collections.abc import Iterator
from datetime import date
from uuid import UUID

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import day as day_in_words
from src.chat.phrases.formats import listed, number
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
    """`profile`: sentences on what the profile says."""

    is_enabled: bool
    total: int = 0
    memories: list[_Memory] = []
    profile: list[str] = []


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
        profile = [] if arguments.kinds else list(said_in_profile(toolbox))
        sentences = [sentence for _, sentence in profile]
        receipts = tuple(
            Receipt(EvidenceKind.PROFILE, toolbox.asker.id, value, sentence) for value, sentence in profile
        )
        if not toolbox.state.memory_enabled:
            return ToolAnswer(_Found(is_enabled=False, profile=sentences).model_dump(mode="json"), receipts)
        query = MemoryQuery(kind=arguments.kinds, per_page=_MAX_SHOWN)
        page = await toolbox.sources.memories.page(query)
        memories = [
            _Memory(id=row["id"], content=row["content"], on=toolbox.asker.day_of(row["stated_at"]))
            for row in page.items
        ]
        found = _Found(is_enabled=True, total=page.total, memories=memories, profile=sentences)
        receipts += tuple(
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
        profile = (
            [say("person.from_profile", language), *(f"• {line}" for line in found.profile)] if found.profile else []
        )
        if not found.is_enabled:
            return "\n".join([say("person.memory_off", language), *profile])
        if not found.memories:
            return "\n".join(profile or [say("person.no_memories", language)])
        lines = [f"• “{memory.content}”" for memory in found.memories]
        more = found.total - len(lines)
        after = [say("person.more_memories", language, n=more)] * (more > 0)
        return "\n".join([say("person.memories", language), *lines, *after, *profile])


def said_in_profile(toolbox: Toolbox) -> Iterator[tuple[str, str]]:
    """What the profile says, as far as the turn has read it: each value, and the sentence with it."""
    language, profile = toolbox.language, toolbox.state.profile
    allergens = [say(f"food.allergen_{allergen.value}", language) for allergen in profile.allergens]
    joints = [say(f"person.joint_{joint.value}", language) for joint in profile.injuries]
    diet = profile.diet and say(f"food.diet_{profile.diet.value}", language)
    level = profile.experience_level and say(f"person.level_{profile.experience_level.value}", language)
    sport = profile.sport and say(f"person.sport_{profile.sport.value}", language)
    values = {
        "sport": sport,
        "level": level,
        "goals": listed([f"“{goal}”" for goal in profile.goals], language),
        "injuries": listed(joints, language),
        "allergens": listed(allergens, language),
        "diet": diet,
    }
    for name, value in values.items():
        if value:
            yield value, say(f"person.{name}", language, value=value)
    if profile.days_per_week:
        yield number(profile.days_per_week, language), say("person.days", language, n=profile.days_per_week)
