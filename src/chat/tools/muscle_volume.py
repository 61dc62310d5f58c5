"""Sets per muscle and week."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import listed, number
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.chat.tools.wording import capitalized, word
from src.language.language import Language
from src.stats.schemas import DayRange, WeekVolume
from src.vocabulary import EvidenceKind, Muscle

_WEEKS = 4
_MAX_SHOWN = 8
_WEEK = timedelta(days=7)


class VolumeArguments(Arguments):
    muscle: Muscle | None = Field(None, description="One muscle; null for those that were trained most.")


class MuscleSets(BaseModel):
    muscle: Muscle
    average: float
    this_week: float


class _Found(BaseModel):
    """`weeks`: how many whole weeks the averages are over; 0 when only this week has training."""

    muscle: Muscle | None
    weeks: int
    muscles: list[MuscleSets]


class MuscleVolume(Tool[VolumeArguments]):
    """How many sets each muscle got."""

    name = "muscle_volume"
    description = (
        "How many sets a week the person does for each muscle, on average over the last four whole weeks, and this "
        "week so far. A set counts fully for primary muscles and half for secondary ones. For 'how many sets for my "
        "chest', 'do I train legs enough'."
    )
    Arguments = VolumeArguments

    async def call(self, arguments: VolumeArguments, toolbox: Toolbox, /) -> ToolAnswer:
        monday = toolbox.today - timedelta(days=toolbox.today.weekday())
        days = DayRange.between(monday - _WEEKS * _WEEK, toolbox.today)
        found = _add_up((await toolbox.sources.stats.volume(days)).weeks, monday, arguments.muscle)
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, toolbox.asker.id, toolbox.language))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if not found.muscles:
            if found.muscle is None:
                return say("volume.none", language)
            return say("volume.none_of", language, muscle=capitalized(word(found.muscle, language)))
        if found.muscle is not None:
            return _one(found.muscles[0], found.weeks, language)
        lines = listed([_line(sets, language, _shown(sets, found.weeks)) for sets in found.muscles], language)
        if not found.weeks:
            return say("volume.this_week", language, muscles=lines)
        return say("volume.average", language, n=found.weeks, muscles=lines)


def _add_up(weeks: Sequence[WeekVolume], monday: date, muscle: Muscle | None) -> _Found:
    whole = [week for week in weeks if week.week < monday]
    # Weeks before the first one with training are not counted: whoever began last week did not rest before.
    count = 0 if not whole else (monday - min(week.week for week in whole)).days // 7
    before, now = _sum(whole), _sum([week for week in weeks if week.week == monday])
    muscles = [
        MuscleSets(muscle=name, average=round(before[name] / count, 1) if count else 0, this_week=now[name])
        for name in Muscle
        if before[name] + now[name] and muscle in {None, name}
    ]
    shown = sorted(muscles, key=lambda sets: -_shown(sets, count))[:_MAX_SHOWN]
    return _Found(muscle=muscle, weeks=count, muscles=shown)


def _sum(weeks: Sequence[WeekVolume]) -> defaultdict[Muscle, float]:
    total: defaultdict[Muscle, float] = defaultdict(float)
    for week in weeks:
        for volume in week.muscles:
            total[volume.muscle] += volume.sets
    return total


def _shown(sets: MuscleSets, weeks: int) -> float:
    return sets.average if weeks else sets.this_week


def _line(sets: MuscleSets, language: Language, count: float) -> str:
    return f"{word(sets.muscle, language)} {number(count, language, 1)}"


def _one(sets: MuscleSets, weeks: int, language: Language) -> str:
    muscle = capitalized(word(sets.muscle, language))
    this_week = say("words.sets", language, n=sets.this_week)
    if not weeks:
        return say("volume.one_this_week", language, muscle=muscle, this_week=this_week)
    average = say("words.sets", language, n=sets.average)
    over = say("words.weeks", language, n=weeks)
    return say("volume.one", language, muscle=muscle, average=average, weeks=over, this_week=this_week)


def _receipts(found: _Found, user_id: UUID, language: Language) -> tuple[Receipt, ...]:
    values = [number(_shown(sets, found.weeks), language, 1) for sets in found.muscles]
    if found.muscles and found.weeks:
        values.append(number(found.weeks, language))
        values += [number(found.muscles[0].this_week, language, 1)] if found.muscle else []
    text = say("volume.title", language)
    return tuple(Receipt(EvidenceKind.PROFILE, user_id, value, text) for value in dict.fromkeys(values))
