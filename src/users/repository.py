"""Profiles in the database."""

from typing import Annotated, Any, TypedDict

from src.core.di import UserGatewayDep, injected
from src.core.documents import parse_document
from src.core.errors import Unauthenticated
from src.core.gateway import Row
from src.users.usage import Usage


class UserRow(TypedDict):
    """A row of public.users with the computed column `unconfirmed`; dates as PostgREST writes them."""

    id: str
    name: str | None
    date_of_birth: str | None
    sex: str | None
    sport: str | None
    experience_level: str | None
    days_per_week: int | None
    goals: list[str]
    activity_level: str | None
    weight_unit: str
    distance_unit: str
    timezone: str
    equipment: list[str]
    load_steps_kg: dict[str, float]
    injuries: list[str]
    diet: str | None
    allergens: list[str]
    dislikes: list[str]
    memory_enabled: bool
    ai_consent_at: str | None
    check_ins_enabled: bool
    check_ins_max_per_week: int
    check_ins_quiet_from: str
    check_ins_quiet_to: str
    session_minutes: int | None
    unconfirmed: list[dict[str, Any]]
    affinity_score: int
    created_at: str
    updated_at: str


USER_COLUMNS = ",".join(UserRow.__annotations__)


class UserRepository:
    """The caller's own profile."""

    def __init__(self, gateway: UserGatewayDep) -> None:
        self._db = gateway

    async def get(self) -> Row:
        """The caller's row. Raises Unauthenticated when the account is gone although its token has not expired."""
        return self._own(await self._db.rows(self._db.table("users").select(USER_COLUMNS).eq("id", self._db.user_id)))

    async def update(self, changes: dict[str, Any]) -> Row:
        """The caller's row after the change. Raises Unauthenticated like get()."""
        query = self._db.table("users").update(changes).eq("id", self._db.user_id).select(USER_COLUMNS)
        return self._own(await self._db.rows(query))

    async def usage(self) -> Usage:
        """What the caller has of each quota (public.usage)."""
        return parse_document(Usage.model_validate, await self._db.read("usage"))

    @staticmethod
    def _own(rows: list[Row]) -> Row:
        if not rows:
            raise Unauthenticated.account_gone()
        return rows[0]


UserRepo = Annotated[UserRepository, injected(UserRepository)]
