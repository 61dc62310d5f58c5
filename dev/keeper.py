"""Keeps one child running: a crash is reported in one line and the child started again."""

import asyncio
import time
from typing import Final

from dev.child import Child
from dev.failure import StackError
from dev.log import Sink

QUICK: Final = 10.0  # seconds: a child that ends sooner after its start did not really start
PATIENCE: Final = 5  # quick ends in a row before we give up
LONGEST_PAUSE: Final = 5.0  # seconds before another try


class Keeper:
    """Watches a running child until cancelled.

    With `waits_for_change`, a child that keeps ending is left alone until `renew` instead of failing `keep`.
    """

    def __init__(self, child: Child, sink: Sink, *, waits_for_change: bool = False) -> None:
        self.child = child
        self._sink = sink
        self._waits = waits_for_change
        self._changed = asyncio.Event()
        self._busy = asyncio.Lock()
        self._quick_ends = 0

    async def keep(self) -> None:
        """Start the child again whenever it ends. StackError after too many ends in a row."""
        while True:
            started = time.monotonic()
            how = await self.child.exited()
            async with self._busy:
                if self.child.running:
                    continue  # it was started anew on purpose
                self._quick_ends = self._quick_ends + 1 if time.monotonic() - started < QUICK else 1
                if self._quick_ends < PATIENCE:
                    await self._again(how)
                    continue
                self._give_up(how)
                self._changed.clear()
            await self._changed.wait()

    async def renew(self) -> None:
        """The child's source changed: start it anew, also when it was given up on."""
        self._changed.set()
        async with self._busy:
            self._quick_ends = 0
            await self.child.stop()
            await self.child.start()

    async def _again(self, how: str) -> None:
        pause = min(0.2 * 2 ** (self._quick_ends - 1), LONGEST_PAUSE)
        self._sink("stack", f"{self.child.name} {how}; starting it again in {pause:.1f} s")
        await asyncio.sleep(pause)
        await self.child.start()

    def _give_up(self, how: str) -> None:
        often = f"{self.child.name} {how}, {PATIENCE} times in a row"
        if not self._waits:
            raise StackError(f"{often}; {self.child.last_words()}")
        self._sink("stack", f"{often}; it starts again when a source file changes")
