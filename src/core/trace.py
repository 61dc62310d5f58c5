"""What one request leaves behind: its id, the time its parts took, and who asked."""

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from secrets import token_hex

_VALID_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Trace:
    """Measures one request. Times are seconds inside and milliseconds in headers and logs."""

    __slots__ = ("request_id", "spans", "started", "status", "user")

    def __init__(self, sent_id: str | None) -> None:
        # An id the caller sent is kept, so that one id follows a request through several services.
        self.request_id = sent_id if sent_id and _VALID_ID.fullmatch(sent_id) else token_hex(16)
        self.started = time.perf_counter()
        self.spans: dict[str, float] = {}
        self.user: str | None = None
        self.status = 0  # of the answer; 0 while it has not begun

    @contextmanager
    def span(self, name: str) -> Iterator[None]:
        """Adds the time inside the block to the part `name` (auth, db, ai)."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.add(name, started)

    def add(self, name: str, started: float) -> None:
        """Adds the time since `started` (perf_counter) to the part `name`."""
        self.spans[name] = self.spans.get(name, 0.0) + time.perf_counter() - started

    def set_user(self, user_id: str) -> None:
        """Keeps a hash of the user's id: logs join a person's lines without naming the person."""
        self.user = hashlib.sha256(user_id.encode()).hexdigest()[:16]

    @property
    def elapsed_ms(self) -> float:
        return (time.perf_counter() - self.started) * 1000

    def server_timing(self) -> str:
        """The Server-Timing header: milliseconds per part, and in all."""
        parts = [f"{name};dur={seconds * 1000:.1f}" for name, seconds in self.spans.items()]
        return ", ".join([*parts, f"total;dur={self.elapsed_ms:.1f}"])
