"""How the body weight has changed."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

from src.chat.phrases import say
from src.chat.phrases.formats import day as day_in_words
from src.chat.tools.tool import Arguments, Receipt, Tool, ToolAnswer
from src.chat.tools.toolbox import Toolbox
from src.chat.tools.values import Quantity, weight
from src.language.language import Language
from src.measurements.schemas import MeasurementQuery
from src.vocabulary import EvidenceKind, MeasurementKind

_USUAL_PERIOD = timedelta(days=90)
_MAX_READ = 100


class WeightArguments(Arguments):
    """Since when."""

    since: date | None = Field(None, description="YYYY-MM-DD; left out, the last three months")


class _Reading(BaseModel):
    id: UUID
    on: date
    kg: float
    weight: Quantity


class _Found(BaseModel):
    today: date
    since: date
    first: _Reading | None = None
    last: _Reading | None = None
    change: Quantity | None = None


class BodyWeight(Tool[WeightArguments]):
    """The first and the last weight of a period, and the difference."""

    name = "body_weight"
    description = (
        "The person's body weight at the beginning and the end of a period, and the change. For 'am I losing weight', "
        "'how has my weight changed since January'. `last` is null when nothing was measured, `first` when only once."
    )
    Arguments = WeightArguments

    async def call(self, arguments: WeightArguments, toolbox: Toolbox, /) -> ToolAnswer:
        asker = toolbox.asker
        since = min(arguments.since or asker.today - _USUAL_PERIOD, asker.today)
        query = MeasurementQuery.model_validate(
            {"kind": [MeasurementKind.BODY_WEIGHT], "from": since.isoformat(), "per_page": _MAX_READ}
        )
        rows = sorted((await toolbox.sources.measurements.page(query)).items, key=lambda row: row["local_date"])
        found = _Found(today=asker.today, since=since)
        if rows:
            found.last = _reading(rows[-1], toolbox)
        if len(rows) > 1:
            found.first = _reading(rows[0], toolbox)
            found.change = weight(rows[-1]["value"] - rows[0]["value"], asker.weight_unit, 1)
        return ToolAnswer(found.model_dump(mode="json"), _receipts(found, toolbox))

    def say(self, answer: ToolAnswer, language: Language, /) -> str:
        found = _Found.model_validate(answer.data)
        if found.last is None:
            return say("person.no_weights", language, since=day_in_words(found.since, language, found.today))
        last = {"last": found.last.weight.words(language), "on": day_in_words(found.last.on, language, found.today)}
        if found.first is None or found.change is None:
            return say("person.one_weight", language, **last)
        first = {
            "first": found.first.weight.words(language),
            "since": day_in_words(found.first.on, language, found.today),
        }
        size = found.change.model_copy(update={"value": abs(found.change.value)}).words(language)
        key = "same" if found.change.value == 0 else "up" if found.change.value > 0 else "down"
        return say(f"person.weight_{key}", language, change=size, **first, **last)


def _reading(row: dict[str, Any], toolbox: Toolbox) -> _Reading:
    shown = weight(row["value"], toolbox.asker.weight_unit, 1)
    return _Reading(id=row["id"], on=date.fromisoformat(row["local_date"]), kg=row["value"], weight=shown)


def _receipts(found: _Found, toolbox: Toolbox) -> tuple[Receipt, ...]:
    language, today = toolbox.language, toolbox.asker.today
    readings = [reading for reading in (found.first, found.last) if reading is not None]
    receipts = [
        Receipt(
            EvidenceKind.MEASUREMENT,
            reading.id,
            f"{reading.weight.words(language)}, {day_in_words(reading.on, language, today)}",
            "body weight",
        )
        for reading in readings
    ]
    if found.change is not None and found.last is not None:
        change = found.change.model_copy(update={"value": abs(found.change.value)})
        receipts.append(Receipt(EvidenceKind.MEASUREMENT, found.last.id, change.words(language), "change"))
    return tuple(receipts)
