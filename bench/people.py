"""People with plans, signed up through the auth service."""

import json
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import httpx

from dev.stack import Stack

PLANS = 30


@dataclass(frozen=True)
class BenchUser:
    id: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}


async def sign_up_user(stack: Stack, *, plans: int = PLANS) -> BenchUser:
    """Signs a person up and gives them plans."""
    async with httpx.AsyncClient(base_url=stack.supabase_url, headers={"apikey": stack.publishable_key}) as client:
        credentials = {"email": f"{uuid4().hex}@bench.example", "password": uuid4().hex}
        session = (await client.post("/auth/v1/signup", json=credentials)).raise_for_status().json()
        person = BenchUser(session["user"]["id"], session["access_token"])
        rows = [{"name": f"Plan {n}", "description": "Four days of strength and one of running"} for n in range(plans)]
        if rows:
            (await client.post("/rest/v1/plans", json=rows, headers=person.headers)).raise_for_status()
    return person


async def act_as(connection: asyncpg.Connection, owner: UUID) -> None:
    """From now on the connection is this person, until `reset role`."""
    claims = json.dumps({"sub": str(owner), "role": "authenticated"})
    await connection.execute("select set_config('request.jwt.claims', $1, false)", claims)
    await connection.execute("set role authenticated")
