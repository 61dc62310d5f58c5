"""Exercises in the database."""

from typing import Annotated, Any, TypedDict
from uuid import UUID

from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.core.errors import Forbidden, NotFound
from src.core.gateway import Row
from src.exercises.library import ExerciseOverlay


class ExerciseRow(TypedDict):
    """A row of public.exercises."""

    id: str
    slug: str | None
    name: str
    aliases: list[str]
    kind: str
    primary_muscles: list[str]
    secondary_muscles: list[str]
    equipment: list[str]
    category: str
    level: str
    mechanic: str | None
    is_unilateral: bool
    contraindications: list[str]
    instructions: str
    hidden_at: str | None
    created_at: str
    updated_at: str


EXERCISE_COLUMNS = ",".join(ExerciseRow.__annotations__)
_WITH_PREFERENCE = f"{EXERCISE_COLUMNS},exercise_preferences(kind,reason)"


class ExerciseRepository:
    """Exercises the caller can see, and their own to change."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def library(self) -> list[Row]:
        """Every library exercise: the same rows for every caller, so that they may be shared."""
        exercises = self._db.table("exercises")
        return await self._db.fetch_all(lambda: exercises.select(EXERCISE_COLUMNS).is_("user_id", "null").order("id"))

    async def overlay(self) -> ExerciseOverlay:
        """What the caller adds to the library."""
        return parse_document(ExerciseOverlay.model_validate, await self._db.read("exercise_overlay"))

    async def get(self, exercise_id: UUID) -> tuple[Row, Row | None]:
        """An exercise and the caller's preference. Raises NotFound."""
        return _with_preference(
            await self._db.one(self._db.table("exercises").select(_WITH_PREFERENCE).eq("id", exercise_id))
        )

    async def create(self, exercise: dict[str, Any], idempotency_key: str | None) -> tuple[Row, bool]:
        """The new custom exercise, and whether the key had already made it. Raises Conflict for a name in use."""
        return await self._db.create("create_exercise", exercise, idempotency_key)

    async def replace(self, exercise_id: UUID, exercise: dict[str, Any]) -> tuple[Row, Row | None]:
        """The caller's own exercise after the change, like get(). Raises NotFound, and Conflict for a name in use."""
        query = self._db.table("exercises").update(exercise).eq("id", exercise_id).eq("user_id", self._db.user_id)
        return _with_preference(await self._db.one(query.select(_WITH_PREFERENCE)))

    async def delete(self, exercise_id: UUID) -> None:
        """Deletes the caller's own exercise, or hides it when history uses it. Raises NotFound."""
        await self._db.call_or_404("delete_exercise", {"exercise_id": str(exercise_id)})

    async def prefer(self, exercise_id: UUID, preference: dict[str, Any]) -> Row:
        """Sets the caller's preference. Raises NotFound for an exercise they cannot see."""
        row = {**preference, "exercise_id": str(exercise_id)}
        query = self._db.table("exercise_preferences").upsert(row, on_conflict="user_id,exercise_id")
        try:
            rows = await self._db.rows(query.select("kind", "reason"))
        except Forbidden:
            # The policy asks whether the exercise is visible: someone else's is refused like one that is not there.
            raise NotFound from None
        return rows[0]

    async def forget_preference(self, exercise_id: UUID) -> None:
        """Removes the caller's preference. Raises NotFound when there is none."""
        query = self._db.table("exercise_preferences").delete().eq("exercise_id", exercise_id)
        await self._db.one(query.eq("user_id", self._db.user_id).select("id"))


ExerciseRepo = Annotated[ExerciseRepository, injected(ExerciseRepository)]


def _with_preference(row: Row) -> tuple[Row, Row | None]:
    preferences = row.pop("exercise_preferences")
    return row, preferences[0] if preferences else None
