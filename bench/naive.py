"""The same two routes as tutorials write them: a Supabase client per request. Measured against, never deployed."""

import os
from typing import Annotated, Any

from fastapi import FastAPI, Header
from postgrest import CountMethod
from supabase import AsyncClient, AsyncClientOptions, acreate_client

from src.plans.repository import SUMMARY_COLUMNS

app = FastAPI()
Bearer = Annotated[str, Header(alias="Authorization")]


async def _client(authorization: str) -> AsyncClient:
    options = AsyncClientOptions(headers={"Authorization": authorization})
    return await acreate_client(os.environ["SUPABASE_URL"], os.environ["SUPABASE_PUBLISHABLE_KEY"], options=options)


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "healthy"}


@app.get("/api/v1/plans")
async def plans(authorization: Bearer) -> dict[str, Any]:
    client = await _client(authorization)
    query = client.table("plans").select(SUMMARY_COLUMNS, count=CountMethod.exact)
    answer = await query.order("created_at", desc=True).limit(20).execute()
    return {"items": answer.data, "total": answer.count, "page": 1, "per_page": 20}


@app.get("/api/v1/exercises")
async def exercises(authorization: Bearer, q: str) -> dict[str, Any]:
    client = await _client(authorization)
    query = client.table("exercises").select("*", count=CountMethod.exact).ilike("name", f"%{q}%")
    answer = await query.order("name").limit(20).execute()
    return {"items": answer.data, "total": answer.count, "page": 1, "per_page": 20}
