"""People who import a file of several thousand rows, and whether all of it is there, once."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import httpx

from bench.imports import SETS_PER_WORKOUT, lines_of_strong
from bench.people import BenchUser, sign_up_user
from bench.system import System
from bench.table import TableRow
from bench.writers import jobs_at_their_end

WORKOUTS = 250
_FILE = "\n".join(lines_of_strong(WORKOUTS)).encode()
_KEPT = """
select count(*), count(distinct w.started_at), (select count(*) from public.sets as s where s.user_id = $1)
  from public.workouts as w where w.user_id = $1
"""


@dataclass(frozen=True)
class Importer:
    """Somebody whose import was acknowledged."""

    person: BenchUser

    @classmethod
    async def upload(cls, system: System) -> "Importer":
        """Signs somebody up, who sends the file until it is acknowledged."""
        person = await sign_up_user(system.stack, plans=0)
        headers = {**person.headers, "content-type": "text/csv", "idempotency-key": uuid4().hex}
        async with httpx.AsyncClient(base_url=f"{system.api_url}/api/v1", headers=headers, timeout=15) as client:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await client.post("/workouts/import", content=_FILE)).is_success:
                        return cls(person)
                await asyncio.sleep(0.1)


async def audit_imports(system: System, importers: Sequence[Importer]) -> list[TableRow]:
    """What was in the files against what is in the database, once the jobs are over."""
    found: Counter[str] = Counter()
    attempts: Counter[int] = Counter()
    connection = await asyncpg.connect(system.stack.admin_database_url, ssl=False)
    for importer in importers:
        async with httpx.AsyncClient(
            base_url=f"{system.api_url}/api/v1", headers=importer.person.headers, timeout=30
        ) as client:
            (job,) = await jobs_at_their_end(client)
        owner = UUID(importer.person.id)
        ((workouts, different, sets),) = await connection.fetch(_KEPT, owner)
        attempts[await connection.fetchval("select attempts from public.jobs where user_id = $1", owner)] += 1
        found += Counter(
            lost=max(0, WORKOUTS * SETS_PER_WORKOUT - sets),
            doubled=max(0, sets - WORKOUTS * SETS_PER_WORKOUT) + workouts - different,
            done=job["status"] == "succeeded",
        )
    await connection.close()
    return [
        {
            "imports": str(len(importers)),
            "done": str(found["done"]),
            "rows acknowledged": f"{len(importers) * WORKOUTS * SETS_PER_WORKOUT:,}",
            "rows lost": str(found["lost"]),
            "rows doubled": str(found["doubled"]),
            "attempts": ", ".join(f"{n} of {tries}" for tries, n in sorted(attempts.items())),
        }
    ]
