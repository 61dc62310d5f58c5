"""Restarts one child process whenever it ends, and reports each crash in one line."""

import asyncio
import time
from typing import Final

from dev.child import Child
from dev.failure import StackError
from dev.log import LogHandler

MIN_UPTIME: Final = 10.0  # seconds: a child that ends sooner counts as a failed start
MAX_FAILED_STARTS: Final = 5  # in a row before we give up
MAX_PAUSE: Final = 5.0  # seconds before another try


class RestartSupervisor:
    """Watches a running child until cancelled.

    With `waits_for_change`, a child that keeps failing is left alone until `restart` instead of failing `run`.
    """

    def __init__(self, child: Child, log_handler: LogHandler, *, waits_for_change: bool = False) -> None:
        self.child = child
        self._log_handler = log_handler
        self._waits_for_change = waits_for_change
        self._changed = asyncio.Event()
        self._lock = asyncio.Lock()
        self._failed_starts = 0

    async def run(self) -> None:
        """Start the child again whenever it ends. StackError after too many failed starts in a row."""
        while True:
            started = time.monotonic()
            how = await self.child.exited()
            async with self._lock:
                if self.child.running:
                    continue  # `restart` was faster
                self._failed_starts = self._failed_starts + 1 if time.monotonic() - started < MIN_UPTIME else 1
                if self._failed_starts < MAX_FAILED_STARTS:
                    await self._start_again(how)
                    continue
                self._give_up(how)
                self._changed.clear()
            await self._changed.wait()

    async def restart(self) -> None:
        """Start the child from its changed source, also after it was given up on."""
        self._changed.set()
        async with self._lock:
            self._failed_starts = 0
            await self.child.stop()
            await self.child.start()

    async def _start_again(self, how: str) -> None:
        pause = min(0.2 * 2 ** (self._failed_starts - 1), MAX_PAUSE)
        self._log_handler("stack", f"{self.child.name} {how}; starting it again in {pause:.1f} s")
        await asyncio.sleep(pause)
        await self.child.start()

    def _give_up(self, how: str) -> None:
        summary = f"{self.child.name} {how}, {MAX_FAILED_STARTS} times in a row"
        if not self._waits_for_change:
            raise StackError(f"{summary}; {self.child.last_words()}")
        self._log_handler("stack", f"{summary}; it starts again when a source file changes")
