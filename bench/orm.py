"""The plans as most people would write them without Supabase: SQLAlchemy on asyncpg. Measured against, never deployed.

Kinder to it than is safe: tokens are verified once and remembered as ours are, and nobody takes the person's role, so
that no row-level security is asked.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, Header, Request
from sqlalchemy import DateTime, Enum, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from src.core.auth import Authenticator, Principal
from src.core.config import load_settings
from src.core.http_client import HttpClient, build_client
from src.core.jwks import JwksCache
from src.plans.schemas import PlanPage
from src.vocabulary import PlanKind, PlanSource, PlanStatus

CONNECTIONS = 10  # as many as PostgREST has


def _enum(values: type[StrEnum], name: str) -> Enum:
    return Enum(values, name=name, values_callable=lambda members: [member.value for member in members])


class Base(DeclarativeBase):
    """What is mapped."""


class PlanRecord(Base):
    """A plan without its content."""

    __tablename__ = "plans"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID]
    kind: Mapped[PlanKind] = mapped_column(_enum(PlanKind, "plan_kind"))
    name: Mapped[str]
    description: Mapped[str | None]
    goal: Mapped[str | None]
    duration_weeks: Mapped[int | None]
    days_per_week: Mapped[int | None]
    status: Mapped[PlanStatus] = mapped_column(_enum(PlanStatus, "plan_status"))
    source: Mapped[PlanSource] = mapped_column(_enum(PlanSource, "plan_source"))
    version: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings = load_settings()
    url = os.environ["DATABASE_URL"].replace("postgresql://", "postgresql+asyncpg://")
    engine = create_async_engine(url, pool_size=CONNECTIONS, max_overflow=0)
    async with build_client() as client:
        http = HttpClient(client, timeout=5)

        async def fetch() -> bytes:
            return (await http.send("GET", settings.jwks_url, headers={})).body

        keys = JwksCache(fetch)
        app.state.authenticator = Authenticator(settings, keys)
        app.state.sessions = async_sessionmaker(engine, expire_on_commit=False)
        yield
        await keys.aclose()
    await engine.dispose()


app = FastAPI(lifespan=_lifespan)


async def _session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.app.state.sessions() as session:
        yield session


async def _person(request: Request, authorization: Annotated[str, Header()]) -> Principal:
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.authenticate(authorization)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}


@app.get("/api/v1/plans")
async def plans(
    person: Annotated[Principal, Depends(_person)],
    session: Annotated[AsyncSession, Depends(_session)],
    page: int = 1,
    per_page: int = 20,
) -> PlanPage:
    own = select(PlanRecord).where(PlanRecord.user_id == person.id, PlanRecord.kind == PlanKind.WORKOUT)
    total = await session.scalar(select(func.count()).select_from(own.subquery()))
    newest = own.order_by(PlanRecord.created_at.desc(), PlanRecord.id.desc())
    rows = await session.scalars(newest.limit(per_page).offset((page - 1) * per_page))
    items = list(rows)
    return PlanPage.model_validate(
        {"items": items, "total": total, "page": page, "per_page": per_page}, from_attributes=True
    )
