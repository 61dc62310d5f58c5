"""Removing an account when the auth service does not manage it at once."""

from uuid import uuid4

import pytest

from src.core.config import Settings
from src.core.errors import AppError
from src.core.http_client import HttpClient, build_client
from src.core.rest import RestClient
from src.core.service_gateway import ServiceGateway
from src.core.trace import Trace
from tests.support.upstreams import Exchange, scripted


async def asked(*statuses: int) -> int:
    """How often the auth service is asked, when it answers with these; raises what the deletion raises."""
    left = list(statuses)

    async def script(exchange: Exchange) -> None:
        await exchange.answer(left.pop(0), b"{}")

    async with scripted(script) as server, build_client() as client:
        settings = Settings.model_validate(
            {
                "supabase_url": server.url,
                "supabase_publishable_key": "sb_publishable_x",
                "supabase_secret_key": "sb_secret_x",
            }
        )
        await ServiceGateway(RestClient(HttpClient(client, timeout=30), {}), settings, Trace(None)).delete_account(
            uuid4()
        )
    return len(statuses) - len(left)


@pytest.mark.parametrize("status", [200, 204, 404])
async def test_what_is_gone_is_asked_for_once(status: int) -> None:
    assert await asked(status, 500) == 1


async def test_a_deletion_that_lost_against_a_write_is_tried_again() -> None:
    assert await asked(500, 200) == 2


async def test_a_service_that_is_down_is_said_to_be() -> None:
    with pytest.raises(AppError):
        await asked(503, 503)
    with pytest.raises(AppError):
        await asked(403)
