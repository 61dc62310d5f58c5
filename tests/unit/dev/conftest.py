"""A gateway that the tests of one module share."""

from collections.abc import AsyncIterator

import pytest

from tests.support.gateway_local import LocalGateway, local_gateway


@pytest.fixture(scope="module")
async def shared_gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalGateway]:
    async with local_gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest.fixture
def gateway(shared_gateway: LocalGateway) -> LocalGateway:
    """A gateway whose upstream has not been asked anything yet."""
    shared_gateway.upstream.requests.clear()
    return shared_gateway
