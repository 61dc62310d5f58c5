"""A request that the database puts off, because one person has too many at once, is sent again until its deadline."""

import json
import time
from typing import Any

import pytest

from src.core.errors import RateLimited
from src.core.http_client import Answer, HttpClient
from src.core.rest import RestClient
from src.core.trace import Trace

BUSY = Answer(429, {"retry-after": "1"}, json.dumps({"code": "53300", "message": "Too many at once."}).encode())
TOO_FAST = Answer(429, {"retry-after": "1"}, json.dumps({"code": "PT429", "message": "Too fast."}).encode())
DONE = Answer(200, {}, b"[]")


class Scripted(HttpClient):
    """Gives these answers, one a request; the last one for ever."""

    def __init__(self, *answers: Answer) -> None:
        self.timeout = 60
        self.answers = list(answers)
        self.asked = 0

    async def send(self, *_: Any, **__: Any) -> Answer:
        self.asked += 1
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def _post(http: HttpClient, deadline: float | None = None) -> Answer:
    return await RestClient(http, {}).send("POST", "/", headers={}, json={}, deadline=deadline, trace=Trace(None))


async def test_it_is_sent_again() -> None:
    http = Scripted(BUSY, BUSY, DONE)
    assert await _post(http) == DONE
    assert http.asked == 3


async def test_it_is_given_up_when_no_time_is_left() -> None:
    http = Scripted(BUSY)
    with pytest.raises(RateLimited, match="Too many at once"):
        await _post(http, time.perf_counter() + 0.5)
    assert http.asked == 1


async def test_too_many_writes_are_not_sent_again() -> None:
    http = Scripted(TOO_FAST, DONE)
    with pytest.raises(RateLimited, match="Too fast"):
        await _post(http)
    assert http.asked == 1
