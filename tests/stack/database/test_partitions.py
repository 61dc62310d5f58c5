"""docs/scaling.md holds: with the largest tables in partitions by person, keys, policies and functions are the same."""

from pathlib import Path

from dev.stack import Options, Stack
from tests.support.cases import each_case
from tools.partitions import PARTITIONS, TABLES, write_project
from tools.pgtap import failures, pgtap_files, run_file


async def test_all_pgtap_files_pass_on_partitioned_tables(tmp_path: Path) -> None:
    write_project(tmp_path / "supabase")
    options = Options(tmp_path / "data", durable=False, supabase_dir=tmp_path / "supabase")
    async with Stack(options) as stack, stack.cluster.connect("postgres") as connection:
        parts = "select count(*) from pg_inherits where inhparent = any($1::text[]::regclass[]::oid[])"
        tables = [f"public.{table}" for table in TABLES]
        assert await connection.fetchval(parts, tables) == PARTITIONS * len(TABLES)
        with each_case() as case:
            for path in pgtap_files():
                with case(path.stem):
                    assert failures(await run_file(path, stack.admin_database_url)) == []
