"""A plan that has been outgrown."""

from typing import Any

import pytest

from tests.support.adaptation import bench_plan, press
from tests.support.people import Person


@pytest.fixture
async def plan(ana: Person) -> dict[str, Any]:
    """A plan of Ana's that she has outgrown."""
    plan = await bench_plan(ana)
    await press(ana, plan, 2, 10, 10, 10)
    return plan
