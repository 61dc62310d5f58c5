"""`python -m bench.attacker KIND PORT TOKEN`: one attack, in a process of its own, until it is ended."""

import asyncio
import itertools
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

CALLERS: Final = 64
IDLE: Final = 2000
SLOW: Final = 500
_ADDRESSES: Final = 20  # of the loopback: one has only so many connections
_READS: Final = ("plans?per_page=100", "stats/volume", "exercises?q=bench", "stats/calendar", "workouts")


async def _connect(port: int, number: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = f"127.0.0.{2 + number % _ADDRESSES}"
    while True:
        try:
            return await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0), family=socket.AF_INET)
        except OSError:
            await asyncio.sleep(0.1)


async def idle(port: int, token: str, number: int) -> None:  # noqa: ARG001  # all attacks are called alike
    """Connects, says nothing, and connects again."""
    while True:
        reader, writer = await _connect(port, number)
        await _until_end(reader)
        writer.close()


async def slow(port: int, token: str, number: int) -> None:  # noqa: ARG001
    """Sends a header each half second and never comes to an end."""
    while True:
        reader, writer = await _connect(port, number)
        writer.write(b"GET /api/v1/plans HTTP/1.1\r\nhost: a\r\n")
        over = asyncio.ensure_future(_until_end(reader))
        while not over.done():
            writer.write(b"x: y\r\n")
            await asyncio.wait([over], timeout=0.5)
        writer.close()


async def account(port: int, token: str, number: int) -> None:
    """Reads as fast as it can, whatever is answered."""
    for turn in itertools.count(number):
        path = _READS[turn % len(_READS)]
        headers = f"host: a\r\nauthorization: Bearer {token}\r\nconnection: close"
        reader, writer = await _connect(port, number)
        writer.write(f"GET /api/v1/{path} HTTP/1.1\r\n{headers}\r\n\r\n".encode())
        await _until_end(reader)
        writer.close()


async def _until_end(reader: asyncio.StreamReader) -> None:
    try:
        async for _ in _pieces(reader):
            pass
    except OSError:
        return


async def _pieces(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while piece := await reader.read(65536):
        yield piece


ATTACKS: Final[dict[str, tuple[Callable[[int, str, int], Awaitable[None]], int]]] = {
    "idle": (idle, IDLE),
    "slow": (slow, SLOW),
    "account": (account, CALLERS),
}


async def main(kind: str, port: int, token: str) -> None:
    attack, count = ATTACKS[kind]
    await asyncio.gather(*(attack(port, token, number) for number in range(count)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
