"""What remembering costs, and how well it is done: `match_memories` at size, and recall on a labelled set."""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg

from bench.locomo import bench_locomo
from bench.people import act_as
from bench.recall import bench_provider, bench_recall
from bench.table import print_table
from dev.stack import Options, Stack
from src.ai.provider import DIMENSIONS
from src.memories.repository import EmbeddedText

PEOPLE, MEMORIES_EACH, LARGER_COUNTS = 1000, 1000, (5000, 20000)
QUESTIONS, CHECKED = 200, 5
_MODEL = "bench"
_WORDS = (
    "squat bench deadlift press row run swim cycle stretch yoga boxing kettlebell barbell dumbbell rack rope sled box",
    "love hate prefer avoid enjoy skip need want miss fear plan track",
    "morning evening monday tuesday friday weekend winter summer holiday lunch breakfast night",
    "knee shoulder back hip elbow ankle neck wrist hamstring calf",
    "sister brother coach doctor dog friend partner boss neighbour team",
)
# A vector is one of a thousand topics and some noise of its own; everyone's rows lie between everyone else's.
_VECTORS = """
    create table bench_vectors as
    select n as number, extensions.l2_normalize(array_agg(random() - 0.5)::extensions.halfvec(768)) as vector
      from generate_series(0, 2047) as n, generate_series(1, 768) as i where n = n + i * 0 group by n"""
_MEMORIES = """
    insert into public.memories (user_id, kind, content, content_hash, embedding, embedding_model, salience,
      source_quote, stated_at)
    select p.id, (enum_range(null::public.memory_kind))[1 + (p.place + n) % 6], t.content,
           sha256(convert_to(p.id::text || n, 'UTF8')), v.vector, 'bench', ((p.place * 7 + n) % 10) / 10.0, t.content,
           now() - n * interval '6 hours'
      from generate_series($1::integer, $2::integer) as n
        cross join (select id, (row_number() over (order by id))::integer as place
                      from auth.users where id = any ($3)) as p
        cross join lateral (select format('I %s to %s with my %s in the %s, and my %s is number %s',
          ($5::text[])[1 + (p.place * 3 + n * 5) % cardinality($5)],
          ($4::text[])[1 + (p.place + n * 7) % cardinality($4)],
          ($8::text[])[1 + (p.place + n / 3) % cardinality($8)],
          ($6::text[])[1 + (p.place * 5 + n * 11) % cardinality($6)],
          ($7::text[])[1 + (p.place * 11 + n * 13) % cardinality($7)], n) as content) as t
        cross join lateral (select extensions.l2_normalize((a.vector operator(extensions.+) b.vector)) as vector
          from bench_vectors as a, bench_vectors as b
         where a.number = (p.place * 37 + n * 101) % 1000 and b.number = 1024 + (p.place * 53 + n) % 1024) as v
     order by n, p.place"""
_SCAN = """
    explain (analyze, buffers, costs off, timing off)
    select m.id, m.embedding operator(extensions.<#>) $2::extensions.halfvec as distance
      from public.memories as m
     where m.user_id = $1 and m.status = any ('{active}') and m.embedding_model = 'bench' order by 2, 1 limit 50"""


async def bench_memories(folder: Path, *, people: int = PEOPLE, locomo: Path | None = None) -> None:
    """Prints the tables. Takes minutes, and 4 GB of disk, for the million rows."""
    await bench_recall(folder / "recall")
    if locomo:
        async with Stack(Options(folder / "locomo", durable=False)) as stack, bench_provider(stack) as ai:
            await bench_locomo(stack, ai, locomo)
    await _bench_size(folder / "size", people)


async def _bench_size(folder: Path, people: int) -> None:
    async with Stack(Options(folder, durable=False)) as stack:
        connection = await asyncpg.connect(stack.admin_database_url, ssl=False, timeout=60)
        try:
            started = time.perf_counter()
            owners = await _fill(connection, people)
            total = await connection.fetchval("select count(*) from public.memories", timeout=600)
            elapsed = time.perf_counter() - started
            print(f"\n{total:,} memories of {people + len(LARGER_COUNTS):,} people in {elapsed:.0f} s")
            rows = [await _measured(connection, owner, own) for own, owner in owners.items()]
            print_table("match_memories, of one's own among everyone's (goals: 3, 10 and 35 ms)", rows)
            for line in await _plan(connection, owners[LARGER_COUNTS[-1]]):
                print(f"    {line}")
        finally:
            await connection.close()


