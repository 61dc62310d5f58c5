"""What the companion remembers: read, searched by meaning, corrected and forgotten."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from src.ai.provider import ContentBlocked
from src.core.created import created, created_responses
from src.core.errors import Conflict, Forbidden, NotFound, PreconditionFailed, TooManyRequests
from src.core.etags import CHANGED, TAGGED, ConditionsDep, IfMatch, parse_if_match, row_tag, tagged
from src.core.limits import SEARCHES, limited_as
from src.core.problems import problems
from src.core.route import api_router
from src.memories.repository import MemoryRepo
from src.memories.schemas import Memory, MemoryCreate, MemoryPage, MemoryQuery, MemoryUpdate
from src.memories.service import MemoryServiceDep

router = api_router("/api/v1/memories", tags=["memories"])


@router.get(
    "",
    operation_id="listMemories",
    openapi_extra=limited_as(SEARCHES),
    responses=problems(Forbidden, ContentBlocked, TooManyRequests),
)
async def list_memories(query: Annotated[MemoryQuery, Query()], memories: MemoryServiceDep) -> MemoryPage:
    """What the companion remembers of the caller; with `q`, what comes nearest to it."""
    return MemoryPage.model_validate((await memories.page(query)).page(query))


@router.post(
    "",
    operation_id="addMemory",
    status_code=201,
    response_model=Memory,
    responses=created_responses(Memory, "ETag", otherwise="It was remembered already.")
    | problems(Conflict, Forbidden, ContentBlocked, TooManyRequests),
)
async def add_memory(memory: MemoryCreate, memories: MemoryServiceDep, response: Response) -> Memory:
    """Adds a memory, also one that had been forgotten. 409 while memory is off."""
    added, is_new = await memories.add(memory)
    created(response, f"/api/v1/memories/{added.id}", is_new=is_new)
    return tagged(added, response)


@router.delete("", operation_id="forgetAllMemories", status_code=204)
async def forget_all_memories(memories: MemoryRepo) -> None:
    """Forgets everything, for good. What the person says again, they are asked whether to keep."""
    await memories.forget_all()


@router.get("/{memory_id}", operation_id="getMemory", responses=TAGGED | problems(NotFound))
async def get_memory(memory_id: UUID, memories: MemoryRepo, conditions: ConditionsDep) -> Memory:
    """One memory."""
    memory = Memory.model_validate(await memories.get(memory_id))
    conditions.tag(row_tag(memory.updated_at))
    return memory


@router.patch(
    "/{memory_id}",
    operation_id="updateMemory",
    responses=CHANGED | problems(NotFound, Conflict, PreconditionFailed, Forbidden, ContentBlocked, TooManyRequests),
)
async def update_memory(
    memory_id: UUID, changes: MemoryUpdate, memories: MemoryServiceDep, response: Response, if_match: IfMatch = None
) -> Memory:
    """Corrects, pins or weighs a memory. One that a newer has replaced is history and stays as it is (409)."""
    return tagged(await memories.update(memory_id, changes, parse_if_match(if_match)), response)


@router.post(
    "/{memory_id}/apply",
    operation_id="applyMemory",
    responses=CHANGED | problems(NotFound, Conflict, PreconditionFailed),
)
async def apply_memory(memory_id: UUID, memories: MemoryRepo, response: Response, if_match: IfMatch = None) -> Memory:
    """Writes what the memory says into the profile, where nothing is lost: lists are merged, exclusions become
    preferences of exercises, height and weight measurements of today. What was forgotten and said again is kept.

    Applying again changes nothing; 409 when the memory says nothing that the profile has a place for.
    """
    return tagged(await memories.apply(memory_id, parse_if_match(if_match)), response)


@router.post(
    "/{memory_id}/decline",
    operation_id="declineMemory",
    response_model=Memory,
    responses=CHANGED
    | {204: {"description": "It had been forgotten and was said again: it is forgotten once more."}}
    | problems(NotFound, Conflict, PreconditionFailed),
)
async def decline_memory(
    memory_id: UUID, memories: MemoryRepo, response: Response, if_match: IfMatch = None
) -> Memory | Response:
    """What the memory says is not applied, and from now on no plan keeps to it. The memory itself stays.

    Declining again changes nothing; 409 when it says nothing to decide, or is in the profile already.
    """
    memory = await memories.decline(memory_id, parse_if_match(if_match))
    return Response(status_code=204) if memory is None else tagged(memory, response)


@router.delete(
    "/{memory_id}",
    operation_id="forgetMemory",
    status_code=204,
    responses=problems(NotFound, PreconditionFailed),
)
async def forget_memory(memory_id: UUID, memories: MemoryRepo, if_match: IfMatch = None) -> None:
    """Forgets it for good, in the conversation too. Said again, it is kept only if the person wants it."""
    await memories.forget(memory_id, parse_if_match(if_match))
