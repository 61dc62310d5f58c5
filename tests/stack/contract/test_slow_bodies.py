"""A body that takes long to arrive: that is the phone's time, not the database's."""

import json
import time
from collections.abc import AsyncIterator

import pytest

from tests.support.people import Person

AN_HOUR = 3600.0
BODIES = {
    "a plan": ("/api/v1/plans", json.dumps({"name": "Sent slowly"}), 201),
    "an account": ("/api/v1/users/me/import", json.dumps({"format": "slow-burn", "version": 1, "profile": {}}), 202),
    "a file": ("/api/v1/workouts/import", "Date,Workout Name,Exercise Name,Set Order,Weight,Reps\n", 202),
}


@pytest.mark.parametrize(("path", "body", "status"), BODIES.values(), ids=BODIES)
async def test_what_arrives_late_is_taken(
    path: str, body: str, status: int, ana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, late = time.perf_counter, 0.0

    async def slowly() -> AsyncIterator[bytes]:
        nonlocal late
        yield body[:5].encode()
        late = AN_HOUR
        yield body[5:].encode()

    monkeypatch.setattr(time, "perf_counter", lambda: clock() + late)
    media = "text/csv" if path.endswith("workouts/import") else "application/json"
    response = await ana.post(path, content=slowly(), headers={"Content-Type": media})
    assert response.status_code == status, response.text
    if "jobs" in response.headers["location"]:
        assert (await ana.delete(response.headers["location"])).status_code == 204
