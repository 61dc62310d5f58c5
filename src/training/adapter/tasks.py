"""Adapting a plan in a job: rules decide, a model may word it, and the person accepts or rejects."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from src.jobs.generation import BY_RULES, Provenance, generate_with_fallback, request_of
from src.jobs.worker import ClaimedJob, JobFailed, JobHandler
from src.training.adapter.engine import Adaptation, propose
from src.training.adapter.request import AdaptRequest
from src.training.adapter.situation import Situation
from src.training.adapter.wording import worded, wording_of
from src.vocabulary import JobKind, PlanSource

NOTHING = "Your plan is right as it is: nothing that you have logged asks for a change."


async def adapt_plan(job: ClaimedJob) -> dict[str, Any]:
    """Proposes changes of a plan, under the job's id: tried again, it keeps the proposal that is there."""
    request = request_of(job, AdaptRequest)
    context = await job.call("adaptation_context", plan_id=str(request.plan_id))
    if context is None:
        raise JobFailed("There is no such plan, or nothing in it.")
    await job.progress(0.3, "Looking at what you have trained")
    adaptation = propose(Situation.of(context, request.pain))
    if not adaptation.changes:
        return {"proposal_id": None, "changes": 0, "explanation": NOTHING, **asdict(BY_RULES)}
    await job.progress(0.6, "Putting the changes into words")
    answer = await generate_with_fallback(job, wording_of(adaptation, request.reason))
    made_by = answer.provenance
    kept = await _keep(job, context, worded(adaptation, answer.value), made_by.source)
    return {
        "proposal_id": job.id,
        "changes": kept["changes"],
        **asdict(Provenance.stored(kept["source"], made_by.model)),
    }


async def _keep(job: ClaimedJob, context: dict[str, Any], adaptation: Adaptation, source: PlanSource) -> dict[str, Any]:
    """What is kept: how many changes, and whose words. Raises PreconditionFailed when the plan has changed since."""
    proposal = {
        "plan_id": context["plan_id"],
        "base_version": context["version"],
        "content": adaptation.content.model_dump(mode="json"),
        "changes": [one.document for one in adaptation.changes],
        "source": source,
    }
    kept: dict[str, Any] = await job.call("keep_plan_proposal", proposal=proposal)
    return kept


HANDLERS: Final[Mapping[JobKind, JobHandler]] = {
    JobKind.ADAPT_PLAN: adapt_plan,
}
