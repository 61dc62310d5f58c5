"""What tests on the local stack share."""

import logging

import pytest
import structlog


@pytest.fixture(autouse=True)
def quiet_logs(logs_of_its_own: None) -> None:
    """The application that tests share says as little as its settings want, whatever another one configured since."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
