"""Tests that take `kind` are run for workout plans and for meal plans."""

import pytest

from tests.support.plan_kinds import KINDS, PlanKindCase


@pytest.fixture(params=KINDS, ids=str)
def kind(request: pytest.FixtureRequest) -> PlanKindCase:
    case: PlanKindCase = request.param
    return case
