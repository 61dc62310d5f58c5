"""`poe bench`: what the API costs on top of PostgREST, in one run on this machine. Prints tables; asserts nothing."""

import asyncio
import tempfile
from pathlib import Path

from bench.requests import bench_requests
from bench.startup import bench_startup
from bench.table import print_table
from bench.tokens import bench_tokens
from dev.stack import Options, Stack


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with Stack(Options(Path(folder) / "data", durable=False)) as stack:
            print_table("Start and memory (one process, no stack needed)", await bench_startup(stack))
            print_table("Verifying an access token", await bench_tokens(stack))
            for title, rows in await bench_requests(stack):
                print_table(title, rows)


if __name__ == "__main__":
    asyncio.run(main())
