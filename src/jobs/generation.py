"""Generating for a person in a job: what they asked for, and an answer whatever becomes of the model."""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from uuid import UUID

import structlog
from pydantic import BaseModel, ValidationError

from src.ai.provider import OutputT, Prompt
from src.ai.rule_based import MODEL as OFFLINE
from src.core.errors import AppError
from src.core.schema import clean
from src.jobs.worker import ClaimedJob, JobFailed
from src.vocabulary import PlanSource

log = structlog.get_logger()

RequestT = TypeVar("RequestT", bound=BaseModel)

REQUEST = "request"
"""Where the input of a job holds what was asked for, as JSON text: the database keeps inputs flat."""


@dataclass(frozen=True)
class Provenance:
    """What made something: rules or a model, and the model's name (`offline` for rules). The only place that tells them
    apart."""

    source: PlanSource
    model: str

    @classmethod
    def of_model(cls, model: str) -> "Provenance":
        """By the name that a provider gives of what answered."""
        return BY_RULES if model == OFFLINE else cls(PlanSource.AI, model)

    @classmethod
    def stored(cls, source: str, model: str | None) -> "Provenance":
        """Of something that was stored with its source and, where a model made it, the model's name."""
        return BY_RULES if model is None else cls(PlanSource(source), model)

    def columns(self) -> dict[str, str | None]:
        """As it is stored: `model` is null for rules."""
        return {"source": self.source, "model": None if self.is_rule_based else self.model[:100]}

    @property
    def is_rule_based(self) -> bool:
        """Whether no model had a part in it."""
        return self.source is PlanSource.RULES


BY_RULES: Final = Provenance(PlanSource.RULES, OFFLINE)


@dataclass(frozen=True)
class GeneratedAnswer(Generic[OutputT]):
    """An answer to a prompt, and what made it."""

    value: OutputT
    provenance: Provenance


def parse_request(job: ClaimedJob, model: type[RequestT]) -> RequestT:
    """Parses what was asked for. Raises JobFailed: jobs can be enqueued past the API, with anything in them."""
    try:
        return model.model_validate_json(str(job.options.get(REQUEST)))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        reason = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        # It may quote names and words of theirs: of any length, and with NUL, which Postgres cannot store.
        raise JobFailed(clean(f"The request is not sound: {reason}")[:300]) from None


def plan_id_of(job: ClaimedJob) -> str:
    """The plan that a job is to adapt. Raises JobFailed, like parse_request()."""
    try:
        return str(UUID(str(job.options.get("plan_id"))))
    except ValueError:
        raise JobFailed("The request names no plan.") from None


async def generate_with_fallback(job: ClaimedJob, prompt: Prompt[OutputT]) -> GeneratedAnswer[OutputT]:
    """The model's answer. The prompt's rule-based one when there is no model, when it cannot be reached, and when what
    it says breaks the rules or is cut off, however often it is told."""
    if not job.ai.uses_model:
        return _by_rules(prompt)
    try:
        generated = await job.ai.generate(prompt)
    except AppError as error:
        log.warning("answered by rules", job_id=job.id, error=error.code, detail=error.detail)
        return _by_rules(prompt)
    await job.call("count_tokens", **generated.usage._asdict())
    if generated.finish != "stop":
        log.warning("answered by rules", job_id=job.id, error="cut_off")
        return _by_rules(prompt)
    return GeneratedAnswer(generated.value, Provenance.of_model(generated.model))


def _by_rules(prompt: Prompt[OutputT]) -> GeneratedAnswer[OutputT]:
    return GeneratedAnswer(prompt.rule_based(), BY_RULES)
