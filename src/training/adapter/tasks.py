"""Adapting a plan in a job: rules decide, a model may word it, and the person accepts or rejects."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from pydantic import TypeAdapter

from src.core.documents import parse_document
from src.jobs.generation import BY_RULES, Provenance, generate_with_fallback, parse_request, plan_id_of
from src.jobs.worker import ClaimedJob, JobFailed, JobHandler
from src.training.adapter.context import AdaptationContext, AdaptationState, read_adaptation_state
from src.training.adapter.engine import PlanAdaptation, propose
from src.training.adapter.request import PlanAdapt
from src.training.adapter.wording import ask_for_words, reword
from src.vocabulary import JobKind, PlanKind, PlanSource

NOTHING = "Your plan is right as it is: nothing that you have logged asks for a change."


@dataclass(frozen=True)
class StoredProposal:
    """What public.keep_plan_proposal() returns: the stored proposal, of this attempt or an earlier one."""

    source: PlanSource
    model: str | None
    changes: int


_read_stored_proposal = TypeAdapter(StoredProposal).validate_python


async def adapt_plan(job: ClaimedJob) -> dict[str, Any]:
    """Proposes changes to a plan, under the job's id; a retry keeps the proposal that is stored."""
    request = parse_request(job, PlanAdapt)
    answer = await job.call("adaptation_context", plan_id=plan_id_of(job))
    if answer is None:
        raise JobFailed("There is no such plan, or nothing in it.")
    state = parse_document(read_adaptation_state, answer)
    await job.progress(0.3, "Looking at what you have trained")
    adaptation = propose(AdaptationContext.from_state(state, request.pain))
    if not adaptation.changes:
        return {"proposal_id": None, "changes": 0, "explanation": NOTHING, **asdict(BY_RULES)}
    await job.progress(0.6, "Putting the changes into words")
    words = await generate_with_fallback(job, ask_for_words(adaptation, request.reason))
    stored = await _store(job, state, reword(adaptation, words.value), words.provenance)
    return {"proposal_id": job.id, "changes": stored.changes, **asdict(Provenance.stored(stored.source, stored.model))}


async def _store(
    job: ClaimedJob, state: AdaptationState, adaptation: PlanAdaptation, made_by: Provenance
) -> StoredProposal:
    """Raises PreconditionFailed when the plan has changed since."""
    proposal = {
        "kind": PlanKind.WORKOUT,
        "plan_id": str(state.plan_id),
        "base_version": state.version,
        "content": adaptation.content.model_dump(mode="json"),
        "changes": [change.document for change in adaptation.changes],
        **made_by.columns(),
    }
    return parse_document(_read_stored_proposal, await job.call("keep_plan_proposal", proposal=proposal))


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.ADAPT_PLAN: adapt_plan,
}
