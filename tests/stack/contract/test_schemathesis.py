"""Schemathesis over the whole contract, on a real server with a real database: as two people, good data and bad.

SCHEMATHESIS_EXAMPLES raises the number of examples for each operation.
"""

import asyncio
import os
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from dev.stack import Stack
from tests.support.jobs import forget_jobs
from tests.support.people import PASSWORD
from tests.support.server import ApiServer
from tools.openapi.document import build

EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "12"))

# A file is a string of bytes, whatever it is called.
for media_type in (
    "text/csv",
    "application/csv",
    "application/gzip",
    "application/vnd.ms-excel",
    "application/vnd.ant.fit",
):
    schemathesis.serializer.alias(media_type, "application/octet-stream")

schema = schemathesis.openapi.from_dict(build())
schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
load_all_checks()
# Not positive_data_acceptance: rules that only the database knows (an exercise's kind, a taken name) refuse what the
# schema allows. Not unsupported_method: whoever has no token is told so first. Not use_after_free, ignored_auth and
# object_level_authorization: test_two_people.py has a case for every operation, writes included.
CHECKED = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "negative_data_rejection",
        "missing_required_header",
        "allow_header_conformance",
    ]
)


def signed_up(stack: Stack) -> dict[str, Any]:
    """The session of a new person."""
    answer = httpx.post(
        f"{stack.supabase_url}/auth/v1/signup",
        headers={"apikey": stack.publishable_key},
        json={"email": f"{os.urandom(8).hex()}@people.example", "password": PASSWORD},
    )
    session: dict[str, Any] = answer.raise_for_status().json()
    return session


@pytest.fixture(scope="module")
def people(stack: Stack) -> Iterator[list[requests.Session]]:
    """Two people, each with a connection that stays open: there are thousands of requests."""
    accounts = [signed_up(stack) for _ in range(2)]
    sessions = [requests.Session() for _ in accounts]
    for session, account in zip(sessions, accounts, strict=True):
        session.trust_env = False
        session.headers["Authorization"] = f"Bearer {account['access_token']}"
    yield sessions
    for session in sessions:
        session.close()
    asyncio.run(forget_jobs(stack, [account["user"]["id"] for account in accounts]))


# Removing the account would take the ground from the other operations; test_two_people.py removes one.
@schema.exclude(operation_id="deleteAccount").parametrize()
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    database=None,
)
def test_every_operation_keeps_the_contract(case: Any, api_server: ApiServer, people: list[requests.Session]) -> None:
    for session in people:
        response = case.call(base_url=api_server.url, session=session)
        case.validate_response(response, checks=CHECKED)
