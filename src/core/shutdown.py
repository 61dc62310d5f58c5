"""Tells long work, such as an event stream, that the process is to end."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Shutdown:
    """Set once the process is to end, before the server closes its connections."""

    def __init__(self) -> None:
        self._requested = asyncio.Event()

    @property
    def is_requested(self) -> bool:
        return self._requested.is_set()

    async def wait(self, seconds: float) -> bool:
        """Waits this long, or until the process is to end. Returns whether it is."""
        try:
            await asyncio.wait_for(self._requested.wait(), seconds)
        except TimeoutError:
            return False
        return True

    def request(self) -> None:
        self._requested.set()

    @contextmanager
    def on_signals(self, *, pass_on: bool) -> Iterator[None]:
        """Listens to SIGTERM and SIGINT; `pass_on` to whoever listened before, such as the server."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in _SIGNALS}

        def handle(number: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._requested.set)
            earlier = before[signal.Signals(number)]
            if pass_on and callable(earlier):
                earlier(number, frame)

        for number in _SIGNALS:
            signal.signal(number, handle)
        try:
            yield
        finally:
            for number, earlier in before.items():
                if signal.getsignal(number) is handle:
                    signal.signal(number, earlier)