async def _fill(connection: asyncpg.Connection, people: int) -> dict[int, UUID]:
    """The ids of people who have so many memories of their own."""
    ids = [uuid4() for _ in range(people + len(LARGER_COUNTS))]
    await connection.execute("set session_replication_role = replica")  # the profiles come with a trigger
    await connection.execute(
        "insert into auth.users (id, email) select id, id || '@bench.example' from unnest($1::uuid[]) as id", ids
    )
    await connection.execute("insert into public.users (id) select unnest($1::uuid[])", ids)
    await connection.execute("select setseed(0.5)")
    await connection.execute(_VECTORS, timeout=600)
    await connection.execute("create unique index on bench_vectors (number)")
    words = [line.split() for line in _WORDS]
    for first, last, owners in (
        (1, MEMORIES_EACH, ids),
        *((MEMORIES_EACH + 1, own, [ids[-at]]) for at, own in enumerate(LARGER_COUNTS, 1)),
    ):
        for start in range(first, last + 1, MEMORIES_EACH // 10):
            until = min(start + MEMORIES_EACH // 10 - 1, last)
            await connection.execute(_MEMORIES, start, until, owners, *words, timeout=3600)
    await connection.execute("vacuum analyze public.memories", timeout=3600)
    await connection.execute("set session_replication_role = origin")
    return {MEMORIES_EACH: ids[0]} | {own: ids[-at] for at, own in enumerate(LARGER_COUNTS, 1)}


@dataclass(frozen=True)
class _Question:
    vector: list[float]
    text: str

    @property
    def literal(self) -> str:
        return EmbeddedText(self.text, self.vector, _MODEL).literal


def _questions(count: int) -> list[_Question]:
    chance = random.Random(7)  # noqa: S311  # the same questions each time
    words = [line.split() for line in _WORDS]
    return [
        _Question(
            [chance.gauss(0, 1) for _ in range(DIMENSIONS)],
            f"Shall I {chance.choice(words[0])} with my {chance.choice(words[3])} in the {chance.choice(words[2])}?",
        )
        for _ in range(count)
    ]


async def _measured(connection: asyncpg.Connection, owner: UUID, own: int) -> dict[str, str]:
    await act_as(connection, owner)
    questions = _questions(QUESTIONS)
    recalls = [await _recall(connection, owner, question) for question in questions[:CHECKED]]
    took = []
    process = Path(f"/proc/{await connection.fetchval('select pg_backend_pid()')}/schedstat")
    before = _processor_ms(process)
    sql = "select id, content from public.match_memories($1, $2, $3)"
    for question in questions:
        started = time.perf_counter()
        found = await connection.fetch(sql, question.literal, question.text, _MODEL)
        took.append((time.perf_counter() - started) * 1000)
        assert len(found) == 8
    cuts = statistics.quantiles(took, n=20)
    busy = (_processor_ms(process) - before) / len(questions)
    await connection.execute("reset role")
    return {
        "own memories": f"{own:,}",
        "recall@10": f"{statistics.mean(recalls):.3f}",
        "p50 ms": f"{statistics.median(took):.2f}",
        "p95 ms": f"{cuts[-1]:.2f}",
        "slowest ms": f"{max(took):.2f}",
        "CPU ms": f"{busy:.2f}",
    }


def _processor_ms(process: Path) -> float:
    # What the machine's other work does not change; only Linux tells.
    return int(process.read_text().split()[0]) / 1e6 if process.exists() else 0.0


async def _recall(connection: asyncpg.Connection, owner: UUID, question: _Question) -> float:
    """How many of the ten truly nearest are found: against every vector of the person, compared here and not there."""
    sql = "select id, similarity from public.match_memories($1, '', $2, 50) order by similarity desc, id limit 10"
    found = {row["id"] for row in await connection.fetch(sql, question.literal, _MODEL)}
    await connection.execute("reset role")
    rows = await connection.fetch(
        "select id, embedding::real[] as vector from public.memories where user_id = $1", owner, timeout=60
    )
    target = await connection.fetchval("select private.unit_vector($1)::real[]", question.literal)
    await connection.execute("set role authenticated")
    nearest = sorted(rows, key=lambda row: -_cosine(row["vector"], target))[:10]
    return len(found & {row["id"] for row in nearest}) / 10


def _cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return float(sum(map(mul, one, other)) / (sum(map(mul, one, one)) * sum(map(mul, other, other))) ** 0.5)


async def _plan(connection: asyncpg.Connection, owner: UUID) -> list[str]:
    [question] = _questions(1)
    sql = _SCAN.replace("$1", f"'{owner}'").replace("$2", f"'{question.literal}'")
    return [row[0][:160] for row in await connection.fetch(sql)]


async def _main() -> None:
    with tempfile.TemporaryDirectory() as name:
        await bench_memories(Path(name))


if __name__ == "__main__":
    asyncio.run(_main())
