"""What training rules need to know of a person, read with their token."""

from typing import Annotated
from uuid import UUID

from pydantic import TypeAdapter
from pydantic.dataclasses import dataclass

from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.core.gateway import object_or_404
from src.training.candidates import Candidate


@dataclass(frozen=True)
class SubstituteState:
    """What public.exercise_substitutes() answers: an exercise, and what the person can do that trains its muscles."""

    exercise: Candidate
    candidates: list[Candidate]


_read = TypeAdapter(SubstituteState).validate_python


class TrainingRepository:
    """Exercises as the person can do them."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def substitutes(self, exercise_id: UUID) -> SubstituteState:
        """What could stand in for an exercise. Raises NotFound for one that the caller cannot see."""
        state = object_or_404(await self._db.read("exercise_substitutes", {"exercise_id": exercise_id}))
        return parse_document(_read, state)


TrainingRepo = Annotated[TrainingRepository, injected(TrainingRepository)]
